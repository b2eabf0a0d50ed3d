"""What is captured is chained, queued in the same transaction, and the same words again are harmless."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import Error, connection, transaction

from tests.assurance.running import wait
from tests.node.conftest import NOW, House, purchase
from veta.kernel.ids import uuid7
from veta.node.domain.clients import MandateState
from veta.node.domain.records import FIRST, Captured, Operation
from veta.node.models import BusinessRecord, Client, Device, OutboxItem
from veta.node.services.capture import CaptureRefused, Given, capture
from veta.node.services.mandates import record_step


def test_records_are_chained_and_queued(house: House) -> None:
    gold = house.clients["gold"]
    one, two = capture(gold, [Given(purchase()), Given(purchase())], now=NOW)
    three = capture(gold, [Given(purchase())], now=NOW)[0]
    assert [each.sequence for each in (one, two, three)] == [1, 2, 3]
    assert (one.previous, two.previous, three.previous) == (FIRST, one.digest, two.digest)
    assert [item.state for item in OutboxItem.objects.order_by("number")] == ["queued"] * 3
    assert (
        one.digest == Captured(one.id, one.device_id, 1, Operation.SUBMIT, one.payload, one.captured_at, FIRST).digest()
    ), "what is stored gives the digest again"


def test_the_same_again_is_the_same_record(house: House) -> None:
    gold, item = house.clients["gold"], purchase()
    first = capture(gold, [Given(item)], now=NOW)
    again = capture(gold, [Given(dict(item))], now=NOW)
    rows = [capture(gold, [Given(purchase(), source_digest="a" * 64)], now=NOW)[0] for _ in range(2)]
    assert first[0].pk == again[0].pk
    assert rows[0].pk == rows[1].pk
    assert BusinessRecord.objects.count() == OutboxItem.objects.count() == 2


def test_an_id_that_says_something_else_is_refused(house: House) -> None:
    item = purchase()
    capture(house.clients["gold"], [Given(item)], now=NOW)
    for client, changed in (("gold", item | {"quantity": "2.000"}), ("coal", item)):
        with pytest.raises(CaptureRefused):
            capture(house.clients[client], [Given(changed)], now=NOW)


def test_a_devices_own_chain_is_kept_and_another_clients_device_is_refused(house: House) -> None:
    gold = house.clients["gold"]
    phone = Device.objects.create(client=gold, name="Teléfono", enrolled_by=house.desk)
    item = purchase()
    made = Captured(UUID(item["id"]), phone.id, 1, Operation.SUBMIT, item, NOW, FIRST)
    (kept,) = capture(gold, [Given(item, captured=made, skew_ms=-4000)], now=NOW)
    assert (kept.device_id, kept.digest, kept.skew_ms) == (phone.id, made.digest(), -4000)
    other = purchase()
    stolen = replace(made, id=UUID(other["id"]), payload=other, sequence=2)
    with pytest.raises(CaptureRefused):
        capture(house.clients["coal"], [Given(other, captured=stolen)], now=NOW)


def test_a_mistake_that_is_known_here_is_kept_beside_the_record(house: House) -> None:
    one, two = capture(house.clients["gold"], [Given(purchase()), Given(purchase(unit="kg"))], now=NOW)
    assert [[found["code"] for found in record.local_findings] for record in (one, two)] == [[], ["MIN-002"]]
    assert OutboxItem.objects.filter(state="queued").count() == 2, "the hub decides"


UNREADABLE: list[dict[str, Any]] = [
    {"occurred_at": "ayer"},
    {"occurred_at": "2026-11-10T09:00:00"},
    {"occurred_at": 5},
    {"items": [{"lot": "abc", "quantity": "1"}]},
    {"items": [{"lot": str(uuid7())}]},
    {"items": "abc"},
    {"inputs": [7], "kind": None},
    {"items": None},
]


@pytest.mark.parametrize("wrong", UNREADABLE)
def test_what_cannot_be_read_is_kept_and_stops_no_later_capture(house: House, wrong: dict[str, Any]) -> None:
    gold, whole = house.clients["gold"], {"items": [{"lot": str(uuid7()), "quantity": "1.000"}]}
    (bad,) = capture(gold, [Given(purchase(**wrong))], now=NOW)
    capture(gold, [Given(purchase(**whole))], now=NOW)
    assert (BusinessRecord.objects.count(), bad.local_findings != []) == (2, True)


def test_all_or_none(house: House) -> None:
    item = purchase()
    bad = Given(item | {"quantity": "9.000"})
    with pytest.raises(CaptureRefused):
        capture(house.clients["gold"], [Given(item), bad], now=NOW)
    assert not BusinessRecord.objects.exists()
    assert not OutboxItem.objects.exists()


@pytest.mark.parametrize("step", [MandateState.NONE, MandateState.PROPOSED, MandateState.ENDED])
def test_only_a_mandate_in_force_lets_anything_out(house: House, step: MandateState) -> None:
    gold = house.clients["gold"]
    capture(gold, [Given(purchase())], now=NOW)
    record_step(gold, step, mandate=uuid7())
    capture(gold, [Given(purchase())], now=NOW)
    assert [item.state for item in OutboxItem.objects.all()] == ["held"] * 2
    assert all(item.cause and item.fix for item in OutboxItem.objects.all()), "why, and what to do"
    record_step(gold, MandateState.IN_FORCE, mandate=uuid7())
    assert [(item.state, item.cause) for item in OutboxItem.objects.all()] == [("queued", "")] * 2


def test_a_client_that_never_had_a_mandate_keeps_what_it_captures(house: House) -> None:
    fresh = Client.objects.create(
        kind="trader", name="DEMO Nuevo (ficticio)", document_type="NIT", document_number="900200009",
        municipality="05001", created_by=house.desk,
    )  # fmt: skip
    capture(fresh, [Given(purchase())], now=NOW)
    assert OutboxItem.objects.get().state == "held"


def beside(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What the second act gives, begun in a connection of its own while the first one's transaction is still open."""
    given: list[Any] = []

    def run() -> None:
        try:
            given.append(second())
        except Error as trouble:
            given.append(trouble)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    with transaction.atomic():
        first()
        thread.start()
        assert wait(waits_for_a_lock, seconds=60), "the second one has to wait for the first"
    thread.join(60)
    return given[0]


def waits_for_a_lock() -> bool:
    """Whether another connection to this database is kept waiting by this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


def test_two_acts_at_once(committed: House) -> None:
    """A mandate in force while something is captured leaves nothing held; the same captured twice is one record."""
    gold, coal = committed.clients["gold"], committed.clients["coal"]
    record_step(gold, MandateState.ENDED, mandate=uuid7())
    beside(
        lambda: capture(gold, [Given(purchase())], now=NOW),
        lambda: record_step(gold, MandateState.IN_FORCE, mandate=uuid7()),
    )
    assert OutboxItem.objects.get().state == "queued"
    row = Given(purchase(), source_digest="b" * 64)
    again = beside(lambda: capture(coal, [row], now=NOW), lambda: capture(coal, [row], now=NOW))
    assert [record.pk for record in again] == [BusinessRecord.objects.get(client=coal).pk]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE node_businessrecord SET payload = '{}'",
        "DELETE FROM node_businessrecord",
        "UPDATE node_verdict SET status = 'accepted'",
        "UPDATE node_outboxitem SET record_id = record_id",
        "DELETE FROM node_outboxitem",
        "UPDATE node_client SET document_number = '1'",
    ],
)
def test_what_was_captured_is_never_changed(house: House, statement: str) -> None:
    capture(house.clients["gold"], [Given(purchase())], now=NOW)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
