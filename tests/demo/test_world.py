"""The demonstration's world: how many there are, how one tells that they are fictitious, that plans suffice."""

from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from uuid import UUID, uuid4

import pytest
from stdnum.co import nit

from veta.demo.country import demo_country
from veta.demo.people import FIRST_CC, FIRST_NIT
from veta.demo.traffic.month import Month, days_of
from veta.demo.traffic.pen import Pen
from veta.demo.traffic.room import miner_quotas
from veta.demo.traffic.write import write_month
from veta.demo.world import World, build
from veta.kernel.period import bogota_date, contract_year_of
from veta.kernel.quantity import Fineness, amount_of
from veta.movements.domain.shape import read_item
from veta.norms.catalogue import catalogue

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
DEPARTMENTS = {"05", "15", "20", "25", "27"}


@pytest.fixture(scope="module")
def world() -> World:
    return build(demo_country(), seed=1)


@pytest.fixture(scope="module")
def titles(world: World) -> dict[str, UUID]:
    return {title.code: uuid4() for title in world.titles}


def month(world: World, titles: dict[str, UUID], *, seed: int = 1, percent: int = 100, now: datetime = NOW) -> Pen:
    return write_month(world, titles=titles, used={}, now=now, seed=seed, percent=percent)


def test_the_cast_is_of_the_size_that_is_said(world: World) -> None:
    sizes = [len(group) for group in (world.titles, world.miners, world.plants, world.traders, world.exporters)]
    assert sizes == [40, 300, 6, 12, 3]
    assert [code for code, _ in world.operators] == ["DEMO-A", "DEMO-B"]
    assert Counter(plant.published for plant in world.plants) == {True: 5, False: 1}
    assert [title.code for title in world.titles] == [f"DEMO-{n:03}" for n in range(1, 41)]


def test_every_actor_says_that_it_is_fictitious(world: World) -> None:
    everybody = [*world.parties(), *(actor for _, actor in world.operators)]
    assert all("(fictici" in actor.name and "demo" in actor.name.lower() for actor in everybody)
    assert len({actor.document for actor in everybody}) == len(everybody) == len({actor.id for actor in everybody})
    for actor in everybody:
        first = FIRST_NIT if actor.document.type == "NIT" else FIRST_CC
        assert 1 <= int(actor.document.number) - first <= 999
        if actor.document.type == "NIT":
            assert nit.is_valid(actor.document.number + actor.party["check"])


def test_it_lies_in_real_municipalities_of_five_departments(world: World) -> None:
    assert {actor.municipality[:2] for actor in world.parties()} == DEPARTMENTS
    assert {title.municipality[:2] for title in world.titles} == DEPARTMENTS


def test_the_same_seed_gives_the_same_world_and_another_gives_another(world: World) -> None:
    assert build(demo_country(), seed=1) == world
    assert build(demo_country(), seed=2) != world


def test_one_holder_and_the_plants_alone_may_be_reported_by_both_operators(world: World) -> None:
    both = [actor for actor in world.parties() if len(actor.operators) > 1]
    assert len([actor for actor in both if actor not in world.plants]) == 1
    assert all(plant in both for plant in world.plants)
    assert all(actor.operators for actor in world.parties())


@pytest.mark.parametrize("on", [date(2024, 7, 1), date(2026, 11, 21), date(2044, 1, 1)])
def test_a_plan_has_a_volume_for_each_contract_year(world: World, on: date) -> None:
    for title in world.titles:
        start = contract_year_of(on, anniversary=title.contract_date).start.isoformat()
        assert all(volumes[start] > 0 for volumes in title.volumes.values())


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_plans_cover_what_a_month_produces(world: World, titles: dict[str, UUID], seed: int) -> None:
    pen = month(world, titles, seed=seed)
    produced: Counter[tuple[str, str, str]] = Counter()
    for planned in pen.book.movements():
        if planned.body["kind"] == "production":
            title = next(t for t in world.titles if t.code == planned.body["origin"]["code"])
            mineral = planned.body["mineral"]
            line = mineral if mineral in title.volumes else next(iter(title.volumes))
            on = bogota_date(datetime.fromisoformat(planned.body["occurred_at"]))
            start = contract_year_of(on, anniversary=title.contract_date).start.isoformat()
            produced[title.code, line, start] += counted(planned.body)
    assert len({code for code, _, _ in produced}) == 40
    for (code, line, start), amount in produced.items():
        title = next(t for t in world.titles if t.code == code)
        assert amount <= title.volumes[line][start] // 6, "a month took over a sixth of its year"


def counted(body: dict) -> int:  # type: ignore[type-arg]
    mineral = catalogue().mineral(body["mineral"])
    assert mineral is not None
    amount = amount_of(body["quantity"], factor=mineral.factor)
    return Fineness.parse(body["fineness"]).fine(amount) if mineral.precious else amount


def test_no_miner_passes_his_month_of_35_fine_grams(world: World, titles: dict[str, UUID]) -> None:
    sold: Counter[tuple[str, str]] = Counter()
    for planned in month(world, titles).book.movements():
        if planned.body["kind"] == "subsistence_purchase" and planned.body["mineral"] == "oro":
            on = bogota_date(datetime.fromisoformat(planned.body["occurred_at"]))
            sold[planned.body["seller"]["number"], on.isoformat()[:7]] += counted(planned.body)
    assert max(sold.values()) <= 35_000


def test_a_miner_of_gold_has_room_for_35_fine_grams_a_month_and_420_a_year(world: World) -> None:
    quotas = miner_quotas(world.miners[0], date(2026, 11, 20))
    assert [quota.limit for quota in quotas] == [35_000, 420_000]


def test_every_movement_reads_and_lies_in_the_thirty_days_before_today(world: World, titles: dict[str, UUID]) -> None:
    pen = month(world, titles)
    ids = set()
    for planned in pen.book.movements():
        item = read_item(planned.body)
        ids.add(item.id)
        assert date(2026, 10, 22) <= bogota_date(item.occurred_at) <= date(2026, 11, 20)
        late = (NOW - item.occurred_at).total_seconds() > 5 * 86_400
        assert not late or item.late_reason
    assert len(ids) == sum(1 for _ in pen.book.movements()) > 3_000


def test_the_month_has_every_kind_and_every_end_of_an_offer(world: World, titles: dict[str, UUID]) -> None:
    pen = month(world, titles)
    kinds = {planned.body["kind"] for planned in pen.book.movements()}
    assert kinds == {
        "production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention", "reversal",
    }  # fmt: skip
    answers = [answer for each in pen.book.rounds for answer in each.answers]
    assert {answer.decision for answer in answers} == {"confirm", "refuse", "withdraw"}
    waiting = [p for p in pen.book.movements() if p.expected == "pending"]
    assert len(waiting) > len(answers), "some offer is left waiting"


def test_the_month_is_the_thirty_days_before_today_in_bogota() -> None:
    """Three calendar months where February is short; the hours after 19:00 in Bogotá are the next day elsewhere."""
    days = days_of(datetime(2027, 3, 3, 2, 0, tzinfo=UTC))
    assert (days[0], days[-1], len(days)) == (date(2027, 1, 31), date(2027, 3, 1), 30)
    month = Month(datetime(2027, 3, 3, 2, 0, tzinfo=UTC), Random(1))
    assert (month.first, month.last) == (days[0], days[-1])


def test_what_was_used_before_leaves_less_room(world: World, titles: dict[str, UUID]) -> None:
    """A further run on the same database plans around what earlier ones took, and never over it."""
    first = month(world, titles)
    exhausted = {
        quota.account: quota.limit
        for title in world.titles
        for code in title.volumes
        for on in (first.month.first, first.month.last)
        for quota in first.room.of_title(title, code, on)
    }
    pen = write_month(world, titles=titles, used=exhausted, now=NOW, seed=1, percent=100)
    assert not [p for p in pen.book.movements() if p.body["kind"] == "production"]


def test_ids_are_new_each_time(world: World, titles: dict[str, UUID]) -> None:
    once, again = month(world, titles, percent=5), month(world, titles, percent=5)
    assert {p.body["id"] for p in once.book.movements()}.isdisjoint(p.body["id"] for p in again.book.movements())
