"""What stands in one group is decided as if each movement came after the one before had been committed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.movements.test_road_and_intake import dispatch, receipt
from tests.movements.world import TOWN, World, as_json, codes
from veta.kernel.canonical_json import canonical
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.movements.domain.submission import Submission
from veta.movements.replay import replay
from veta.movements.services import receive_step


@pytest.fixture
def world(db: Any) -> World:
    return World().build()


def balance(lot: str) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT received, released, held FROM ledger_account WHERE id = %s", [lot])
        row: tuple[int, int, int] = cursor.fetchone()
    return row


def coal(world: World, quantity: str = "100.000") -> str:
    production = world.production(quantity)
    world.send(production)
    return str(production["lot"])


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["verdict"]["status"] for result in results]


def parted(world: World, lot: str, quantity: str) -> dict[str, Any]:
    """Part of a lot set in one of its own."""
    return world.movement(
        "regroup", holder=world.PARTIES["holder2"], inputs=[{"lot": lot, "quantity": quantity}],
        outputs=[{"quantity": quantity, "unit": "t"}],
    )  # fmt: skip


def undo(world: World, movement: str) -> dict[str, Any]:
    return world.movement("reversal", movement=movement, reason="error")


def used_up(world: World, lot: str, quantity: str) -> dict[str, Any]:
    sale = world.sale(lot, quantity, buyer_kind="final_consumer")
    del sale["buyer"], sale["items"][0]["new_lot"]
    return sale


def test_a_sale_to_a_final_consumer_is_the_authoritys_to_undo(world: World) -> None:
    lot = coal(world)
    sale = used_up(world, lot, "60.000")
    (accepted, undone) = world.send(sale, undo(world, sale["id"]))
    assert (accepted["verdict"]["status"], codes(undone)) == ("accepted", {"REV-005"})
    assert balance(lot) == (100_000, 60_000, 0)


def test_a_production_is_undone_once_in_a_group(world: World) -> None:
    production = world.production("100.000")
    world.send(production)
    results = world.send(undo(world, production["id"]), undo(world, production["id"]))
    assert statuses(results) == ["accepted", "rejected"]
    assert "REV-004" in codes(results[1])


def test_what_a_group_did_can_be_undone_in_it(world: World) -> None:
    production = world.production("100.000")
    results = world.send(production, undo(world, production["id"]), undo(world, production["id"]))
    assert statuses(results) == ["accepted", "accepted", "rejected"], codes(results[1])
    assert "REV-004" in codes(results[2])
    assert balance(production["lot"]) == (100_000, 100_000, 0)
    assert all(each.same for each in replay())


def test_a_reversal_that_waits_is_waited_for_in_the_same_group(world: World) -> None:
    lot = coal(world)
    sale = world.sale(lot, "60.000")
    world.send(sale)
    world.answer(sale["id"], "confirm")
    results = world.send(undo(world, sale["id"]), undo(world, sale["id"]))
    assert statuses(results) == ["pending", "rejected"]
    assert "REV-004" in codes(results[1])


def test_what_was_built_and_undone_does_not_stand_in_the_way(world: World) -> None:
    production = world.production("100.000")
    lot = production["lot"]
    split = parted(world, lot, "60.000")
    assert statuses(world.send(production, split)) == ["accepted", "accepted"]
    assert codes(world.send(undo(world, production["id"]))[0]) == {"REV-001"}
    assert statuses(world.send(undo(world, split["id"]))) == ["accepted"]
    (undone,) = world.send(undo(world, production["id"]))
    assert undone["verdict"]["status"] == "accepted", codes(undone)
    assert balance(lot) == (160_000, 160_000, 0)


def test_two_offers_may_not_make_the_same_lot(world: World) -> None:
    first, second, new = coal(world), coal(world), str(uuid7())
    sales = [world.sale(lot, "10.000") for lot in (first, second)]
    for sale in sales:
        sale["items"][0]["new_lot"] = new
    assert statuses(world.send(*sales)) == ["pending", "pending"]
    assert world.answer(sales[0]["id"], "confirm")["verdict"]["status"] == "accepted"
    refused = world.answer(sales[1]["id"], "confirm")
    assert codes(refused) == {"LOT-005"}
    assert world.answer(sales[1]["id"], "refuse")["verdict"]["status"] == "accepted"
    assert all(each.same for each in replay())


def test_an_offer_past_its_term_does_not_stand_in_the_way_of_undoing(world: World) -> None:
    production = world.production("100.000")
    sale = world.sale(production["lot"], "60.000")
    world.send(production)
    world.send(sale)
    world.now += timedelta(hours=73)
    (undone,) = world.send({**undo(world, production["id"]), "occurred_at": world.now.isoformat()})
    assert undone["verdict"]["status"] == "accepted", codes(undone)


def test_ore_made_and_sold_in_one_request_uses_the_quarter_by_its_metal(world: World) -> None:
    world.title("DEMO-METAL", "holder", {"oro": 10_000_000})
    production = world.movement(
        "production", holder=world.PARTIES["holder"], origin={"kind": "title", "code": "DEMO-METAL"},
        mineral="mineral_oro", quantity="1000", unit="kg", grade="10", lot=str(uuid7()),
        place={"municipality": TOWN},
    )  # fmt: skip
    sale = used_up(world, production["lot"], "1000")
    sale["seller"] = world.PARTIES["holder"]
    results = world.send(production, sale)
    assert statuses(results) == ["accepted", "accepted"], [codes(r) for r in results]


@pytest.mark.parametrize("together", [True, False])
def test_what_arrives_is_sold_in_the_group_that_receives_it(world: World, together: bool) -> None:
    """The quarter that the sale uses is locked before the lot is there that it sells."""
    sent = dispatch(world, coal(world), "100.000")
    before = [] if together else world.send(sent)
    arrives = receipt(world, sent, "100.000")
    sale = used_up(world, sent["items"][0]["new_lot"], "60.000")
    results = [*before, *world.send(*([sent] if together else []), arrives, sale)]
    assert statuses(results) == ["pending", "accepted", "accepted"], [codes(each) for each in results]
    assert balance(sent["items"][0]["new_lot"]) == (100_000, 60_000, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT released FROM ledger_account JOIN ledger_quota ON account = id WHERE basis = 'title_quarter'"
        )
        assert cursor.fetchall() == [(60_000,)]
    assert all(each.same for each in replay())


def test_the_smallest_part_of_a_blend_finds_its_quarter(world: World) -> None:
    """Rounding shares must not decide which quotas are locked."""
    for n in range(3):
        world.title(f"DEMO-C{n}", "holder2", {"carbon_termico": 1_000_000_000})
    made = [
        world.production(q, origin={"kind": "title", "code": f"DEMO-C{n}"})
        for n, q in enumerate(("0.001", "0.001", "0.998"))
    ]
    regroup = world.movement(
        "regroup", holder=world.PARTIES["holder2"],
        inputs=[{"lot": p["lot"], "quantity": p["quantity"]} for p in made],
        outputs=[{"quantity": "1.000", "unit": "t", "lot": str(uuid7())}],
    )  # fmt: skip
    sale = used_up(world, regroup["outputs"][0]["lot"], "0.002")
    results = world.send(*made, regroup, sale)
    assert statuses(results) == ["accepted"] * 5, [codes(r) for r in results]


def test_the_undoing_of_an_undoing_is_refused_alike_in_its_group_and_later(world: World) -> None:
    lot = coal(world)
    split = parted(world, lot, "60.000")
    world.send(split)
    first = undo(world, split["id"])
    again = [undo(world, first["id"]), undo(world, first["id"])]
    taken = used_up(world, lot, "90.000")
    results = world.send(first, taken, again[0])
    assert statuses(results) == ["accepted", "accepted", "rejected"]
    (later,) = world.send(again[1])
    assert codes(later) == codes(results[2]) == {"REV-001", "REV-004"}


def test_a_reversal_that_was_refused_is_not_asked_again(world: World) -> None:
    lot = coal(world)
    sale = world.sale(lot, "60.000")
    world.send(sale)
    world.answer(sale["id"], "confirm")
    (asked,) = world.send(undo(world, sale["id"]))
    world.answer(asked["verdict"]["movement"], "refuse")
    assert codes(world.send(undo(world, sale["id"]))[0]) == {"REV-004"}
    assert balance(sale["items"][0]["new_lot"]) == (60_000, 0, 0)


def test_who_refused_to_undo_is_not_asked_again_in_the_same_group(world: World) -> None:
    lot = coal(world)
    sale = world.sale(lot, "60.000")
    world.send(sale)
    world.answer(sale["id"], "confirm")
    first = undo(world, sale["id"])
    world.send(first)
    words = {"id": str(uuid7()), "decision": "refuse"}
    step = receive_step(
        words, canonical(words), kind="confirmation", movement=UUID(first["id"]), clock=FixedClock(world.now)
    )  # fmt: skip
    refused, again = Submission(world.operator, [step]), world.submission(undo(world, sale["id"]))
    world.run(refused, again)
    assert codes(as_json(again.results[0])) == {"REV-004"}
    (later,) = world.send(undo(world, sale["id"]))
    assert codes(later) == {"REV-004"}
