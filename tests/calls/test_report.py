"""What the suite's report says of itself, as a call reads it: its round, how many scenarios passed, or nothing."""

import json
from datetime import UTC, datetime

import pytest

from veta.calls.domain.report import Said, said_by
from veta.conformance.domain.report import About, report_of


def test_a_report_as_the_suite_writes_it() -> None:
    about = About("Candidato", "1.0", "DEMO-AND", 7, "1.0", datetime(2026, 5, 20, tzinfo=UTC), round=2)
    made = report_of(about, [])
    assert said_by(json.dumps(made).encode()) == Said(2, 0, 0)


@pytest.mark.parametrize(
    "content",
    [
        b'{"suite": "otra", "round": 1, "passed": 60, "of": 62}',
        b'{"schema": "veta-conformance-report-v1", "round": "1", "passed": 60, "of": 62}',
        b'{"schema": "veta-conformance-report-v1", "round": 1, "passed": -1, "of": 62}',
        b'{"schema": "veta-conformance-report-v1", "round": 1}',
    ],
)
def test_another_report_says_nothing(content: bytes) -> None:
    assert said_by(content) is None
