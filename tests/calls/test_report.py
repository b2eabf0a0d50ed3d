"""What the suite's report says of itself, as a call reads it: its round, how many scenarios passed, or nothing."""

import json
from datetime import UTC, datetime

import pytest

from veta.calls.domain.report import Said, said_by
from veta.conformance.domain.report import About, report_of


def test_a_report_as_the_suite_writes_it() -> None:
    about = About("Candidato", "1.0", "DEMO-AND", 7, "1.0", datetime(2026, 5, 20, tzinfo=UTC), round=2)
    made = report_of(about, [])
    begun = {"candidate": "Candidato", "version": "1.0", "operator": "DEMO-AND", "seed": 7, "suite": "1.0",
             "scenarios": []}  # fmt: skip
    assert said_by(json.dumps(made).encode()) == Said(2, 0, 0, begun=begun)


@pytest.mark.parametrize("scenarios", [None, 5, {}, [1], [{"answers": 5}], [{"answers": [5]}], [{"id": [1]}]])
def test_a_report_of_another_shape_is_read_as_far_as_it_goes(scenarios: object) -> None:
    given = {"schema": "veta-conformance-report-v1", "round": 1, "passed": 60, "of": 62, "scenarios": scenarios}
    said = said_by(json.dumps(given).encode())
    assert said is not None
    assert (said.shown, said.adds_up, said.answers) == ("60 de 62", False, ())


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
