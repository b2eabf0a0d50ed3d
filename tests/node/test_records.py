"""A record's page says what was captured and what the hub said; what is stopped goes again, an offer is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.conftest import NOW, House, purchase
from veta.kernel.ids import uuid7
from veta.node.domain.records import State
from veta.node.models import BusinessRecord, OutboxItem, Place
from veta.node.services import outbox
from veta.node.services.capture import Given, capture


def kept(house: House, **more: Any) -> tuple[BusinessRecord, str]:
    (record,) = capture(house.clients["gold"], [Given(purchase(**more))], now=NOW)
    return record, f"/clientes/{house.clients['gold'].id}/registros/{record.id}/"


def test_before_the_hub_has_spoken_it_says_so(house: House) -> None:
    _record, page = kept(house, unit="kg")
    text = house.browser("gold counter").get(page).content.decode()
    assert "Sin verificar todavía por la PTM" in text
    assert "MIN-002" in text, "what was seen here is shown"


def test_codes_are_names_and_points_are_commas(house: House) -> None:
    """Of a purchase and of what takes from a lot: nothing as the API writes it, on the page nor on the receipt."""
    Place.objects.create(code="05001", name="Medellín", department="Antioquia")
    record, page = kept(house, mineral="mineral_oro", quantity="12500", unit="kg", price_cop="1500000.5")
    browser = house.browser("gold counter")
    for address in (page, f"{page}recibo/"):
        text = browser.get(address).content.decode()
        for words in ("Mineral de oro (mena)", "Medellín, Antioquia (05001)", "12.500 kg", "1.500.000,5"):
            assert words in text, (address, words)
        assert not [raw for raw in ("mineral_oro", "subsistence", "12500", "1500000.5") if raw in text], address
    made = {
        "id": str(uuid7()), "kind": "loss", "occurred_at": record.payload["occurred_at"], "reason": "Se derramó",
        "holder": record.payload["buyer"], "items": [{"lot": record.payload["lot"], "quantity": "0.250"}],
    }  # fmt: skip
    (lost,) = capture(house.clients["gold"], [Given(made)], now=NOW)
    text = browser.get(f"/clientes/{lost.client_id}/registros/{lost.id}/").content.decode()
    assert all(words in text for words in ("Se derramó", "0,25", record.payload["lot"]))


def test_what_the_hub_said_is_shown_with_its_receipt(house: House) -> None:
    record, page = kept(house)
    found = {"code": "QUO-002", "severity": "warning", "field": "", "norm": "Norma", "message": "Casi", "params": {}}
    verdict = {"movement": str(record.id), "status": "accepted", "findings": [found], "lots": [], "rules": "x"}
    outbox.take([{"verdict": verdict, "receipt": {"leaf": "ab" * 32}, "repeated": False}], now=NOW)
    text = house.browser("gold accountant").get(page).content.decode()
    assert "Sin verificar" not in text
    assert all(word in text for word in ("QUO-002", "Casi", "Norma", "ab" * 32))


def test_what_is_stopped_is_sent_again_under_its_id(house: House) -> None:
    _record, page = kept(house)
    outbox.bury(OutboxItem.objects.get(), now=NOW, cause="x", fix="y")
    browser = house.browser("gold counter")
    assert "Enviar de nuevo" in browser.get(page).content.decode()
    assert browser.post(page, {"acto": "reintentar"}).status_code == 302
    assert (OutboxItem.objects.get().state, OutboxItem.objects.count()) == ("queued", 1)
    browser.post(page, {"acto": "reintentar"})
    assert "no está detenido" in browser.get(page).content.decode()


def test_an_offer_is_taken_back_by_a_record_of_its_own(house: House) -> None:
    record, page = kept(house)
    OutboxItem.objects.update(state=State.PENDING.value, answered_at=NOW)
    house.browser("gold owner").post(page, {"acto": "retirar"})
    answer = BusinessRecord.objects.exclude(pk=record.pk).get()
    assert (answer.operation, answer.payload["movement"]) == ("withdraw", str(record.id))
    assert answer.captured_by == house.people["gold owner"]


@pytest.mark.parametrize(("who", "status"), [("gold accountant", 403), ("coal counter", 404)])
def test_who_may_not(house: House, who: str, status: int) -> None:
    _record, page = kept(house)
    outbox.bury(OutboxItem.objects.get(), now=NOW, cause="x", fix="y")
    assert house.browser(who).post(page, {"acto": "reintentar"}).status_code == status
    assert OutboxItem.objects.get().state == "dead"


def test_another_clients_record_is_not_found_under_ones_own(house: House) -> None:
    record, _page = kept(house)
    page = f"/clientes/{house.clients['coal'].id}/registros/{record.id}/"
    assert house.browser("coal owner").get(page).status_code == 404
