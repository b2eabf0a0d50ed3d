"""What the hub did not take: corrected under another id and linked, or dismissed with a reason; nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import gold_lot, path, sent
from tests.node.test_reconciling import compared, hub
from tests.node.verifying_hub import VerifyingHub
from veta.kernel.ids import uuid7
from veta.node.domain.capturing import nested
from veta.node.domain.prefilling import carried, paths_of
from veta.node.domain.records import State
from veta.node.models import BusinessRecord, OutboxItem, Resolution
from veta.node.queries.lots import lots_of
from veta.node.queries.mending import chain_of
from veta.node.queries.remedies import fix_of, fix_of_refusal
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.node.services.mending import dismiss, replace
from veta.node.services.outbox import OutboxRefused

__all__ = ["hub"]


def dead(house: House, **more: Any) -> BusinessRecord:
    """A purchase that the hub could not read."""
    (record,) = capture(house.clients["gold"], [Given(purchase(**more))], now=NOW)
    item = OutboxItem.objects.get(record=record)
    outbox.bury(item, now=NOW, cause="SCH-003: no se entiende", fix="Corrija el dato.")
    return record


def state(record: BusinessRecord) -> str:
    return OutboxItem.objects.get(record=record).state


def form_of(browser: Browser, address: str) -> dict[str, Any]:
    """What the page would send, as it stands."""
    form = browser.get(address).context["form"]
    given = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in given.items() if value not in (None, "", False)} | {"acto": "guardar"}


def test_an_item_and_its_paths_are_one() -> None:
    item = purchase()
    assert nested(dict(paths_of(item))) == item


@pytest.mark.parametrize(
    ("kind", "state", "cause", "kept", "fix"),
    [
        ("sale", "rejected", "LOT-003: No alcanza.", "", "El lote no alcanza"),
        ("sale", "rejected", "XXX-001: Otro.", "", "No cuenta. Corrija"),
        ("subsistence_purchase", "rejected", "QUO-003: Pasa.", "", "El cupo del minero ya se usó"),
        ("sale", "dead", "SCH-010: Ya está.", "Corrija.", "Ese identificador ya lleva"),
        ("confirm", "dead", "No hay tal movimiento (HTTP 404)", fix_of_refusal(404, []), "La PTM no tiene ese"),
        ("sale", "dead", "No (HTTP 422)", fix_of_refusal(422, ["SCH-002"]), "Falta el dato que se dice"),
        ("sale", "dead", "No (HTTP 422)", fix_of_refusal(422, ["SIG-001"]), "Corrija el dato y captúrelo"),
        ("sale", "held", "", "", "Proponga el mandato"),
        ("sale", "lapsed", "", "", "El lote quedó libre. Ofrézcalo"),
        ("sale", "accepted", "", "", ""),
        ("sale", "queued", "El hub no contesta.", "", ""),
    ],
)
def test_each_cause_has_its_remedy(kind: str, state: str, cause: str, kept: str, fix: str) -> None:
    said = fix_of(kind, State(state), cause, kept)
    assert said.startswith(fix)
    assert bool(said) is bool(fix)


def test_a_rejection_says_what_to_do_on_each_of_the_desks_pages(house: House) -> None:
    (record,) = capture(house.clients["gold"], [Given(purchase(kind="sale"))], now=NOW)
    OutboxItem.objects.update(state="rejected", cause="LOT-003: No alcanza.")
    base, desk = f"/clientes/{house.clients['gold'].id}/", house.browser("desk")
    for address in (base, f"{base}registros/{record.id}/", f"{base}revisar/"):
        assert "LOT-003: No alcanza. El lote no alcanza, no es suyo" in desk.get(address).content.decode(), address


def test_corrected_under_another_id_and_linked(house: House) -> None:
    record = dead(house, quantity="1,000", consent={"id": str(uuid7()), "code": "204816"})
    browser = house.browser("gold counter")
    base = f"/clientes/{house.clients['gold'].id}/"
    listed = browser.get(f"{base}revisar/").content.decode()
    assert "SCH-003: no se entiende Escriba ese dato como se dice" in listed, "the remedy of its own cause"
    assert "Para revisar (1)" in browser.get(base).content.decode()
    address = path(house, "subsistence_purchase", f"?corrige={record.id}")
    body = form_of(browser, address)
    assert (body["quantity"], body["seller.number"], body["fineness"]) == ("1,000", "10200300", "900")
    answers = [browser.post(address, body | {"quantity": "1"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    made = BusinessRecord.objects.exclude(pk=record.pk).get()
    assert made.payload["quantity"] == "1"
    assert {name: made.payload[name] for name in ("seller", "buyer", "origin", "consent")} == {
        name: record.payload[name] for name in ("seller", "buyer", "origin", "consent")
    }
    assert (state(record), state(made)) == ("replaced", "queued")
    old, new = (browser.get(f"{base}registros/{each.id}/").content.decode() for each in (record, made))
    assert str(made.id) in old
    assert "Corregir y enviar otro" not in old
    assert str(record.id) in new
    assert "Nada espera a una persona" in browser.get(f"{base}revisar/").content.decode()


def test_what_the_hub_rejected_stays_rejected_and_is_linked(house: House) -> None:
    lot = gold_lot(house)
    sent(house, "sale", **{"buyer_kind": "on", f"cuanto-{lot.hex}": "4"})
    record = BusinessRecord.objects.get(kind="sale")
    OutboxItem.objects.filter(record=record).update(state=State.REJECTED.value)
    browser, address = house.browser("gold counter"), path(house, "sale", f"?corrige={record.id}")
    body = form_of(browser, address)
    assert body[f"cuanto-{lot.hex}"] == "4"
    assert browser.post(address, body | {f"cuanto-{lot.hex}": "3"}).status_code == 302
    assert state(record) == "rejected"
    assert Resolution.objects.get(pk=record.pk).replaced_by.payload["items"][0]["quantity"] == "3"
    assert lots_of(house.clients["gold"].id)[lot].used == 3000


def test_dismissed_with_a_reason_by_who_manages(house: House) -> None:
    record = dead(house)
    address = f"/clientes/{house.clients['gold'].id}/registros/{record.id}/descartar/"
    asked = {"motivo": "Se compró por otro operador"}
    for who, status in (("gold counter", 403), ("gold accountant", 403), ("coal owner", 404)):
        assert house.browser(who).post(address, asked).status_code == status
    owner = house.browser("gold owner")
    assert owner.post(address, {"motivo": " "}).status_code == 422
    assert state(record) == "dead"
    assert owner.post(address, asked).status_code == 302
    assert state(record) == "dismissed"
    page = owner.get(f"/clientes/{house.clients['gold'].id}/registros/{record.id}/").content.decode()
    assert "Se compró por otro operador" in page
    assert owner.post(address, asked).status_code == 404
    with pytest.raises(OutboxRefused):
        outbox.try_again(OutboxItem.objects.get(record=record), now=NOW)


def test_nothing_is_settled_twice_nor_what_is_on_its_way(house: House) -> None:
    record, going = dead(house), capture(house.clients["gold"], [Given(purchase())], now=NOW)[0]
    by = house.people["gold owner"]
    dismiss(record, reason="No fue", by=by)
    for each in (record, going):
        with pytest.raises(OutboxRefused):
            replace(each, Given(purchase()), now=NOW, by=by)
        with pytest.raises(OutboxRefused):
            dismiss(each, reason="x", by=by)
    assert BusinessRecord.objects.count() == 2


def test_another_clients_record_is_not_corrected(house: House) -> None:
    record = dead(house)
    coal = f"/clientes/{house.clients['coal'].id}/capturar/subsistence_purchase/?corrige={record.id}"
    assert house.browser("coal owner").get(coal).status_code == 404
    assert house.browser("gold owner").get(path(house, "sale", f"?corrige={record.id}")).status_code == 404


def test_what_was_settled_is_no_difference_and_the_hub_having_it_is(house: House, hub: VerifyingHub) -> None:
    record = dead(house)
    assert [each[0] for each in compared(house, hub, days=60)] == ["waiting"]
    dismiss(record, reason="No fue", by=house.people["gold owner"])
    assert compared(house, hub, days=60) == []


def test_the_chain_says_where_a_record_stands_and_whether_it_was_touched(house: House) -> None:
    first, second = capture(house.clients["gold"], [Given(purchase()), Given(purchase())], now=NOW)
    for record, before in ((first, None), (second, first.id)):
        link = chain_of(BusinessRecord.objects.get(pk=record.pk))
        assert (link.before, link.whole) == (before, True)
    touched = BusinessRecord.objects.get(pk=second.pk)
    touched.payload["quantity"] = "2.000"
    assert not chain_of(touched).whole
    touched = BusinessRecord.objects.get(pk=second.pk)
    touched.previous = "f" * 64
    assert not chain_of(touched).whole


def test_a_correction_keeps_the_seconds_of_the_minute_that_it_leaves() -> None:
    """Its form asks to the minute: what came just before in that minute then still stands before it."""
    old = {"occurred_at": "2026-11-22T10:56:41.5-05:00", "confirm_by": "2026-11-25T10:00:00-05:00"}
    left, moved = {"occurred_at": "2026-11-22T10:56:00-05:00"}, {"occurred_at": "2026-11-22T10:57:00-05:00"}
    assert carried(old, left) == old
    assert carried(old, moved) == old | moved
