"""The authority's acts over lots: by two persons, down to every descendant, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import connection, transaction

from tests.movements.world import TOWN, World, codes
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.ledger import queries as ledger
from veta.ledger.audit import run
from veta.movements.queries import acts
from veta.movements.replay import replay
from veta.movements.services import ActRefused, approve_act, propose_act, refuse_act
from veta.storage.connection import plain_cursor

ACT = {"authority": "ANM (ficticio)", "act": "DEMO-A-1", "issued_on": "2026-11-09", "reason": "Denuncia verificada."}

APPROVAL = """
INSERT INTO movements_actdecision (proposal, proposed_by, decided_by, decision, reason)
VALUES (%s, %s, %s, 'approved', '')
"""


@pytest.fixture
def world(db: Any) -> World:
    return World(now=datetime(2026, 11, 10, 14, 0, tzinfo=UTC)).build()


def proposed(world: World, kind: str, **words: Any) -> UUID:
    return propose_act(kind, {**ACT, **words}, by="oficial-1", clock=FixedClock(world.now))


def approved(world: World, proposal: UUID) -> dict[str, Any]:
    result = approve_act(proposal, by="oficial-2", clock=FixedClock(world.now), signer=world.signer)
    verdict: dict[str, Any] = orjson.loads(result.verdict)
    return verdict


def act(world: World, kind: str, **words: Any) -> dict[str, Any]:
    """Proposed by one and approved by another."""
    return approved(world, proposed(world, kind, **words))


def found(verdict: dict[str, Any]) -> set[str]:
    return {each["code"] for each in verdict["findings"]}


def suspended(lot: str) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT act FROM ledger_lot_suspension WHERE lot = %s", [lot])
        return {row[0] for row in cursor.fetchall()}


def made_of(world: World, lot: str, *quantities: str) -> list[str]:
    """The lot split in others."""
    taken = f"{sum(map(float, quantities)):.3f}"
    split = world.movement(
        "regroup", holder=world.PARTIES["holder2"], inputs=[{"lot": lot, "quantity": taken}],
        outputs=[{"quantity": quantity, "unit": "t"} for quantity in quantities],
    )  # fmt: skip
    (result,) = world.send(split)
    assert result["verdict"]["status"] == "accepted", result["verdict"]["findings"]
    return [made["lot"] for made in result["verdict"]["lots"]]


def produced(world: World, quantity: str = "100.000") -> str:
    production = world.production(quantity)
    world.send(production)
    return str(production["lot"])


def sell(world: World, lot: str) -> set[str]:
    (result,) = world.send(world.sale(lot, "1.000"))
    return codes(result)


def all_replays_the_same() -> None:
    assert all(each.same for each in replay())


def crossed(kind: str) -> int:
    """What lots gave to a boundary less what they took from it."""
    return sum(each.taken - each.given for each in run.boundary_sums(plain_cursor()) if each.kind == kind)


def sound() -> None:
    all_replays_the_same()
    assert [result.rows for result in run.run(plain_cursor(), run.checks()) if result.wrong] == []


def test_a_suspension_reaches_what_was_made_of_the_lot_and_what_is_made_later(world: World) -> None:
    root, apart = produced(world), produced(world)
    first, second = made_of(world, root, "30.000", "20.000")
    (deep,) = made_of(world, first, "10.000")
    offer = world.sale(second, "5.000")
    world.send(offer)
    verdict = act(world, "suspension", lots=[root])
    assert (verdict["status"], found(verdict)) == ("accepted", set())
    suspension = UUID(verdict["movement"])
    assert all(suspended(lot) == {suspension} for lot in (root, first, second, deep))
    assert acts.lots_suspended(plain_cursor(), suspension) == 4
    assert "LOT-004" in codes(world.answer(offer["id"], "confirm"))
    assert all(sell(world, lot) == {"LOT-004"} for lot in (root, first, deep))
    assert sell(world, apart) == set()
    all_replays_the_same()


FOUND = {"mineral": "oro", "quantity": "12.500", "unit": "g", "fineness": "800", "assay": "declared"}


def test_seized_mineral_that_nobody_registered_is_a_lot_of_nobody(world: World) -> None:
    place = {"municipality": TOWN, "facility": "Puesto de control DEMO"}
    verdict = act(world, "seizure", place=place, found=[FOUND])
    assert (verdict["status"], found(verdict)) == ("accepted", set())
    (made,) = verdict["lots"]
    assert (made["mineral"], made["quantity"]) == ("oro", "10.000")
    lot = UUID(made["lot"])
    row = ledger.lots(plain_cursor(), [lot])[lot]
    assert (row.holder, row.accreditation, row.municipality, row.fineness) == (None, "seized", TOWN, 800_000)
    (origin,) = ledger.origins(plain_cursor(), [row.origin or lot]).values()
    assert (origin.kind, origin.municipality, origin.person) == ("unproven", TOWN, None)
    assert crossed("unproven") == -10_000
    items = [{"lot": str(lot), "quantity": "1.000"}]
    lost = world.movement("loss", holder=world.PARTIES["trader"], items=items, reason="x")
    for tried in (world.sale(str(lot), "1.000", seller="trader", buyer="exporter"), lost):
        assert "LOT-002" in codes(world.send(tried)[0])
    assert act(world, "suspension", lots=[str(lot)])["status"] == "accepted"
    part = act(world, "seizure", items=[{"lot": str(lot), "quantity": "4.000"}])
    assert part["status"] == "accepted"  # another act over so much of it
    sound()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mineral": "kriptonita"}, "MIN-001"), ({"unit": "kg"}, "MIN-002"),
        ({"mineral": "carbon", "unit": "t", "fineness": None, "assay": None}, "MIN-003"),
        ({"fineness": None}, "MIN-004"), ({"fineness": "1000.001"}, "MIN-004"), ({"quantity": "0.0001"}, "MIN-005"),
    ],
)  # fmt: skip
def test_what_was_found_is_measured_as_anything_else(world: World, changed: dict[str, Any], code: str) -> None:
    asked = {name: value for name, value in {**FOUND, **changed}.items() if value is not None}
    verdict = act(world, "seizure", place={"municipality": TOWN}, found=[asked])
    assert (verdict["status"], verdict["lots"]) == ("rejected", [])
    assert code in found(verdict)
    assert found(act(world, "seizure", place={"municipality": "99999"}, found=[FOUND])) == {"PLC-001"}


@pytest.mark.parametrize("words", [{}, {"found": [FOUND]}, {"found": [], "place": {"municipality": TOWN}}])
def test_a_seizure_says_what_was_taken_and_where(world: World, words: dict[str, Any]) -> None:
    with pytest.raises(ActRefused) as refused:
        proposed(world, "seizure", **words)
    assert refused.value.code in ("SCH-002", "SCH-004")


def test_lots_and_what_had_none_are_seized_by_one_act(world: World) -> None:
    lot = produced(world)
    items = [{"lot": lot, "quantity": "1.000"}]
    verdict = act(world, "seizure", place={"municipality": TOWN}, items=items, found=[FOUND, FOUND])
    assert verdict["status"] == "accepted", verdict["findings"]
    assert len({made["lot"] for made in verdict["lots"]}) == 3
    taken = act(world, "seizure", place={"municipality": TOWN}, found=[{**FOUND, "lot": lot}])
    assert (taken["status"], found(taken)) == ("rejected", {"LOT-005"})
    sound()


def test_two_overlapping_acts_are_lifted_one_by_one(world: World) -> None:
    root = produced(world)
    first, second = made_of(world, root, "30.000", "20.000")
    whole = act(world, "suspension", lots=[root])["movement"]
    part = act(world, "suspension", lots=[first], until="2026-12-31")["movement"]
    assert act(world, "lift", suspension=whole)["status"] == "accepted"
    assert (sell(world, first), sell(world, second)) == ({"LOT-004"}, set())
    again = act(world, "lift", suspension=whole)
    assert (again["status"], found(again)) == ("rejected", {"LOT-011"})
    assert act(world, "lift", suspension=part)["status"] == "accepted"
    assert sell(world, first) == set()
    assert [(row.kind, row.open) for row in acts.acts_on(plain_cursor(), UUID(first))] == [("suspension", False)] * 2
    all_replays_the_same()


def test_the_preview_says_lots_holders_quantities_and_what_left_the_country(world: World) -> None:
    gold = world.purchase("50.000")
    world.send(gold)
    smelted = world.movement(
        "transformation", holder=world.PARTIES["trader"], plant=world.PARTIES["plant"], recipe="fundicion_oro",
        inputs=[{"lot": gold["lot"], "quantity": "40.000"}],
        outputs=[{"mineral": "dore", "quantity": "40.000", "unit": "g", "fineness": "1000", "lot": str(uuid7())}],
    )  # fmt: skip
    world.send(smelted)
    sold = world.sale(smelted["outputs"][0]["lot"], "30.000", seller="trader", buyer="exporter")
    world.send(sold)
    world.answer(sold["id"], "confirm")
    paid = [{"type": "royalty_payment", "number": "R-1", "issued_on": "2026-11-10"}]
    part = {"lot": sold["items"][0]["new_lot"], "quantity": "12.000"}
    (out,) = world.send(
        world.movement("export", holder=world.PARTIES["exporter"], items=[part], country="CH", evidence=paid)
    )
    assert out["verdict"]["status"] == "accepted", out["verdict"]["findings"]
    before = acts.preview_suspension(plain_cursor(), [UUID(gold["lot"])])
    assert (before.lots, before.holders) == (3, 2)
    assert {(each.mineral, each.left) for each in before.touched} == {
        ("oro", 10_000),
        ("dore", 10_000),
        ("dore", 18_000),
    }
    assert [(each.country, each.amount, each.mineral) for each in before.exported] == [("CH", 12_000, "dore")]
    suspension = act(world, "suspension", lots=[gold["lot"]])
    assert acts.lots_suspended(plain_cursor(), UUID(suspension["movement"])) == before.lots


def test_a_seizure_takes_part_of_a_lot_and_what_it_takes_moves_no_more(world: World) -> None:
    lot = produced(world)
    verdict = act(world, "seizure", items=[{"lot": lot, "quantity": "40.000"}], place={"municipality": "05001"})
    (taken,) = verdict["lots"]
    assert (verdict["status"], verdict["accreditation"], taken["quantity"]) == ("accepted", "seized", "40.000")
    assert sell(world, taken["lot"]) == {"ACC-001"}
    assert sell(world, lot) == set()
    over = act(world, "seizure", items=[{"lot": lot, "quantity": "60.000"}], place={"municipality": "05001"})
    assert (over["status"], found(over)) == ("rejected", {"LOT-003"})  # one tonne of it is offered
    nowhere = act(world, "seizure", items=[{"lot": lot, "quantity": "1.000"}], place={"municipality": "99999"})
    assert found(nowhere) == {"PLC-001"}
    all_replays_the_same()


def test_taint_found_later_spreads_and_is_taken_back_lot_by_lot(world: World) -> None:
    root = produced(world)
    first, second = made_of(world, root, "30.000", "20.000")
    assert act(world, "accredit", lot=root, accreditation="unproven")["status"] == "accepted"
    assert all(sell(world, lot) == {"ACC-001"} for lot in (root, first, second))
    twice = act(world, "accredit", lot=first, accreditation="unproven")
    assert found(twice) == {"ACC-004"}
    assert act(world, "accredit", lot=first, accreditation="accredited")["status"] == "accepted"
    assert (sell(world, first), sell(world, second)) == (set(), {"ACC-001"})
    (made,) = made_of(world, first, "5.000")
    assert sell(world, made) == set()
    all_replays_the_same()


def test_mineral_outside_the_plan_is_unsellable_until_an_act_finds_it_in_one(world: World) -> None:
    retained = world.movement(
        "retention", holder=world.PARTIES["holder2"], mineral="caliza", quantity="50.000", unit="t", lot=str(uuid7()),
        circumstances="Salió con el carbón.", place={"municipality": "05001"},
    )  # fmt: skip
    world.send(retained)
    assert "ACC-001" in sell(world, retained["lot"])
    origin = {"kind": "title", "code": "DEMO-CARBON"}
    early = act(world, "accredit", lot=retained["lot"], accreditation="accredited", origin=origin)
    assert found(early) == {"PLA-002"}
    world.plan("DEMO-CARBON", {"carbon_termico": 1_000_000_000, "caliza": 40_000})
    too_much = act(world, "accredit", lot=retained["lot"], accreditation="accredited", origin=origin)
    assert found(too_much) == {"QUO-001"}
    world.plan("DEMO-CARBON", {"carbon_termico": 1_000_000_000, "caliza": 60_000})
    done = act(world, "accredit", lot=retained["lot"], accreditation="accredited", origin=origin)
    assert done["status"] == "accepted", done["findings"]
    assert sell(world, retained["lot"]) == set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT received, released FROM ledger_account WHERE commodity = 'right:caliza' AND kind = 'quota'"
        )
        assert (60_000, 50_000) in cursor.fetchall()
    all_replays_the_same()


def test_nobody_approves_the_own_act_and_each_is_decided_once(world: World) -> None:
    lot, clock = produced(world), FixedClock(world.now)
    proposal = proposed(world, "suspension", lots=[lot])
    for same in ("oficial-1", " Oficial-1 ", ""):
        with pytest.raises(ActRefused) as refused:
            approve_act(proposal, by=same, clock=clock, signer=world.signer)
        assert refused.value.code == "MOV-004"
    assert [row.id for row in acts.waiting_acts(plain_cursor())] == [proposal]
    assert suspended(lot) == set()
    approved(world, proposal)
    with pytest.raises(ActRefused) as refused:
        refuse_act(proposal, by="oficial-3", reason="tarde")
    assert refused.value.code == "MOV-003"
    other = proposed(world, "suspension", lots=[lot])
    refuse_act(other, by="oficial-2", reason="Falta la prueba.")
    with pytest.raises(ActRefused, match="ya se decidió"):
        approved(world, other)
    assert len(suspended(lot)) == 1
    assert {row.decision for row in acts.decided_acts(plain_cursor())} == {"approved", "refused"}


def test_the_database_itself_refuses_one_person(world: World) -> None:
    proposal = proposed(world, "suspension", lots=[produced(world)])
    for author, by in (("oficial-1", "oficial-1"), ("oficial-1", "OFICIAL-1 "), ("otro", "oficial-1")):
        with pytest.raises(psycopg.IntegrityError), transaction.atomic():
            plain_cursor().execute(APPROVAL, (proposal, author, by))


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        ("suspension", {}, "SCH-002"),
        ("suspension", {"lots": []}, "SCH-004"),
        ("suspension", {"lots": ["x"]}, "SCH-003"),
        ("accredit", {"lot": str(uuid7()), "accreditation": "mixed"}, "SCH-003"),
        ("production", {}, "SCH-005"),
        ("lift", {"suspension": str(uuid7()), "authority": ""}, "SCH-003"),
    ],
)
def test_a_proposal_that_cannot_be_read_is_not_kept(world: World, kind: str, words: Any, code: str) -> None:
    with pytest.raises(ActRefused) as refused:
        proposed(world, kind, **words)
    assert refused.value.code == code
    assert acts.waiting_acts(plain_cursor()) == []


def test_an_act_on_what_does_not_exist_is_rejected_and_touches_nothing(world: World) -> None:
    for kind, words in (
        ("suspension", {"lots": [str(uuid7())]}),
        ("accredit", {"lot": str(uuid7()), "accreditation": "unproven"}),
    ):
        verdict = act(world, kind, **words)
        assert (verdict["status"], found(verdict)) == ("rejected", {"LOT-001"})
    assert found(act(world, "lift", suspension=str(uuid7()))) == {"LOT-011"}
    all_replays_the_same()
