"""The node's book against the hub's: each kind of difference is found, and two equal books say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.node.conftest import NOW, House, purchase
from tests.node.test_feed import ME, event, page, point
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.domain.reconciling import PATIENCE
from veta.node.domain.records import State
from veta.node.models import HubEvent, OutboxItem, Reconciliation
from veta.node.queries.mandates import mandates_of
from veta.node.services import feed, outbox
from veta.node.services.capture import Given, capture
from veta.node.services.reconciling import reconcile
from veta.node.tasks import reconcile_all


@pytest.fixture
def hub(house: House, node: Any, tmp_path: Any) -> Iterator[VerifyingHub]:
    """It knows no movement but what the feed told."""
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        point(node, server, tmp_path)
        yield server


def compared(house: House, hub: VerifyingHub, *, deadline: float = 30, **when: Any) -> list[tuple[str, str, str]]:
    with HubClient(hub.url, ME, deadline=deadline) as client:
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


def test_what_is_older_than_what_is_compared_is_told(
    house: House, hub: VerifyingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three records, of which the latest two are compared."""
    for _each in range(3):
        told(answered(house))
    assert compared(house, hub) == []
    assert "no se mir" not in book_of(house), "all were"
    for module in ("services.reconciling", "pages.reconciling"):
        monkeypatch.setattr(f"veta.node.{module}.WINDOW", 2)
    assert compared(house, hub) == []
    text = book_of(house)
    assert "2 de 2 iguales" in text
    assert "Hay 1 registro más antiguo que no se miró: se comparan los 2 más recientes." in text
    assert "De lo que se comparó, los dos libros dicen lo mismo." in text


def test_a_verdict_that_differs(house: House, hub: VerifyingHub) -> None:
    told(answered(house), status="rejected")
    assert compared(house, hub) == [("verdict", "accepted", "rejected")]
    text = house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/conciliacion/").content.decode()
    assert "La PTM dice otro veredicto" in text
    base = f"/clientes/{house.clients['gold'].id}/"
    for address, words in (("/", "1 diferencia con la PTM: DEMO Oro"), (base, "dicen distinto de 1 movimiento.")):
        text = house.browser("desk").get(address).content.decode()
        assert (words in text, f'href="{base}conciliacion/"' in text) == (True, True), address
    other = house.browser("coal owner").get(f"/clientes/{house.clients['coal'].id}/").content.decode()
    assert "dicen distinto" not in other


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
    with HubClient(hub.url, ME, deadline=30) as client:
        now = record.received_at + PATIENCE + timedelta(seconds=late)
        run = reconcile(house.clients["gold"], client, now=now)
    assert [(each.differs, each.ours, each.theirs) for each in run.differences.all()] == expected


def test_what_ended_without_our_knowing(house: House, hub: VerifyingHub) -> None:
    id = answered(house, status="pending")
    verdict = {"movement": id, "status": "pending", "findings": [], "lots": [], "rules": "x"}
    hub.answer = {"verdict": verdict, "state": "lapsed", "events": [], "items": []}
    told(id, status="pending")
    assert compared(house, hub) == [("state", "pending", "lapsed")]
    assert OutboxItem.objects.get().state == "lapsed", "the hub's word is taken over"
    assert compared(house, hub) == []


STRANGE = "0193a1b2-0000-7000-8000-000000000001"


def elsewhere(house: House, movement: str, *, author: str = "gold") -> None:
    """The feed tells of a movement whose author is that client, by its mandate; the two have one name."""
    strange = event(77, movement)
    strange["author"] = {"kind": "firm", "name": "DEMO trader (ficticio)", "client": True}
    strange["author_mandate"] = str(mandates_of(house.clients[author].id)[0])
    feed.keep_page(page(strange), now=NOW)


def book_of(house: House) -> str:
    gold = house.clients["gold"].id
    return house.browser("gold accountant").get(f"/clientes/{gold}/conciliacion/").content.decode()


def test_what_another_operator_reported_is_found_once_and_shown_until_it_is_ours(
    house: House, hub: VerifyingHub
) -> None:
    elsewhere(house, STRANGE)
    assert compared(house, hub) == [("elsewhere", "", "accepted")]
    shown = house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/").content.decode()
    assert ("1 movimiento de este cliente que no pasó por este nodo" in shown, "dicen distinto" in shown) == (
        True,
        False,
    )
    assert compared(house, hub) == []
    assert STRANGE in book_of(house)
    assert "Los dos libros dicen lo mismo" not in book_of(house)
    capture(house.clients["gold"], [Given(purchase(id=STRANGE))], now=NOW)
    assert STRANGE not in book_of(house)


def test_what_this_node_sent_for_a_namesake_is_not_elsewhere(house: House, hub: VerifyingHub) -> None:
    elsewhere(house, str(capture(house.clients["coal"], [Given(purchase())], now=NOW)[0].id))
    assert compared(house, hub) == []


def test_of_two_namesakes_neither_is_shown_the_others(house: House, hub: VerifyingHub) -> None:
    elsewhere(house, STRANGE, author="coal")
    assert compared(house, hub) == []
    with HubClient(hub.url, ME, deadline=30) as client:
        run = reconcile(house.clients["coal"], client, now=NOW)
    assert [each.differs for each in run.differences.all()] == ["elsewhere"]


def test_what_another_operator_reported_is_found_by_an_index(house: House) -> None:
    HubEvent.objects.bulk_create(
        HubEvent(number=n, movement=uuid7(), kind="sale", author_mandate=uuid7(), occurred_at=NOW, body={})
        for n in range(300)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # of indexes that cost the same, the one that is in order
        cursor.execute(
            "EXPLAIN SELECT * FROM node_hubevent WHERE author_mandate = %s AND subject IS NULL ORDER BY number",
            mandates_of(house.clients["gold"].id),
        )  # fmt: skip
        assert "node_event_author" in "".join(row[0] for row in cursor.fetchall())


def test_what_never_left_is_not_asked_for(house: House, hub: VerifyingHub) -> None:
    capture(house.clients["gold"], [Given(purchase()), Given(purchase())], now=NOW)
    outbox.bury(OutboxItem.objects.order_by("number")[0], now=NOW, cause="x", fix="y")
    compared(house, hub)
    assert hub.verified == []


def test_a_hub_that_does_not_answer_leaves_it_unfinished(house: House, hub: VerifyingHub) -> None:
    answered(house)
    hub.orders = [500] * 50
    compared(house, hub, deadline=1)
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


def test_asking_twice_is_one_comparison(house: House, hub: VerifyingHub) -> None:
    gold, browser = house.clients["gold"].id, house.browser("gold owner")
    for _ in range(3):
        browser.post(f"/clientes/{gold}/conciliacion/")
    jobs = ProcrastinateJob.objects.filter(task_name="veta.node.tasks.reconcile_client", status="todo")
    assert [(job.lock, job.args) for job in jobs] == [(f"reconcile {gold}", {"client": str(gold)})]
    assert "Ya hay una comparación pedida" in book_page(browser, gold)
    assert reconcile_all(0) == 2
    assert jobs.all().count() == 2


def book_page(browser: Any, client: Any) -> str:
    return str(browser.get(f"/clientes/{client}/conciliacion/").content.decode())
