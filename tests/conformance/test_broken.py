"""Each broken candidate is caught by the scenario that is meant for it, and nothing else fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.assurance.record import trial as noted
from tests.conformance.broken import BROKEN, Broken
from tests.conformance.conftest import Nodes
from veta.conformance.catalogue import chosen, scenarios
from veta.conformance.domain.scenario import Group, Scenario

AT_ONCE = 6
Wanted = dict[str, list[Scenario]]
Matrix = dict[str, dict[str, list[str]]]


def tried(nodes: Nodes, candidate: Broken, wanted: list[Scenario]) -> dict[str, list[str]]:
    """What failed, and how. After a failure the rest meets a node begun anew: nothing left undone is in its way."""
    failed, left = {}, list(wanted)
    while left:
        with nodes.forked(*candidate.faults) as trial:
            while left:
                outcome = trial.run_one(left.pop(0))
                if not outcome.passed:
                    failed[outcome.scenario.id] = list(outcome.faults)
                    break
    return failed


def matrix(nodes: Nodes, wanted: Wanted, *, at_once: int = AT_ONCE) -> Matrix:
    """By candidate, what failed of what it was tried with."""
    with ThreadPoolExecutor(at_once) as pool:
        return dict(zip(wanted, pool.map(lambda each: tried(nodes, each, wanted[each.name]), BROKEN), strict=True))


def elsewhere(candidate: Broken, failed: dict[str, list[str]]) -> dict[str, list[str]]:
    return {id: said for id, said in failed.items() if id not in (candidate.caught_by, *candidate.also)}


def judged(found: Matrix) -> list[str]:
    """What is wrong with the suite: a defect that went uncaught, or was caught by who is not meant for it."""
    wrong = []
    for candidate in BROKEN:
        failed = found[candidate.name]
        if candidate.caught_by not in failed:
            wrong.append(f"«{candidate.name}» was not caught by {candidate.caught_by}")
        if others := elsewhere(candidate, failed):
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
    assert judged(matrix(nodes, wanted)) == []


@pytest.mark.chaos
def test_each_is_caught_and_fails_in_nothing_else_of_the_whole_format(nodes: Nodes) -> None:
    """What is judged by the clock runs with nothing else beside it, and so does again what failed where it should not:
    what passes then failed by the load of the others."""
    paced = [each for each in scenarios() if each.group is Group.PERFORMANCE]
    others = [each for each in scenarios() if each.group is not Group.PERFORMANCE]
    with noted("conformance: broken candidates", n=len(BROKEN) * len(scenarios()), seed=1) as figures:
        found = matrix(nodes, {each.name: others for each in BROKEN})
        for name, failed in matrix(nodes, {each.name: paced for each in BROKEN}, at_once=1).items():
            found[name] |= failed
        doubtful = {each.name: sorted(elsewhere(each, found[each.name])) for each in BROKEN}
        again = matrix(nodes, {name: chosen(ids=ids) if ids else [] for name, ids in doubtful.items()}, at_once=1)
        for name, ids in doubtful.items():
            for id in set(ids) - again[name].keys():
                del found[name][id]
        figures |= {name: sorted(failed) for name, failed in found.items()}
        figures["only beside others"] = {name: ids for name, ids in doubtful.items() if set(ids) - again[name].keys()}
        assert judged(found) == []


@pytest.mark.parametrize("each", BROKEN, ids=lambda each: each.name)
def test_the_module_still_says_what_is_changed(each: Broken) -> None:
    for fault in each.faults:
        compile(fault.text(), fault.module, "exec")


def test_there_are_enough_of_them_and_each_name_is_one() -> None:
    assert len({each.name for each in BROKEN}) == len(BROKEN) >= 20
    known = {each.id for each in scenarios()}
    assert all({each.caught_by, *each.also} <= known for each in BROKEN)
