"""Our node before the whole format: every scenario of every group, and the report that it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assurance.record import trial as noted
from tests.conformance.conftest import Nodes
from veta.conformance.catalogue import chosen, every_scenario, scenarios
from veta.conformance.domain.scenario import Group
from veta.conformance.engine import Outcome
from veta.conformance.writing import write_report

MEANT = 180  # seconds that the usual scenarios are meant to take; a machine may be ten times as slow


def wrong(outcomes: list[Outcome]) -> dict[str, list[str]]:
    return {each.scenario.id: list(each.faults) for each in outcomes if not each.passed}


def test_our_node_passes_the_smoke_of_each_group_and_leaves_its_report(nodes: Nodes, tmp_path: Path) -> None:
    smoke = [each for each in scenarios() if each.smoke]
    assert {each.group for each in smoke} == set(Group)
    with nodes.forked() as trial:
        outcomes = trial.run(smoke)
        assert wrong(outcomes) == {}
        report = trial.report(outcomes)
    assert report["passed"] == report["of"] == len(smoke)
    assert all(each["exchanges"] and each["steps"] for each in report["scenarios"])
    assert len(write_report(report, tmp_path)) == 5


def test_our_node_keeps_ten_movements_a_second_for_twenty_seconds(nodes: Nodes) -> None:
    with nodes.forked() as trial:
        (outcome,) = trial.run(chosen(ids=["rendimiento-02"]))
    assert list(outcome.faults) == []


@pytest.mark.chaos
def test_our_node_passes_every_scenario_the_long_ones_too(nodes: Nodes) -> None:
    every = every_scenario()
    with noted("conformance", n=len(every), seed=1) as figures, nodes.forked() as trial:
        outcomes = trial.run(every)
        usual = sum(each.took for each in outcomes if not each.scenario.long)
        figures |= {"scenarios_s": round(sum(each.took for each in outcomes), 1), "usual_s": round(usual, 1)}
    assert wrong(outcomes) == {}
    assert usual < 10 * MEANT, "the usual scenarios are for each build of a candidate"
