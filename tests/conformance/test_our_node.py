"""Our node before the whole format: every scenario of every group, and the report that it leaves."""

from __future__ import annotations

from pathlib import Path

from tests.assurance.record import trial as noted
from tests.conformance.conftest import Nodes
from veta.conformance.catalogue import chosen, scenarios
from veta.conformance.writing import write_report


def test_our_node_passes_every_scenario(nodes: Nodes, tmp_path: Path) -> None:
    with noted("conformance", n=len(scenarios()), seed=1) as figures, nodes.forked() as trial:
        outcomes = trial.run(scenarios())
        assert {each.scenario.id: list(each.faults) for each in outcomes if not each.passed} == {}
        report = trial.report(outcomes)
        figures |= {"scenarios_s": round(sum(each.took for each in outcomes), 1)}
    assert report["passed"] == report["of"] == len(scenarios())
    assert all(each["exchanges"] and each["steps"] for each in report["scenarios"] if each["id"] != "seguridad-04")
    assert len(write_report(report, tmp_path)) == 5


def test_the_node_is_put_before_the_format_by_its_own_verb(nodes: Nodes) -> None:
    """`veta node driver`, as an operator opens it: the same node, started otherwise."""
    with nodes.trial(seed=2) as trial:
        (outcome,) = trial.run(chosen(ids=["captura-01"]))
    assert list(outcome.faults) == []
