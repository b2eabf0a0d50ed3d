"""A check tells who may not see it nothing of what a person has left: no quantity, tried as often as one likes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.movements.test_road_and_intake import intake
from tests.movements.world import World, as_json, codes
from veta.kernel.ids import uuid7
from veta.kernel.period import quarter_of
from veta.movements.queries.excess import excess
from veta.storage.connection import plain_cursor


@pytest.fixture
def world(db: Any) -> World:
    return World().build(both=False)


@pytest.fixture
def buyers(world: World) -> UUID:
    """An operator with the trader's mandate alone."""
    operator = uuid7()
    world.mandate(world.actors["trader"], operator)
    return operator


def checked(world: World, operator: UUID, *quantities: str) -> list[set[str]]:
    asked = [world.purchase(quantity) for quantity in quantities]
    submission = world.submission(*asked, operator=operator)
    world.run(submission, dry=True)
    return [codes(as_json(result)) & {"QUO-002", "QUO-003", "QUO-004"} for result in submission.results]


def test_bisecting_what_is_left_of_a_person_gives_the_same_answer_to_every_quantity(world: World, buyers: UUID) -> None:
    untouched = checked(world, buyers, "1", "20", "34.999", "35", "35.001", "419", "420", "420.001")
    world.send(world.purchase("30.000"))
    assert checked(world, buyers, "1", "20", "34.999", "35", "35.001", "419", "420", "420.001") == untouched
    assert untouched[-1] == {"QUO-002", "QUO-003"}  # more than the whole cap, which the norm makes public
    assert untouched[:4] == [set()] * 4
    assert checked(world, buyers, *["1"] * 100) == [set()] * 100  # nor does a long batch add up to it
    assert checked(world, world.operator, "5.001")[0] == {"QUO-002"}  # the miner's own operator sees it


def test_a_report_still_counts_exactly_and_a_cap_used_up_is_said(world: World, buyers: UUID) -> None:
    world.send(world.purchase("400.000"))
    (refused,) = world.send(world.purchase("20.001"), operator=buyers)
    assert (refused["verdict"]["status"], "QUO-003" in codes(refused)) == ("rejected", True)
    assert checked(world, buyers, "20.001")[0] == {"QUO-002"}  # the month's 35 g are used up
    world.send(world.purchase("20.000"))
    assert checked(world, buyers, "0.001")[0] == {"QUO-002", "QUO-003"}


def test_whoever_has_no_mandate_of_the_reporter_is_told_of_no_quota(world: World) -> None:
    """Nor does its refused report count as an attempt to exceed: it would put that into another's dossier."""
    stranger = uuid7()
    results = world.send(world.production("99999999.000"), world.purchase("421.000"), operator=stranger)
    assert [codes(result) & {"MAN-001", "QUO-001", "QUO-003"} for result in results] == [{"MAN-001"}] * 2
    assert excess(plain_cursor(), quarter_of(world.now.date())) == []


def test_bisecting_the_year_of_a_title_that_is_anothers_gives_the_same_answer_to_every_quantity(
    world: World, buyers: UUID
) -> None:
    """Who takes in what a title produced before it was obliged is no holder of it."""

    def told(*quantities: str) -> list[set[str]]:
        submission = world.submission(*(intake(world, f"CO-{q}", q) for q in quantities), operator=buyers)
        world.run(submission, dry=True)
        return [codes(as_json(result)) & {"QUO-001", "QUO-004"} for result in submission.results]

    quantities = ("1", "1999.999", "2000", "2000.001", "500000", "999999.999", "1000000", "1000000.001")
    untouched = told(*quantities)
    used = world.send(intake(world, "CO-USADO", "998000"))[0]
    assert used["verdict"]["status"] == "accepted", used
    assert told(*quantities) == untouched == [set()] * 7 + [{"QUO-001"}]
    (refused,) = world.send(intake(world, "CO-EXCEDE", "2000.001"), operator=buyers)
    assert (refused["verdict"]["status"], codes(refused) & {"QUO-001"}) == ("rejected", {"QUO-001"})
