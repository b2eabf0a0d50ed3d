"""A group decides, posts and answers: on a real database, one transaction each."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, transaction

from tests.assurance.running import wait
from tests.movements.world import ACT, SINCE, World, as_json, codes
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.movements import grants
from veta.movements.domain.case import Case
from veta.movements.grants import grant_differences
from veta.movements.notices import tell
from veta.movements.replay import replay
from veta.movements.services import lapse_overdue
from veta.movements.snapshot import snapshot
from veta.registry.domain import PlanLine
from veta.registry.queries import Contact
from veta.registry.services.actors import record_contact
from veta.registry.services.consents import ConsentAsked, request_consent
from veta.registry.services.plans import PlanRecord, record_plan


@pytest.fixture
def world(db: Any) -> World:
    return World().build()


def balance(lot: str) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT received, released, held FROM ledger_account WHERE id = %s", [lot])
        row: tuple[int, int, int] = cursor.fetchone()
    return row


def test_production_makes_a_lot_and_uses_the_titles_year(world: World) -> None:
    production = world.production("100.000")
    (result,) = world.send(production)
    assert result["verdict"]["status"] == "accepted", result["verdict"]["findings"]
    assert result["verdict"]["lots"] == [
        {"lot": production["lot"], "mineral": "carbon_termico", "quantity": "100.000", "unit": "t"}
    ]
    assert balance(production["lot"]) == (100_000, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT received, released FROM ledger_account WHERE kind = 'quota'")
        assert cursor.fetchall() == [(1_000_000_000, 100_000)]


def test_a_repeat_is_answered_with_the_same_bytes(world: World) -> None:
    production = world.production()
    first, again = world.submission(production), world.submission(production)
    world.run(first)
    world.run(again)
    assert (again.results[0].verdict, again.results[0].receipt) == (first.results[0].verdict, first.results[0].receipt)
    assert again.results[0].repeated
    assert not first.results[0].repeated
    second = world.production()
    twice = world.submission(second, second)
    world.run(twice)
    assert [result.repeated for result in twice.results] == [False, True]


def test_an_id_taken_by_another_or_for_other_words_tells_nothing(world: World) -> None:
    production = world.production()
    world.send(production)
    (foreign,) = world.send(production, operator=world.other_operator)
    (changed,) = world.send({**production, "quantity": "1.000"})
    for result in (foreign, changed):
        assert (codes(result), result["receipt"]) == ({"SCH-010"}, None)


def test_a_sale_holds_then_hands_over(world: World) -> None:
    production = world.production("100.000")
    world.send(production)
    sale = world.sale(production["lot"], "60.000")
    (offered,) = world.send(sale)
    assert offered["verdict"]["status"] == "pending", offered["verdict"]["findings"]
    assert balance(production["lot"]) == (100_000, 0, 60_000)
    done = world.answer(sale["id"], "confirm", operator=world.other_operator)
    assert done["verdict"]["status"] == "accepted", done["verdict"]["findings"]
    assert done["verdict"]["outcome"] == "accepted"
    assert balance(production["lot"]) == (100_000, 60_000, 0)
    assert balance(sale["items"][0]["new_lot"]) == (60_000, 0, 0)
    late = world.answer(sale["id"], "refuse")
    assert codes(late) == {"CON-005"}


def test_an_offer_lapses_for_whoever_needs_the_lot_next(world: World) -> None:
    production = world.production("100.000")
    world.send(production)
    sale = world.sale(production["lot"], "60.000")
    world.send(sale)
    world.now += timedelta(hours=73)
    (second,) = world.send(world.sale(production["lot"], "100.000", late={"reason": "sin señal"}))
    assert second["verdict"]["status"] == "pending", second["verdict"]["findings"]
    assert balance(production["lot"]) == (100_000, 0, 100_000)
    assert codes(world.answer(sale["id"], "confirm")) == {"CON-002"}


def test_a_lot_made_just_before_in_the_same_request_can_be_used(world: World) -> None:
    production = world.production("100.000")
    regroup = world.movement(
        "regroup", holder=world.PARTIES["holder2"], inputs=[{"lot": production["lot"], "quantity": "100.000"}],
        outputs=[{"quantity": "40.000", "unit": "t"}, {"quantity": "60.000", "unit": "t"}],
    )  # fmt: skip
    _, second = world.send(production, regroup)
    assert second["verdict"]["status"] == "accepted", second["verdict"]["findings"]
    third = world.sale(second["verdict"]["lots"][0]["lot"], "40.000")
    assert world.send(third)[0]["verdict"]["status"] == "pending"


def test_reversal_restores_and_is_refused_with_descendants(world: World) -> None:
    production, other = world.production("100.000"), world.production("50.000")
    world.send(production, other)
    (undone,) = world.send(world.movement("reversal", movement=production["id"], reason="peso equivocado"))
    assert undone["verdict"]["status"] == "accepted", undone["verdict"]["findings"]
    assert balance(production["lot"]) == (100_000, 100_000, 0)
    (again,) = world.send(world.movement("reversal", movement=production["id"], reason="otra vez"))
    assert "REV-004" in codes(again)
    sale = world.sale(other["lot"], "50.000")
    world.send(sale)
    world.answer(sale["id"], "confirm")
    (refused,) = world.send(world.movement("reversal", movement=other["id"], reason="tarde"))
    assert codes(refused) == {"REV-001"}
    (pending,) = world.send(world.movement("reversal", movement=sale["id"], reason="acuerdo"))
    assert pending["verdict"]["status"] == "pending", pending["verdict"]["findings"]
    assert balance(sale["items"][0]["new_lot"]) == (50_000, 0, 50_000)
    done = world.answer(pending["verdict"]["movement"], "confirm")
    assert done["verdict"]["status"] == "accepted", done["verdict"]["findings"]
    assert balance(sale["items"][0]["new_lot"]) == (50_000, 50_000, 0)
    assert balance(other["lot"]) == (100_000, 50_000, 0)


def test_subsistence_caps_warn_by_month_and_block_by_year(world: World) -> None:
    results = world.send(*[world.purchase("30.000") for _ in range(15)])
    statuses = [result["verdict"]["status"] for result in results]
    assert statuses == ["accepted"] * 14 + ["rejected"]
    assert "QUO-002" in codes(results[1], "warning")
    assert "QUO-003" in codes(results[14], "blocking")


def test_everything_is_decided_again_the_same(world: World) -> None:
    production = world.production("100.000")
    world.send(production, world.production("1.0000"), world.purchase(), {**world.production(), "unit": "kg"})
    sale = world.sale(production["lot"], "60.000")
    world.send(sale)
    world.answer(sale["id"], "confirm")
    world.send(world.movement("reversal", movement=sale["id"], reason="acuerdo"))
    replayed = list(replay())
    assert len(replayed) >= 6
    assert [r for r in replayed if not r.same] == []


def test_a_changed_plan_posts_its_difference_and_a_reduction_takes_at_most_what_is_left(world: World) -> None:
    world.send(world.production("900000.000"))
    (raised,) = change(world, 1_500_000_000)
    assert (raised["verdict"]["status"], codes(raised)) == ("accepted", set())
    assert quota() == (1_500_000_000, 900_000_000)
    (reduced,) = change(world, 100_000_000)
    assert codes(reduced, "warning") == {"PLA-005"}
    assert quota() == (1_500_000_000, 1_500_000_000)
    (refused,) = world.send(world.production("0.001"))
    assert codes(refused, "blocking") == {"QUO-001"}
    assert all(each.same for each in replay())


def test_a_quota_that_nobody_granted_follows_the_new_plan(world: World) -> None:
    assert change(world, 5_000) == []
    first, second = world.send(world.production("5.001"), world.production("5.000"))
    assert (codes(first), second["verdict"]["status"]) == ({"QUO-001", "OBL-001"}, "accepted")


def test_a_plan_that_follows_one_that_ended_is_no_second_volume_for_the_same_year(world: World) -> None:
    title = "DEMO-DOS"
    world.title_without_plan(title, "holder2", frozenset({"carbon_termico"}))
    change(world, 1_000_000, title=title, to=date(2026, 11, 9))
    origin = {"kind": "title", "code": title}
    first, second = world.production("900.000", origin=origin), world.production("100.001", origin=origin)
    world.send({**first, "occurred_at": "2026-11-09T09:00:00-05:00"})
    assert change(world, 1_000_000, title=title, since=date(2026, 11, 10)) == []
    (refused,) = world.send(second)
    assert codes(refused, "blocking") == {"QUO-001"}
    assert quota() == (1_000_000, 900_000)


def test_a_plan_raised_after_it_was_reduced_below_use_gives_no_more_than_it_approves(world: World) -> None:
    world.send(world.production("900000.000"))
    (reduced,) = change(world, 100_000_000)
    (finding,) = reduced["verdict"]["findings"]
    assert finding["params"] == {"short": "800000.000", "unit": "t"}
    change(world, 1_500_000_000)
    (refused,) = world.send(world.production("600000.001"))
    assert codes(refused, "blocking") == {"QUO-001"}
    (accepted,) = world.send(world.production("600000.000"))
    assert accepted["verdict"]["status"] == "accepted", accepted["verdict"]["findings"]
    assert all(each.same for each in replay())


def test_a_late_first_report_of_a_year_is_granted_what_is_approved_of_it_now(world: World) -> None:
    assert change(world, 5_000, since=date(2026, 11, 1)) == []
    late = world.production("1.000", occurred_at="2026-10-20T09:00:00-05:00", late={"reason": "sin señal"})
    over, within = world.production("4.001"), world.production("4.000")
    results = world.send(late, over, within)
    assert [each["verdict"]["status"] for each in results] == ["accepted", "rejected", "accepted"]
    assert codes(results[1], "blocking") == {"QUO-001"}
    assert quota() == (5_000, 5_000)
    assert all(each.same for each in replay())


def test_a_late_first_report_under_a_heading_counts_of_the_type_that_is_named_since(world: World) -> None:
    """What was reported in time would have gone over to the type's line: who is late has no heading besides."""
    change(world, 1_000_000, mineral="carbon")
    assert change(world, 600_000, since=date(2026, 11, 1)) == []
    late = world.production("400.000", occurred_at="2026-10-20T09:00:00-05:00", late={"reason": "sin señal"})
    over, within = world.production("200.001"), world.production("200.000")
    results = world.send(late, over, within)
    assert [each["verdict"]["status"] for each in results] == ["accepted", "rejected", "accepted"]
    assert codes(results[1], "blocking") == {"QUO-001"}
    assert quota() == (600_000, 600_000)
    assert all(each.same for each in replay())


def test_a_plan_leaves_the_years_that_were_over_when_it_begins(world: World) -> None:
    last = world.production("900.000", occurred_at="2025-12-31T23:00:00-05:00", late={"reason": "sin señal"})
    world.send(last)
    assert change(world, 5_000, years=range(2026, 2031), since=date(2026, 1, 1)) == []
    (late,) = world.send({**last, "id": str(uuid7()), "lot": str(uuid7())})
    assert late["verdict"]["status"] == "accepted", late["verdict"]["findings"]


def test_what_was_produced_under_a_heading_counts_of_the_type_that_the_plan_names_since(world: World) -> None:
    change(world, 1_000_000, mineral="carbon")
    first, undone = world.production("600.000"), world.production("300.000")
    world.send(first, undone)
    world.send(world.movement("reversal", movement=undone["id"], reason="peso equivocado"))
    granted = change(world, 1_000_000)
    assert [(each["verdict"]["status"], codes(each)) for each in granted] == [("accepted", set())] * 2
    (refused,) = world.send(world.production("400.001"))
    assert codes(refused, "blocking") == {"QUO-001"}
    (accepted,) = world.send(world.production("400.000"))
    assert accepted["verdict"]["status"] == "accepted", accepted["verdict"]["findings"]
    assert all(each.same for each in replay())


def test_what_the_named_type_does_not_approve_of_it_is_told(world: World) -> None:
    change(world, 1_000_000, mineral="carbon")
    world.send(world.production("600.000"))
    from_heading, to_type = change(world, 500_000)
    (finding,) = from_heading["verdict"]["findings"]
    assert (finding["code"], finding["params"]["short"]) == ("PLA-005", "100.000")
    assert codes(to_type) == set()
    (refused,) = world.send(world.production("0.001"))
    assert codes(refused, "blocking") == {"QUO-001"}


def change(
    world: World,
    volume: int,
    *,
    mineral: str = "carbon_termico",
    title: str = "DEMO-CARBON",
    years: range = range(2020, 2031),
    since: date = SINCE,
    to: date | None = None,
) -> list[dict[str, Any]]:
    record = PlanRecord(
        title_code=title, kind="PTO", approved_on=SINCE, valid_from=since, valid_to=to,
        lines=(PlanLine(mineral, {f"{year}-01-01": volume for year in years}),),
    )  # fmt: skip
    with transaction.atomic():
        granted = grant_differences(record_plan(record, ACT), clock=FixedClock(world.now), signer=world.signer)
    return [as_json(result) for result in granted]


def test_a_first_grant_waits_for_the_plan_that_is_being_recorded(fresh_database: object) -> None:
    """Also where a rejected report left the quota's row before: it is granted by the plan as it then stands."""
    world = World().build()
    (rejected,) = world.send(world.production("1000000.001"))
    assert codes(rejected, "blocking") == {"QUO-001"}
    results: list[dict[str, Any]] = []

    def report() -> None:
        try:
            results.extend(world.send(world.production("100.000")))
        finally:
            connection.close()

    thread = threading.Thread(target=report, daemon=True)
    with transaction.atomic():
        assert change(world, 500_000) == []
        thread.start()
        assert wait(lambda: bool(results) or waits_for_a_lock(), seconds=60)
    thread.join(60)
    assert results[0]["verdict"]["status"] == "accepted", results[0]["verdict"]["findings"]
    assert quota() == (500_000, 100_000)


def test_what_is_used_while_a_plan_is_recorded_waits_for_what_it_posts(
    fresh_database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of what was used and the grants that rest on it nobody uses more."""
    world = World().build()
    change(world, 1_000_000, mineral="carbon")
    world.send(world.production("100.000"))
    results: list[dict[str, Any]] = []

    def report() -> None:
        try:
            results.extend(world.send(world.production("100.000")))
        finally:
            connection.close()

    thread, carried = threading.Thread(target=report, daemon=True), grants._carried

    def read_and_wait(*args: Any, **named: Any) -> Any:
        found = carried(*args, **named)
        thread.start()
        assert wait(lambda: bool(results) or waits_for_a_lock(), seconds=60)
        return found

    monkeypatch.setattr(grants, "_carried", read_and_wait)
    change(world, 150_000)
    thread.join(60)
    assert codes(results[0], "blocking") == {"QUO-001"}, results[0]["verdict"]


def waits_for_a_lock() -> bool:
    """Whether another connection to this database is kept waiting by this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


def quota() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT received, released FROM ledger_account WHERE kind = 'quota'")
        ((received, released),) = cursor.fetchall()
    return received, released


def test_the_hub_ends_offers_that_nobody_touches(world: World) -> None:
    production = world.production("100.000")
    sale = world.sale(production["lot"], "60.000")
    world.send(production)
    world.send(sale)
    world.now += timedelta(hours=71)
    assert lapse_overdue(clock=FixedClock(world.now), signer=world.signer) == 0
    world.now += timedelta(hours=2)
    assert lapse_overdue(clock=FixedClock(world.now), signer=world.signer) == 1
    assert balance(production["lot"]) == (100_000, 0, 0)
    assert lapse_overdue(clock=FixedClock(world.now), signer=world.signer) == 0
    assert all(each.same for each in replay())


class Heard(list[tuple[Contact, str]]):
    """A gateway that keeps what it was handed."""

    def send(self, contact: Contact, text: str) -> None:
        self.append((contact, text))


def test_a_sale_that_the_miner_did_not_consent_to_is_counted_and_told_to_him(world: World) -> None:
    contact = Contact("sms", "+573001112233")
    record_contact(world.actors["miner"], contact, by="oficial-1", source="prueba")
    purchase = world.purchase("10.000", fineness="900")
    (result,) = world.send(purchase)
    assert "CON-004" in codes(result, "warning")
    undone = world.movement("reversal", movement=purchase["id"], reason="error")
    world.send(undone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT movement, party_id, counterparty FROM registry_assertedconsent")
        assert cursor.fetchall() == [(UUID(purchase["id"]), world.actors["miner"], world.actors["trader"])]
    heard = Heard()
    assert tell([UUID(purchase["id"]), UUID(undone["id"])], port=heard) == []
    assert [said for said, _ in heard] == [contact, contact]
    assert "9.000 g de oro" in heard[0][1]


def consent_of_the_miner(world: World) -> tuple[str, str]:
    """A consent that the miner was sent a code for: its id and the code."""
    heard = Heard()
    record_contact(world.actors["miner"], Contact("sms", "+573001112233"), by="oficial-1", source="prueba")
    asked = ConsentAsked(
        purpose="sale", party=world.actors["miner"], operator=world.operator, counterparty=world.actors["trader"],
        mineral="oro", amount=10_000,
    )  # fmt: skip
    consent = request_consent(asked, port=heard, clock=FixedClock(world.now))
    return str(consent.id), re.findall(r"\d{6}", heard[0][1])[0]


def test_facts_of_when_a_consent_had_one_method_are_decided_again_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[dict[str, Any]] = []

    def of_before(case: Case) -> bytes:
        facts = orjson.loads(snapshot(case))
        (method,), checked = (facts["consent"].pop(name) for name in ("methods", "checked"))
        facts["consent"] |= {"method": method, "verified": checked == [method]}
        written.append(facts["consent"])
        return orjson.dumps(facts)

    monkeypatch.setattr("veta.movements.group.snapshot", of_before)
    id, code = consent_of_the_miner(world)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    refused, taken = world.send(*(world.purchase(consent={"id": id, "code": each}) for each in (wrong, code)))
    assert ("CON-004" in codes(refused), "CON-004" in codes(taken)) == (True, False)
    assert [(each["method"], each["verified"]) for each in written] == [("code", False), ("code", True)]
    assert [each.same for each in replay()] == [True, True]


def test_a_consent_serves_once_and_its_code_cannot_be_guessed_by_checking(world: World) -> None:
    id, code = consent_of_the_miner(world)
    with_code = {"consent": {"id": id, "code": code}}
    for _ in range(10):
        checked = world.submission(world.purchase(**with_code))
        world.run(checked, dry=True)
        assert "CON-004" in codes(as_json(checked.results[0]))
    first, second = world.send(world.purchase(**with_code), world.purchase(**with_code))
    assert "CON-004" not in codes(first)
    assert {"CON-002", "CON-004"} <= codes(second)
    assert all(each.same for each in replay())


def test_one_movement_is_replayed_with_its_steps(world: World) -> None:
    production = world.production("100.000")
    sale = world.sale(production["lot"], "60.000")
    world.send(production, sale)
    world.answer(sale["id"], "confirm")
    assert len(list(replay(UUID(sale["id"])))) == 2
    assert list(replay(uuid7())) == []


def test_a_suspended_lot_is_not_undone_away(world: World) -> None:
    production, act = world.production("100.000"), uuid7()
    world.send(production)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_lot_suspension (act, lot) VALUES (%s, %s)", [act, production["lot"]])
    (refused,) = world.send(world.movement("reversal", movement=production["id"], reason="deshacer"))
    assert "LOT-004" in codes(refused)
    assert all(each.same for each in replay())
