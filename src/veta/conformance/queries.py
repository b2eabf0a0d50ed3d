"""What other slices read of the test format."""

from veta.calls.domain.report import Whole
from veta.conformance.catalogue import every_scenario, suite_digest
from veta.conformance.domain.scenario import Group, Scenario
from veta.conformance.shown import as_json
from veta.conformance.writing import answers_of, faults_of

__all__ = ["answers_of", "as_json", "by_group", "faults_of", "suite_digest", "whole"]


def by_group() -> list[tuple[Group, list[Scenario]]]:
    """Every scenario, the long ones too, under its group in the format's order."""
    return [(group, [each for each in every_scenario() if each.group is group]) for group in Group]


def whole() -> Whole:
    """The format as it stands, by which a report handed in at the call is measured: a round runs all of it."""
    every = every_scenario()
    automatic = frozenset(each.id for each in every if each.automatic)
    return Whole(suite_digest(), frozenset(each.id for each in every), automatic)
