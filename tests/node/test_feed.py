"""The feed by its cursor, and the webhook that only wakes its reader."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.cache import cache
from django.test import Client as Browser

from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import accepted, gold_lot
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.kernel.canonical_json import canonical
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.credentials import new_credentials, path_of, save
from veta.node.models import BusinessRecord, HubEvent, OutboxItem, Verdict
from veta.node.pages import webhook
from veta.node.queries.lots import lots_of
from veta.node.queries.mandates import mandates_of
from veta.node.queries.offers import offers_to
from veta.node.reader import follow
from veta.node.services import feed, outbox
from veta.node.services.capture import Given, capture
from veta.operators.domain.keys import key_id_of
from veta.operators.domain.webhook import challenge_body, is_answer, signed_headers

ME = new_credentials("DEMO-OTTM-1")


def event(number: int, movement: str, **verdict: Any) -> dict[str, Any]:
    said = {"movement": movement, "status": "accepted", "findings": []} | verdict
    return {
        "number": number, "movement": said.get("step", movement), "kind": "sale", "subject": None,
        "occurred_at": NOW.isoformat(), "verdict": said,
    }  # fmt: skip


def page(*items: dict[str, Any], cursor: str = "c1") -> dict[str, Any]:
    return {"items": list(items), "cursor": cursor, "more": False}


def kept(house: House) -> str:
    return str(capture(house.clients["gold"], [Given(purchase())], now=NOW)[0].id)


def test_a_page_ends_the_doubt_about_what_was_sent(house: House) -> None:
    id = kept(house)
    outbox.mark_sent(outbox.due(NOW), now=NOW)
    assert feed.keep_page(page(event(7, id, status="pending")), now=NOW) == 1
    assert (OutboxItem.objects.get().state, feed.place()) == ("pending", "c1")
    assert outbox.due(NOW) == [], "its answer is known: it is not sent again"
    ended = event(9, id, step=str(capture_of(house)), outcome="accepted")
    feed.keep_page(page(ended, cursor="c2"), now=NOW)
    assert OutboxItem.objects.order_by("number")[0].state == "accepted"


def capture_of(house: House) -> Any:
    return capture(house.clients["coal"], [Given(purchase())], now=NOW)[0].id


def test_a_page_that_comes_twice_is_kept_once(house: House) -> None:
    twice = page(event(7, kept(house)))
    assert [feed.keep_page(twice, now=NOW) for _ in range(2)] == [1, 0]
    assert (HubEvent.objects.count(), Verdict.objects.count()) == (1, 1)


def test_a_page_whose_cursor_is_not_kept_is_read_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place moves with the events or not at all."""
    monkeypatch.setattr(outbox, "settle", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        feed.keep_page(page(event(7, kept(house))), now=NOW)
    assert (HubEvent.objects.count(), feed.place()) == (0, "")


def test_the_reader_goes_on_where_it_stopped(house: House) -> None:
    with verifying_hub({ME.key_id: ME.public_key}) as hub, HubClient(hub.url, ME) as client:
        hub.answer = page(event(1, kept(house)))
        assert follow(client, clock=FixedClock(NOW)) == 1
        hub.answer = page(cursor="c9")
        follow(client, clock=FixedClock(NOW))
        assert hub.verified[-1].target_uri.endswith("?after=c1")
        assert feed.place() == "c9"


URL = "https://nodo.example/api/avisos"


class Sky:
    """The hub's own key, and what it sends."""

    hub: VerifyingHub

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.id = key_id_of("hub", self.key.public_key().public_bytes_raw())

    def send(self, body: bytes, *, url: str = URL, path: str = "/api/avisos", **changed: Any) -> Any:
        given = {"key_id": self.id, "key": self.key, "now": datetime.now(UTC), "nonce": "n" * 20} | changed
        headers = signed_headers(url=url, body=body, **given)
        kind = headers.pop("Content-Type")
        return Browser().generic("POST", path, body, content_type=kind, headers=headers)


@pytest.fixture
def sky(house: House, node: Any, tmp_path: Any) -> Iterator[Sky]:
    hub_key = Sky()
    raw = base64.b64encode(hub_key.key.public_key().public_bytes_raw()).decode()
    with verifying_hub({ME.key_id: ME.public_key}) as hub:
        hub.answer = {"items": [{"keyid": hub_key.id, "public_key": raw, "since": NOW.isoformat()}], "cursor": None}
        point(node, hub, tmp_path)
        hub_key.hub = hub
        cache.clear()
        yield hub_key
        cache.clear()


def point(node: Any, hub: VerifyingHub, home: Any) -> None:
    node.NODE_HUB_URL, node.NODE_HUB_ORIGIN, node.NODE_OPERATOR, node.NODE_HOME = hub.url, "", "DEMO-OTTM-1", home
    node.NODE_WEBHOOK_URL = URL
    save(ME, path_of(home, "DEMO-OTTM-1"))


def test_the_challenge_is_answered_under_our_key(sky: Sky) -> None:
    answer = sky.send(challenge_body("abc"))
    assert answer.status_code == 200
    assert is_answer(answer.content, "abc", url=URL, keys={"k": ME.key.public_key()})


def test_a_notice_wakes_the_reader_and_is_not_believed(sky: Sky, house: House) -> None:
    assert sky.send(canonical({"type": "events", **page(event(3, kept(house)))})).status_code == 204
    assert not HubEvent.objects.exists()


FORGED = [
    ("another key", {"key": Ed25519PrivateKey.generate()}),
    ("a key that the hub does not list", {"key_id": "hub:unknown"}),
    ("another address", {"url": "https://nodo.example/otra"}),
    ("long ago", {"now": datetime(2026, 1, 1, tzinfo=UTC)}),
]


@pytest.mark.parametrize(("what", "changed"), FORGED)
def test_what_the_hub_did_not_sign_for_us_is_refused(sky: Sky, what: str, changed: dict[str, Any]) -> None:
    assert sky.send(challenge_body("abc"), **changed).status_code == 401, what


@pytest.mark.parametrize("order", ["drop", 500, 403, "no key"])
def test_a_key_that_nobody_can_ask_about_now_is_not_refused_for_good(
    sky: Sky, node: Any, monkeypatch: pytest.MonkeyPatch, order: Any
) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.2)
    if order == "no key":
        node.NODE_OPERATOR = "DEMO-OTTM-9"
    sky.hub.orders = [order] * 50
    answer = sky.send(canonical({"type": "events", **page()}))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_no_signature_at_all(sky: Sky) -> None:
    assert Browser().post("/api/avisos", b"{}", content_type="application/json").status_code == 401


def reversed_(number: int, movement: str, subject: str, **verdict: Any) -> dict[str, Any]:
    return event(number, movement, **verdict) | {"kind": "reversal", "subject": subject}


def test_what_was_reversed_at_the_hub_is_no_lot_and_takes_of_none(house: House) -> None:
    """By whoever reversed it: a rejected reversal and one that waits change nothing, a confirmed one does."""
    gold, lot = house.clients["gold"], gold_lot(house)
    bought = str(BusinessRecord.objects.get(kind="subsistence_purchase").pk)
    sale = {"id": str(uuid7()), "kind": "sale", "occurred_at": NOW.isoformat(), "items": [
        {"lot": str(lot), "quantity": "4.000"}]}  # fmt: skip
    accepted(house, sale, [])
    assert [(each.amount, each.used) for each in lots_of(gold.id).values()] == [(9_000, 4_000)]
    asked = str(uuid7())
    for n, verdict in enumerate(({"status": "rejected"}, {"status": "pending"})):
        feed.keep_page(page(reversed_(n, asked if n else str(uuid7()), sale["id"], **verdict)), now=NOW)
        assert [each.used for each in lots_of(gold.id).values()] == [4_000]
    confirmed = event(4, asked, step=str(uuid7()), outcome="accepted") | {"kind": "confirmation", "subject": asked}
    feed.keep_page(page(confirmed), now=NOW)
    assert [each.used for each in lots_of(gold.id).values()] == [0], "what it took is back"
    feed.keep_page(page(reversed_(5, str(uuid7()), bought)), now=NOW)
    assert lots_of(gold.id) == {}
    assert set(OutboxItem.objects.values_list("state", flat=True)) == {"reversed"}
    shown = house.browser("gold accountant").get(f"/clientes/{gold.id}/registros/{bought}/").content.decode()
    assert "Reversado en la PTM" in shown


def test_a_reversal_that_waits_is_offered_to_its_other_party(house: House) -> None:
    gold = house.clients["gold"]
    told = reversed_(3, str(uuid7()), str(uuid7()), status="pending")
    feed.keep_page(page(told | {"counterparty_mandate": str(mandates_of(gold.id)[0])}), now=NOW)
    assert [str(each.movement) for each in offers_to(gold)] == [told["movement"]]


def test_a_receipt_that_counts_ends_its_dispatch(house: House) -> None:
    """A rejected one leaves it on the road."""
    sent = kept(house)
    for number, status, state in ((8, "rejected", "pending"), (9, "accepted", "accepted")):
        outbox.mark_sent(outbox.due(NOW), now=NOW)
        dispatch = event(7, sent, status="pending") | {"kind": "dispatch"}
        receipt = event(number, str(uuid7()), status=status) | {"kind": "receipt", "subject": sent}
        feed.keep_page(page(dispatch, receipt, cursor=f"c{number}"), now=NOW)
        assert OutboxItem.objects.get().state == state
