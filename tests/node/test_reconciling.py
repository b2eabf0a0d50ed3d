"""The node's book against the hub's: each kind of difference is found, and two equal books say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.node.conftest import NOW, House, purchase
from tests.node.test_feed import ME, event, page, point
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.node.client import HubClient
from veta.node.domain.reconciling import PATIENCE
from veta.node.domain.records import State
from veta.node.models import OutboxItem, Reconciliation
from veta.node.services import feed, outbox
from veta.node.services.capture import Given, capture
from veta.node.services.reconciling import reconcile

NAME = "DEMO trader (ficticio)"


@pytest.fixture
def hub(house: House, node: Any, tmp_path: Any) -> Iterator[VerifyingHub]:
    """It knows the client's name, and no movement but what the feed told."""
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        server.answer = {"name": NAME, "registrations": []}
        point(node, server, tmp_path)
        yield server


def compared(house: House, hub: VerifyingHub, **when: Any) -> list[tuple[str, str, str]]:
    with HubClient(hub.url, ME, deadline=1) as client:
        run = reconcile(house.clients["gold"], client, now=NOW + timedelta(**when))
    return [(each.differs, each.ours, each.theirs) for each in run.differences.order_by("id")]


def answered(house: House, **said: Any) -> str:
    """A record with the verdict that the hub gave it."""
    id = str(capture(house.clients["gold"], [Given(purchase())], now=NOW)[0].id)
    verdict = {"movement": id, "status": "accepted", "findings": [], "lots": [], "rules": "x"} | said
    outbox.take([{"verdict": verdict, "receipt": {"leaf": "00"}, "repeated": False}], now=NOW)
    return id


def told(id: str, **said: Any) -> None:
    verdict = {"lots": [], "rules": "x"} | said
    feed.keep_page(page(event(int(id[-6:], 16), id, **verdict)), now=NOW)


def test_equal_books_say_so(house: House, hub: VerifyingHub) -> None:
    told(answered(house))
    assert compared(house, hub) == []
    run = Reconciliation.objects.get()
    assert (run.looked_at, run.agreed, run.trouble) == (1, 1, "")
    text = house.browser("gold accountant").get(f"/clientes/{house.clients['gold'].id}/conciliacion/").content.decode()
    assert "Los dos libros dicen lo mismo" in text


def test_a_verdict_that_differs(house: House, hub: VerifyingHub) -> None:
    told(answered(house), status="rejected")
    assert compared(house, hub) == [("verdict", "accepted", "rejected")]
    text = house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/conciliacion/").content.decode()
    assert "La PTM dice otro veredicto" in text


def test_what_the_hub_does_not_have(house: House, hub: VerifyingHub) -> None:
    answered(house)
    hub.orders = [404, 200]
    assert compared(house, hub) == [("missing", "accepted", "")]


@pytest.mark.parametrize(("late", "expected"), [(-1, []), (0, [("waiting", "queued", "")])])
def test_what_has_not_left_for_a_day(
    house: House, hub: VerifyingHub, late: int, expected: list[tuple[str, str, str]]
) -> None:
    record = capture(house.clients["gold"], [Given(purchase())], now=NOW)[0]
    record.refresh_from_db()
    hub.orders = [404, 200]
    with HubClient(hub.url, ME, deadline=1) as client:
        now = record.received_at + PATIENCE + timedelta(seconds=late)
        run = reconcile(house.clients["gold"], client, now=now)
    assert [(each.differs, each.ours, each.theirs) for each in run.differences.all()] == expected


def test_what_ended_without_our_knowing(house: House, hub: VerifyingHub) -> None:
    id = answered(house, status="pending")
    verdict = {"movement": id, "status": "pending", "findings": [], "lots": [], "rules": "x"}
    hub.answer = {"verdict": verdict, "state": "lapsed", "events": [], "name": NAME}
    told(id, status="pending")
    assert compared(house, hub) == [("state", "pending", "lapsed")]


def test_what_another_operator_reported_is_told_once(house: House, hub: VerifyingHub) -> None:
    strange = event(77, "0193a1b2-0000-7000-8000-000000000001")
    strange["author"] = {"kind": "firm", "name": NAME, "client": True}
    feed.keep_page(page(strange), now=NOW)
    assert compared(house, hub) == [("elsewhere", "", "accepted")]
    assert compared(house, hub) == []


def test_a_hub_that_does_not_answer_leaves_it_unfinished(house: House, hub: VerifyingHub) -> None:
    answered(house)
    hub.orders = [500] * 50
    compared(house, hub)
    run = Reconciliation.objects.get()
    assert (run.trouble != "", run.looked_at, run.agreed) == (True, 0, 0)


def test_control_a_node_that_says_accepted_by_itself_is_found(house: House, hub: VerifyingHub) -> None:
    capture(house.clients["gold"], [Given(purchase())], now=NOW)
    OutboxItem.objects.update(state=State.ACCEPTED.value)
    hub.orders = [404, 200]
    assert compared(house, hub) == [("missing", "accepted", "")]


def test_comparing_again_is_asked_for_by_who_manages(house: House, hub: VerifyingHub) -> None:
    address = f"/clientes/{house.clients['gold'].id}/conciliacion/"
    asked = {who: house.browser(who).post(address).status_code for who in ("gold owner", "gold counter", "coal owner")}
    assert asked == {"gold owner": 302, "gold counter": 403, "coal owner": 404}
