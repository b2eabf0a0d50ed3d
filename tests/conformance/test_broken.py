"""Each broken candidate is caught by the scenario that is meant for it, and nothing else fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.broken import BROKEN, Broken
from tests.conformance.conftest import Nodes
from veta.conformance.catalogue import chosen, scenarios
from veta.conformance.domain.scenario import Scenario
from veta.conformance.engine import Outcome

AT_ONCE = 5


def tried(nodes: Nodes, candidate: Broken, wanted: list[Scenario]) -> tuple[Broken, list[Outcome]]:
    with nodes.forked(*candidate.faults) as trial:
        return candidate, trial.run(wanted)


def judged(nodes: Nodes, wanted: dict[str, list[Scenario]]) -> list[str]:
    """What is wrong with the suite: a defect that went uncaught, or was caught by who is not meant for it."""
    wrong = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for candidate, outcomes in pool.map(lambda each: tried(nodes, each, wanted[each.name]), BROKEN):
            failed = {each.scenario.id: list(each.faults) for each in outcomes if not each.passed}
            if candidate.caught_by not in failed:
                wrong.append(f"«{candidate.name}» was not caught by {candidate.caught_by}")
            others = {id: said for id, said in failed.items() if id not in (candidate.caught_by, *candidate.also)}
            if others:
                wrong.append(f"«{candidate.name}» fails elsewhere: {others}")
    return wrong


def test_each_is_caught_and_passes_the_smoke_of_every_group(nodes: Nodes) -> None:
    smoke = [each for each in scenarios() if each.smoke]
    wanted = {
        each.name: [
            # The one that is meant for it comes last: what it leaves undone is in nobody's way.
            *(one for one in smoke if one.id not in (each.caught_by, *each.also)),
            *chosen(ids=[each.caught_by]),
        ]
        for each in BROKEN
    }
    assert judged(nodes, wanted) == []


@pytest.mark.chaos
def test_each_is_caught_and_fails_in_nothing_else_of_the_whole_format(nodes: Nodes) -> None:
    assert judged(nodes, {each.name: list(scenarios()) for each in BROKEN}) == []


@pytest.mark.parametrize("each", BROKEN, ids=lambda each: each.name)
def test_the_module_still_says_what_is_changed(each: Broken) -> None:
    for fault in each.faults:
        compile(fault.text(), fault.module, "exec")


def test_there_are_enough_of_them_and_each_name_is_one() -> None:
    assert len({each.name for each in BROKEN}) == len(BROKEN) >= 20
    known = {each.id for each in scenarios()}
    assert all({each.caught_by, *each.also} <= known for each in BROKEN)
