"""Dispatch and receipt, consumption, loss and documented intake, on a real database."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from tests.movements.test_acts import act, all_replays_the_same, produced
from tests.movements.world import ACT, SINCE, TOWN, World, codes
from veta.kernel.clock import FixedClock
from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.ledger.audit import run
from veta.movements.committer import Committer
from veta.oversight.queries import unlinked
from veta.registry.services import actors, titles
from veta.storage.connection import plain_cursor

NOON = datetime(2026, 11, 10, 14, 0, tzinfo=UTC)
CERTIFICATE = {"type": "origin_certificate", "number": "CO-1", "issued_on": "2026-11-01"}


@pytest.fixture
def world(db: Any) -> World:
    return World(now=NOON).build()


def balance(lot: str) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT received, released, held FROM ledger_account WHERE id = %s", [lot])
        row: tuple[int, int, int] = cursor.fetchone()
    return row


def crossed(kind: str) -> int:
    """What lots gave to a boundary less what they took from it."""
    return sum(each.taken - each.given for each in run.boundary_sums(plain_cursor()) if each.kind == kind)


def sound() -> None:
    all_replays_the_same()
    assert [result.rows for result in run.run(plain_cursor(), run.checks()) if result.wrong] == []


def dispatch(world: World, lot: str, quantity: str, **more: Any) -> dict[str, Any]:
    items = [{"lot": lot, "quantity": quantity, "new_lot": str(uuid7())}]
    return world.movement(
        "dispatch", holder=world.PARTIES["holder2"], items=items,
        to={"municipality": TOWN}, evidence=[CERTIFICATE], **more,
    )  # fmt: skip


def receipt(world: World, sent: dict[str, Any], quantity: str, **lost: str) -> dict[str, Any]:
    arrived = {"lot": sent["items"][0]["lot"], "quantity": quantity, **lost}
    return world.movement("receipt", dispatch=sent["id"], items=[arrived])


def verdict(world: World, movement: dict[str, Any]) -> dict[str, Any]:
    (result,) = world.send(movement)
    found: dict[str, Any] = result["verdict"]
    return found


@pytest.mark.parametrize(
    ("weighed", "lost", "weighing", "gone"),
    [
        ("100.000", {}, 0, 0),
        ("99.700", {}, 300, 0),
        ("100.300", {}, -300, 0),
        ("60.000", {"lost": "40.100"}, -100, 40_100),
    ],
)
def test_what_arrives_is_a_lot_there_and_the_scales_difference_is_posted(
    world: World, weighed: str, lost: dict[str, str], weighing: int, gone: int
) -> None:
    lot = produced(world)
    sent = dispatch(world, lot, "100.000")
    assert verdict(world, sent)["status"] == "pending"
    assert balance(lot) == (100_000, 0, 100_000)
    arrived = receipt(world, sent, weighed, **lost)
    answered = verdict(world, arrived)
    assert (answered["status"], answered["movement"]) == ("accepted", arrived["id"]), answered["findings"]
    (made,) = answered["lots"]
    assert (made["lot"], made["quantity"]) == (sent["items"][0]["new_lot"], weighed)
    assert balance(lot) == (100_000, 100_000, 0)
    assert (crossed("weighing"), crossed("loss")) == (weighing, gone)
    assert codes(world.send(receipt(world, sent, weighed, **lost))[0]) >= {"CON-005"}
    sound()


def test_beyond_the_scales_it_is_refused_and_a_dispatch_may_come_back(world: World) -> None:
    lot = produced(world)
    sent = dispatch(world, lot, "100.000")
    world.send(sent)
    assert codes(world.send(receipt(world, sent, "100.401"))[0]) == {"LOT-006"}
    assert codes(world.answer(sent["id"], "confirm")) == {"CON-003"}
    assert codes(world.send(receipt(world, sent, "100.000"), operator=world.other_operator)[0]) == set()
    other = dispatch(world, sent["items"][0]["new_lot"], "10.000")
    world.send(other)
    assert world.answer(other["id"], "withdraw")["verdict"]["outcome"] == "withdrawn"
    assert balance(other["items"][0]["lot"]) == (100_000, 0, 0)
    assert codes(world.send(receipt(world, other, "10.000"))[0]) == {"CON-005"}
    sound()


def test_a_load_on_the_road_when_its_lot_is_suspended_arrives_suspended(world: World) -> None:
    lot = produced(world)
    sent = dispatch(world, lot, "100.000")
    world.send(sent)
    act(world, "suspension", lots=[lot])
    arrived = verdict(world, receipt(world, sent, "100.000"))
    assert arrived["status"] == "accepted", arrived["findings"]
    assert codes(world.send(world.sale(sent["items"][0]["new_lot"], "1.000"))[0]) == {"LOT-004"}
    sound()


def test_a_dispatch_and_its_receipt_can_come_in_one_request(world: World) -> None:
    sent = dispatch(world, produced(world), "100.000")
    first, second = world.send(sent, receipt(world, sent, "100.000"))
    assert (first["verdict"]["status"], second["verdict"]["status"]) == ("pending", "accepted"), codes(second)
    sound()


def test_what_is_used_up_or_lost_leaves_the_ledger_for_good(world: World) -> None:
    lot, part = produced(world), [{"lot": "", "quantity": "30.000"}]
    part[0]["lot"] = lot
    used = world.movement("consumption", holder=world.PARTIES["holder2"], items=part, use="Caldera")
    lost = world.movement("loss", holder=world.PARTIES["holder2"], items=part, reason="Ardió")
    assert [verdict(world, each)["status"] for each in (used, lost)] == ["accepted", "accepted"]
    assert balance(lot) == (100_000, 60_000, 0)
    assert (crossed("consumption"), crossed("loss")) == (30_000, 30_000)
    for each in (used, lost):
        undo = world.movement("reversal", movement=each["id"], reason="error")
        assert codes(world.send(undo)[0]) == {"REV-005"}
    sound()


def intake(world: World, number: str = "CO-77", quantity: str = "10.000", **more: Any) -> dict[str, Any]:
    """Coal of a title that is not yet obliged, with its paper certificate."""
    fields = {
        "holder": world.PARTIES["trader"], "origin": {"kind": "title", "code": "DEMO-CARBON"}, "quantity": quantity,
        "mineral": "carbon_termico", "unit": "t", "basis": "paper_certificate", "lot": str(uuid7()),
        "evidence": [{"type": "origin_certificate", "number": number, "issued_on": "2026-10-01"}],
    }  # fmt: skip
    return world.movement("documented_intake", **{**fields, **more})


def test_a_paper_counts_once_for_its_origin_and_uses_its_right(world: World) -> None:
    first = verdict(world, intake(world))
    assert (first["status"], first["accreditation"]) == ("accepted", "documented"), first["findings"]
    assert codes(world.send(intake(world, "co 77"))[0]) == {"EVI-003"}
    both = world.send(intake(world, "CO-78"), intake(world, "CO-78"))
    assert [result["verdict"]["status"] for result in both] == ["accepted", "rejected"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT released FROM ledger_account WHERE commodity = 'right:carbon_termico' AND kind = 'quota'"
        )
        assert cursor.fetchall() == [(20_000,)]
    abroad = intake(
        world, origin={"kind": "import", "code": "PE"}, basis="import", mineral="carbon_metalurgico",
        evidence=[{"type": "support_document", "number": "DI-1", "issued_on": "2026-10-01"}],
    )  # fmt: skip
    jewellery = intake(
        world, origin={"kind": "disused"}, basis="disused", mineral="oro", unit="g", fineness="750",
        evidence=[{"type": "invoice", "number": "F-1", "issued_on": "2026-10-01"}],
    )  # fmt: skip
    assert [verdict(world, each)["accreditation"] for each in (abroad, jewellery)] == ["documented", "disused"]
    sold = world.sale(abroad["lot"], "1.000", seller="trader", buyer="trader2")
    assert verdict(world, sold)["status"] == "pending"
    sound()


def test_a_rejected_intake_leaves_its_paper_free(world: World) -> None:
    assert "MIN-002" in codes(world.send(intake(world, unit="kg"))[0])
    assert verdict(world, intake(world))["status"] == "accepted"


def test_a_paper_counts_once_however_many_bring_it_at_the_same_instant(fresh_database: Any) -> None:
    world = World(now=NOON).build()
    clock = FixedClock(world.now)
    committers = [Committer(clock=clock, signer=world.signer) for _ in range(4)]
    for round_ in range(10):
        reports = [world.submission(intake(world, f"CO-{round_}"), intake(world, f"CX-{round_}")) for _ in committers]
        ready = threading.Barrier(len(committers))

        def bring(committer: Committer, report: Any, ready: threading.Barrier = ready) -> None:
            ready.wait()
            committer.decide(report)

        threads = [threading.Thread(target=bring, args=pair) for pair in zip(committers, reports, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(report.results for report in reports)
    for committer in committers:
        committer.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT v.status, count(*) FROM movements_verdict AS v GROUP BY v.status ORDER BY v.status")
        assert dict(cursor.fetchall()) == {"accepted": 20, "rejected": 60}
        cursor.execute("SELECT count(*), count(DISTINCT movement) FROM movements_papernumber")
        assert cursor.fetchone() == (20, 20)
    sound()


def bound_alone(world: World) -> None:
    """A title of a bound class, whose holder gave no operator a mandate."""
    world.actors["alone"] = actors.register_actor(
        "firm", "DEMO sola (ficticio)", documents=[document("NIT", "900100009")], by="oficial-1", source="prueba"
    )
    record = titles.TitleRecord(
        code="DEMO-PIN", stage="exploitation", holders=((world.actors["alone"], "100"),),
        minerals=frozenset({"caliza"}),
        contract_date=SINCE, inscription_date=SINCE, scale="pin", scale_act="Auto DEMO-1", valid_from=SINCE,
    )  # fmt: skip
    titles.register_title(record, ACT)
    world.plan("DEMO-PIN", {"caliza": 1_000_000})


def test_what_is_sold_of_a_bound_title_that_is_linked_to_nobody_is_told(world: World) -> None:
    """The seller has its mandate: it is its supplier that reports through nobody."""
    bound_alone(world)
    world.now = datetime(2026, 10, 31, 14, 0, tzinfo=UTC)
    report = intake(world, origin={"kind": "title", "code": "DEMO-PIN"}, mineral="caliza")
    (taken,) = world.send({**report, "occurred_at": "2026-10-30T09:00:00-05:00"})
    assert (taken["verdict"]["status"], codes(taken)) == ("accepted", set())  # nobody is bound yet
    world.now = NOON

    def sale(operator: Any = None) -> dict[str, Any]:
        (told,) = world.send(world.sale(report["lot"], "1.000", seller="trader", buyer="trader2"), operator=operator)
        return told

    told = sale()
    assert (told["verdict"]["status"], codes(told)) == ("pending", {"OBL-002"})
    (finding,) = told["verdict"]["findings"]
    assert (finding["field"], finding["severity"], finding["params"]["code"]) == ("items[0].lot", "warning", "DEMO-PIN")
    assert codes(sale(uuid7())) == {"MAN-001"}
    world.mandate(world.actors["alone"], uuid7())
    assert codes(sale()) == set()
    world.mandate(world.actors["alone"], world.operator)
    both = [
        world.sale(report["lot"], "1.000", seller="trader", buyer="trader2"),
        world.movement("retention", holder={"type": "NIT", "number": "900100009"}, mineral="oro", quantity="1",
                       unit="g", fineness="900", assay="declared", circumstances="Hallado"),
    ]  # fmt: skip
    assert "OBL-002" not in codes(world.send(*both)[0])  # its holder is a party of the same group, too
    sound()


def test_who_is_bound_and_gave_no_operator_a_mandate_is_told_and_nothing_is_refused_for_it(world: World) -> None:
    bound_alone(world)
    report = intake(world, origin={"kind": "title", "code": "DEMO-PIN"}, mineral="caliza")
    (told,) = world.send(report)
    assert (codes(told, "blocking"), codes(told, "warning")) == ({"ACC-002"}, {"OBL-002"})
    on = date(2026, 11, 10)
    assert [(each.title_code, each.since) for each in unlinked(on)] == [("DEMO-PIN", date(2026, 11, 1))]
    assert unlinked(date(2026, 10, 31)) == []
    world.mandate(world.actors["alone"], uuid7())
    assert codes(world.send({**report, "id": str(uuid7()), "lot": str(uuid7())})[0]) == {"ACC-002"}
    assert unlinked(on) == []
    sound()
