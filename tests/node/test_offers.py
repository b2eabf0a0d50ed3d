"""What others offer to a client: listed by its mandate, answered once, and its lots its own when the hub says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.conftest import NOW, House
from tests.node.test_capturing import gold_lot, path
from tests.node.test_feed import event, page
from veta.kernel.ids import uuid7
from veta.node.models import BusinessRecord, OutboxItem
from veta.node.queries.lots import lots_of
from veta.node.queries.mandates import mandates_of
from veta.node.services import feed, outbox


@pytest.fixture
def alone(node: Any, tmp_path: Any) -> None:
    """The node's own sandbox in place of a hub: it knows no offer's lines."""
    node.NODE_HUB_URL, node.NODE_HOME = "sandbox:", tmp_path


def offered(house: House, number: int = 7, *, to: str = "gold", **verdict: Any) -> str:
    """Somebody's sale to a client, as the feed tells it."""
    movement = str(uuid7())
    told = event(number, movement, **({"status": "pending"} | verdict))
    told["author"] = {"kind": "firm", "name": "DEMO vendedor (ficticio)", "client": False}
    told["counterparty_mandate"] = str(mandates_of(house.clients[to].id)[0])
    feed.keep_page(page(told), now=NOW)
    return movement


def ended(movement: str, outcome: str, *, number: int = 9) -> None:
    told = event(number, movement, step=str(uuid7()), outcome=outcome)
    feed.keep_page(page(told | {"subject": movement, "kind": "confirmation"}, cursor="c2"), now=NOW)


def at(house: House, movement: str = "", *, client: str = "gold") -> str:
    return f"/clientes/{house.clients[client].id}/ofertas/" + (f"{movement}/" if movement else "")


def test_an_offer_is_its_clients_alone(house: House, alone: None) -> None:
    movement, other = offered(house), offered(house, 8, to="coal")
    browser = house.browser("gold counter")
    listed = browser.get(at(house)).content.decode()
    assert (movement in listed, other in listed, "DEMO vendedor" in listed) == (True, False, True)
    shown = browser.get(at(house, movement)).content.decode()
    assert ("2026-11-10 10:00" in shown, "15:00" in shown) == (True, False), "Bogotá's hour, as in the list"
    assert "Ofertas (1)" in browser.get(f"/clientes/{house.clients['gold'].id}/").content.decode()
    for who, where, client, status in (
        ("gold accountant", movement, "gold", 200), ("gold owner", other, "gold", 404),
        ("gold owner", other, "coal", 404), ("coal owner", movement, "gold", 404),
    ):  # fmt: skip
        assert house.browser(who).get(at(house, where, client=client)).status_code == status, (who, where)
    refused = [house.browser(who).post(at(house, movement), {"decision": "confirmar", "id": str(uuid7())}).status_code
               for who in ("gold accountant", "coal owner")]  # fmt: skip
    assert refused == [403, 404]
    assert not BusinessRecord.objects.exists()


def test_what_the_hub_rejected_is_no_offer(house: House, alone: None) -> None:
    movement = offered(house, status="rejected")
    assert house.browser("gold counter").get(at(house, movement)).status_code == 404


def test_confirmed_once_and_its_lots_are_the_clients(house: House, alone: None) -> None:
    movement, id, lot = offered(house), str(uuid7()), str(uuid7())
    browser = house.browser("gold counter")
    answers = [browser.post(at(house, movement), {"decision": "confirmar", "id": id}) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 422]
    (record,) = BusinessRecord.objects.all()
    assert (record.operation, record.payload) == ("confirm", {"id": id, "movement": movement})
    assert "Confirmar</button>" not in browser.get(at(house, movement)).content.decode()
    lots = [{"lot": lot, "mineral": "oro", "quantity": "5.000", "unit": "g"}]
    verdict = {"movement": movement, "step": id, "status": "accepted", "outcome": "accepted", "findings": [],
               "lots": lots}  # fmt: skip
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=NOW)
    (mine,) = lots_of(house.clients["gold"].id).values()
    assert (str(mine.id), mine.occurred_at) == (lot, NOW), "of the sale's moment, not of the answer's"
    assert "quedan 5 g" in browser.get(path(house, "sale")).content.decode()


def test_refused_with_a_reason_alone(house: House, alone: None) -> None:
    movement = offered(house)
    browser = house.browser("gold owner")
    given = {"decision": "negar", "id": str(uuid7())}
    assert "Diga por qué" in browser.post(at(house, movement), given).content.decode()
    assert browser.post(at(house, movement), given | {"motivo": "No es nuestro"}).status_code == 302
    (record,) = BusinessRecord.objects.all()
    assert (record.operation, record.payload["reason"]) == ("refuse", "No es nuestro")


def test_an_answer_that_the_hub_rejected_leaves_the_offer_open(house: House, alone: None) -> None:
    movement = offered(house)
    browser = house.browser("gold owner")
    browser.post(at(house, movement), {"decision": "confirmar", "id": str(uuid7())})
    OutboxItem.objects.update(state="rejected")
    assert "Confirmar</button>" in browser.get(at(house, movement)).content.decode()


@pytest.mark.parametrize("outcome", ["accepted", "withdrawn", "lapsed"])
def test_what_ended_is_not_answered(house: House, alone: None, outcome: str) -> None:
    movement = offered(house)
    ended(movement, outcome)
    browser = house.browser("gold counter")
    assert browser.post(at(house, movement), {"decision": "confirmar", "id": str(uuid7())}).status_code == 422
    assert not BusinessRecord.objects.exists()
    assert "Espera su respuesta" not in browser.get(at(house)).content.decode()


def test_own_offers_that_wait_are_listed_and_taken_back(house: House, alone: None) -> None:
    lot = gold_lot(house)
    body = {"id": str(uuid7()), "occurred_at": "2026-11-10T10:00", "acto": "guardar", f"toma-{lot.hex}": "on",
            "buyer.number": "900300001", "buyer.type": "NIT"}  # fmt: skip
    browser = house.browser("gold counter")
    assert browser.post(path(house, "sale"), body).status_code == 302
    OutboxItem.objects.filter(record__kind="sale").update(state="pending")
    assert "Lo que usted ofreció" in browser.get(at(house)).content.decode()
    address = f"/clientes/{house.clients['gold'].id}/registros/{body['id']}/"
    browser.post(address, {"acto": "retirar"})
    assert BusinessRecord.objects.get(operation="withdraw").payload["movement"] == body["id"]
