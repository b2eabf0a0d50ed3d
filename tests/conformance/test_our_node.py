"""Our node before the whole format: every scenario of every group, and the evidence that it leaves."""

from __future__ import annotations

from tests.conformance.conftest import Nodes
from veta.conformance.catalogue import scenarios


def test_our_node_passes_every_scenario(nodes: Nodes) -> None:
    with nodes.trial() as trial:
        outcomes = trial.run(scenarios())
    wrong = {each.scenario.id: list(each.faults) for each in outcomes if not each.passed}
    assert wrong == {}
    took = sorted(((each.took, each.scenario.id) for each in outcomes), reverse=True)
    print([f"{id} {seconds:.1f}" for seconds, id in took[:12]], f"{sum(s for s, _ in took):.1f} s")
