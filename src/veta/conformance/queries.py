"""What other slices read of the test format."""

import json
from collections.abc import Mapping

from veta.calls.domain.report import Whole, said_by
from veta.conformance.catalogue import every_scenario, suite_digest
from veta.conformance.domain.scenario import Group, Scenario
from veta.conformance.shown import as_json
from veta.conformance.telling import answers_of, faults_of, seen_of
from veta.conformance.writing import FILES

__all__ = ["FORMS", "answers_of", "as_json", "by_group", "faults_of", "report_as", "seen_of", "suite_digest", "whole"]

# The forms in which a report that is kept can be had beside its JSON, and the kind of each.
FORMS: Mapping[str, str] = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "xml": "application/xml",
}  # fmt: skip


def by_group() -> list[tuple[Group, list[Scenario]]]:
    """Every scenario, the long ones too, under its group in the format's order."""
    return [(group, [each for each in every_scenario() if each.group is group]) for group in Group]


def whole() -> Whole:
    """The format as it stands, by which a report handed in at the call is measured: a round runs all of it."""
    every = every_scenario()
    automatic = frozenset(each.id for each in every if each.automatic)
    return Whole(suite_digest(), frozenset(each.id for each in every), automatic)


def report_as(content: bytes, form: str) -> bytes | None:
    """A report that was handed in, in another form; None for no such form, or a report that is not as the suite writes
    it: it may come from outside."""
    if form not in FORMS or said_by(content) is None:
        return None
    try:
        return FILES[f"report.{form}"](json.loads(content))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
