"""The capture pages: what is known is not asked, a mistake is told at its field, a page sent twice is one record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.node.conftest import NOW, House, purchase
from veta.kernel.ids import uuid7
from veta.kernel.period import BOGOTA
from veta.movements.domain.submission import receive
from veta.node.domain.capturing import item_of, lot_id, nested, within_minute
from veta.node.domain.local import check
from veta.node.models import Branch, BusinessRecord, Calibration, OutboxItem, Place, Scale
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.lots import lots_of
from veta.node.services import outbox
from veta.node.services.capture import Given, capture

MINE = {"type": "NIT", "number": "900200001"}
AT = (datetime.now(BOGOTA) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")


def accepted(house: House, item: dict[str, Any], lots: list[dict[str, str]], *, name: str = "gold") -> None:
    """Kept here and accepted by the hub, which made these lots."""
    capture(house.clients[name], [Given(item)], now=NOW)
    verdict = {"movement": item["id"], "status": "accepted", "findings": [], "lots": lots}
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=NOW)


def gold_lot(house: House, quantity: str = "9.000", **more: Any) -> UUID:
    item = purchase(quantity="10.000", **more)
    accepted(house, item, [{"lot": item["lot"], "mineral": "oro", "quantity": quantity, "unit": "g"}])
    return UUID(item["lot"])


def ore_lot(house: House, grade: str = "8") -> UUID:
    item = {
        "id": str(uuid7()), "kind": "production", "occurred_at": "2026-11-10T09:00:00-05:00", "holder": MINE,
        "origin": {"kind": "title", "code": "DEMO-ORO"}, "mineral": "mineral_oro", "quantity": "10000", "unit": "kg",
        "grade": grade, "lot": str(uuid7()),
    }  # fmt: skip
    lot = {"lot": item["lot"], "mineral": "mineral_oro", "quantity": "10000", "unit": "kg"}
    accepted(house, item, [lot])
    return UUID(str(item["lot"]))


def path(house: House, kind: str, query: str = "") -> str:
    return f"/clientes/{house.clients['gold'].id}/capturar/{kind}/{query}"


def sent(house: House, kind: str, query: str = "", /, **given: Any) -> Any:
    """The page of a kind, sent by the counter; the answer."""
    body = {"id": str(uuid7()), "occurred_at": AT, "acto": "guardar"} | given
    return house.browser("gold counter").post(path(house, kind, query), body)


def last() -> dict[str, Any]:
    return BusinessRecord.objects.latest("sequence").payload


def test_values_go_where_their_paths_say_and_lists_have_no_gaps() -> None:
    values = {"a.b": "1", "e[0].type": "", "e[2].number": "x", "e[2].type": "act", "e[1].number": "y", "n": None}
    assert nested(values) == {"a": {"b": "1"}, "e": [{"number": "y"}, {"number": "x", "type": "act"}]}


def test_a_records_lots_have_ids_of_their_own_and_the_same_again() -> None:
    id = uuid7()
    made = [lot_id(id, place) for place in range(3)]
    assert len(set(made)) == 3
    assert made == [lot_id(id, place) for place in range(3)]
    assert {each.version for each in made} == {7}
    assert {str(each)[:13] for each in made} == {str(id)[:13]}


def test_the_minute_of_the_page_has_its_seconds_and_any_other_none() -> None:
    id = UUID(int=(int(datetime(2026, 11, 10, 15, 4, 37, 250_000, UTC).timestamp() * 1000) << 80) | 0x7 << 76)
    for said, kept in (("10:03", "10:03:00"), ("10:04", "10:04:37"), ("10:05", "10:05:00")):
        assert within_minute(f"2026-11-10T{said}:00-05:00", id) == f"2026-11-10T{kept}-05:00"


def test_the_unit_is_the_minerals_and_a_ticket_is_of_the_day() -> None:
    values = {"occurred_at": "2026-11-10T23:30:00-05:00", "mineral": "oro", "quantity": "1", "fineness": "900"}
    made = item_of("production", values, id=uuid7(), party=MINE)
    assert (made["unit"], made["assay"], made["holder"]) == ("g", "declared", MINE)
    ticket = item_of("dispatch", {**values, "evidence[0].number": "T-1"}, id=uuid7(), party=MINE)
    assert ticket["evidence"] == [{"number": "T-1", "type": "weighbridge", "issued_on": "2026-11-10"}]


def test_each_kind_has_a_page(house: House) -> None:
    for who, status in (("gold owner", 200), ("gold accountant", 403), ("coal counter", 404)):
        browser = house.browser(who)
        assert {kind: browser.get(path(house, kind)).status_code for kind in KINDS} == dict.fromkeys(KINDS, status)


def test_production(house: House) -> None:
    branch = Branch.objects.create(client=house.clients["gold"], name="Mina", municipality="05250")
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.01"
    )
    Calibration.objects.create(scale=scale, certificate="C-1", calibrated_on="2020-01-01", due_on="2021-01-01")
    page = house.browser("gold counter").get(path(house, "production")).content.decode()
    assert "A1 (clase II) · CALIBRACIÓN VENCIDA" in page
    given = {"origin.code": "demo-oro", "origin.kind": "title", "mineral": "oro", "quantity": "12,5", "fineness": "900"}
    answer = sent(house, "production", **given, place=scale.id.hex)
    assert answer.status_code == 302, answer.content.decode()
    kept = last()
    assert {name: kept[name] for name in ("quantity", "unit", "place", "assay", "note", "holder")} == {
        "quantity": "12.5", "unit": "g", "place": {"municipality": "05250"}, "assay": "declared",
        "note": "Báscula A1 (clase II).", "holder": MINE,
    }  # fmt: skip
    assert check(kept, now=datetime.now(UTC)) == []
    assert "DEMO-ORO" in house.browser("gold counter").get(path(house, "production")).content.decode().upper()


WRONG = (
    ({"quantity": "1.234"}, "quantity", "puede ser mil y pico o un decimal"),
    ({"quantity": ""}, "quantity", ""),
    ({"fineness": "1200"}, "fineness", "MIN-004"),
    ({"fineness": ""}, "fineness", "MIN-"),
    ({"occurred_at": "2039-01-01T00:00"}, "occurred_at", "TIM-001"),
    ({"occurred_at": "ayer"}, "occurred_at", "día y la hora"),
    ({"evidence[0].type": "invoice"}, "evidence[0].number", "SCH-002"),
    ({"place.municipality": "99"}, "place.municipality", "municipio"),
)


def test_a_mistake_is_told_beside_its_field_and_nothing_is_kept(house: House) -> None:
    right = {"origin.code": "DEMO-ORO", "origin.kind": "title", "mineral": "oro", "quantity": "12,5", "fineness": "900"}
    for wrong, field, said in WRONG:
        answer = sent(house, "production", **(right | wrong))
        assert answer.status_code == 422
        assert said in str(answer.context["form"].errors[field]), (wrong, answer.context["form"].errors)
    assert not BusinessRecord.objects.exists()


def test_what_the_local_rules_find_is_kept_only_when_the_person_insists(house: House) -> None:
    right = {
        "origin.code": "DEMO-ORO",
        "origin.kind": "title",
        "mineral": "oro",
        "quantity": "12,5",
        "fineness": "1200",
    }
    first = sent(house, "production", **right)
    assert (first.status_code, "insistir" in first.content.decode()) == (422, True)
    again = sent(house, "production", **right, **{"pide-insistir": "1", "insistir": "on"})
    assert again.status_code == 302
    assert [each["code"] for each in BusinessRecord.objects.get().local_findings] == ["MIN-004"]


def test_a_page_sent_twice_is_one_record(house: House) -> None:
    given = {"origin.code": "DEMO-ORO", "origin.kind": "title", "mineral": "oro", "quantity": "1", "fineness": "900"}
    id = str(uuid7())
    answers = [sent(house, "production", **given, id=id) for _ in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    assert BusinessRecord.objects.count() == OutboxItem.objects.count() == 1
    changed = sent(house, "production", **(given | {"quantity": "2"}), id=id)
    assert (changed.status_code, BusinessRecord.objects.count()) == (422, 1)


def test_sale_of_picked_lots(house: House) -> None:
    whole, part = gold_lot(house), gold_lot(house)
    given = {"buyer.number": "900300001", "buyer.type": "NIT", f"toma-{whole.hex}": "on", f"cuanto-{part.hex}": "2,5"}
    assert sent(house, "sale", **given, price_cop="$ 1.500.000").status_code == 302
    kept = last()
    assert sorted(kept["items"], key=lambda each: each["quantity"]) == [
        {"lot": str(part), "quantity": "2.5"}, {"lot": str(whole), "quantity": "9"},
    ]  # fmt: skip
    assert (kept["price_cop"], kept["seller"]) == ("1500000", MINE)
    page = house.browser("gold counter").get(path(house, "sale")).content.decode()
    assert whole.hex not in page
    assert "quedan 6,5 g" in page
    assert 'value="900300001"' in page


def test_more_than_is_left_is_said_at_its_lot(house: House) -> None:
    lot = gold_lot(house)
    answer = sent(house, "sale", **{"buyer_kind": "on", f"cuanto-{lot.hex}": "9,001"})
    assert answer.status_code == 422
    assert "LOT-003" in str(answer.context["form"].errors[f"cuanto-{lot.hex}"])
    assert sent(house, "sale", **{"buyer_kind": "on", f"cuanto-{lot.hex}": "9"}).status_code == 302
    assert last()["buyer_kind"] == "final_consumer"
    assert "buyer" not in last()


def test_nobody_sells_without_a_lot_or_a_buyer(house: House) -> None:
    assert "No hay lotes" in sent(house, "sale").content.decode()
    lot = gold_lot(house)
    assert "Marque al menos un lote" in sent(house, "sale").content.decode()
    answer = sent(house, "sale", **{f"toma-{lot.hex}": "on"})
    assert "SCH-002" in str(answer.context["form"].errors["buyer.number"])


def test_dispatch_and_its_receipt_with_what_the_scales_differ(house: House) -> None:
    lot = gold_lot(house)
    given = {"to.municipality": "05001", "evidence[0].number": "T-9", "vehicle": "ABC123", f"toma-{lot.hex}": "on"}
    assert sent(house, "dispatch", **given).status_code == 302
    dispatch = BusinessRecord.objects.get(kind="dispatch")
    assert dispatch.payload["evidence"][0]["type"] == "weighbridge"
    assert "No hay despachos" in house.browser("gold counter").get(path(house, "receipt")).content.decode()
    OutboxItem.objects.filter(record=dispatch).update(state="pending")
    query = f"?despacho={dispatch.id}"
    line = "items[0].quantity"
    page = house.browser("gold counter").get(path(house, "receipt", query)).content.decode()
    assert 'value="9"' in page
    far = sent(house, "receipt", query, **{line: "8,5"})
    assert far.status_code == 422
    assert "-0,500 g" in far.content.decode()
    near = sent(house, "receipt", query, **{line: "8,999"}, acto="revisar")
    assert "-0,001 g" in near.content.decode()
    assert sent(house, "receipt", query, **{line: "8,5", "items[0].lost": "0,499"}).status_code == 302
    assert last()["items"] == [{"lot": str(lot), "quantity": "8.5", "lost": "0.499"}]
    assert "No hay despachos" in house.browser("gold counter").get(path(house, "receipt")).content.decode()


def test_a_blend_is_one_lot_unless_it_is_split(house: House) -> None:
    lots = [gold_lot(house), gold_lot(house)]
    whole = {f"toma-{lot.hex}": "on" for lot in lots}
    uneven = sent(house, "regroup", **whole, **{"outputs[0].quantity": "10", "outputs[3].quantity": "7"})
    assert uneven.status_code == 422
    assert "18 → 17 g" in uneven.content.decode()
    even = sent(house, "regroup", **whole, **{"outputs[0].quantity": "10", "outputs[3].quantity": "8"}, acto="revisar")
    assert "18 → 18 g" in even.content.decode()
    assert sent(house, "regroup", **whole).status_code == 302
    kept = last()
    assert [(each["quantity"], each["unit"]) for each in kept["outputs"]] == [("18", "g")]
    assert check(kept, now=datetime.now(UTC)) == []


def test_transformation_tells_its_yield(house: House) -> None:
    """Ten tonnes at 8 g/t hold 80 g; the recipe admits from a half to all of it."""
    for quantity, status, said in (("81", 422, "101,3 %"), ("80", 302, "100,0 %"), ("30", 302, "37,5 %")):
        lot = ore_lot(house)
        made = {"outputs[0].mineral": "dore", "outputs[0].quantity": quantity, "outputs[0].fineness": "1000"}
        given = {"recipe": "beneficio_oro", **made, f"toma-{lot.hex}": "on"}
        looked = sent(house, "transformation", **given, acto="revisar").content.decode()
        assert f"{said} (la receta admite de 50,0 % a 100,0 %)" in looked
        assert sent(house, "transformation", **given).status_code == status
    assert last()["plant"] == MINE, "who names none has its own"
    other = {"plant.number": "900300001", "plant.type": "NIT"}
    given[f"toma-{ore_lot(house).hex}"] = "on"
    assert sent(house, "transformation", **given, **other).status_code == 302
    assert last()["plant"] == {"type": "NIT", "number": "900300001"}, "its mineral was processed for it"
    page = house.browser("gold counter").get(path(house, "transformation")).content.decode()
    assert ('value="900300001"' in page, 'value="900200001"' in page) == (True, False), "offered the next time"
    assert last()["outputs"][0]["assay"] == "declared"


def test_export_consumption_loss_intake_and_retention(house: House) -> None:
    lots = [gold_lot(house) for _ in range(3)]
    papers = {"evidence[0].type": "export_declaration", "evidence[0].number": "DEX-1", "evidence[2].type": "inspection",
              "evidence[2].number": "I-2"}  # fmt: skip
    assert sent(house, "export", country="US", **papers, **{f"toma-{lots[0].hex}": "on"}).status_code == 302
    assert [each["type"] for each in last()["evidence"]] == ["export_declaration", "inspection"]
    assert sent(house, "consumption", use="Joyería", **{f"toma-{lots[1].hex}": "on"}).status_code == 302
    assert sent(house, "loss", reason="Se derramó", **{f"toma-{lots[2].hex}": "on"}).status_code == 302
    metal = {"mineral": "oro", "quantity": "3", "fineness": "900"}
    assert sent(house, "retention", circumstances="Sin papeles", **metal).status_code == 302
    paper = {"evidence[0].type": "invoice", "evidence[0].number": "F-1"}
    intake = {"basis": "disused", "origin.kind": "disused", **metal, **paper}
    assert sent(house, "documented_intake", **intake).status_code == 302
    left = {lot: (each.amount - each.used) for lot, each in lots_of(house.clients["gold"].id).items()}
    assert [left[lot] for lot in lots] == [0, 0, 0]


def test_an_intake_of_a_subsistence_miner_names_him(house: House) -> None:
    """So that the hub draws on his right; without a number nobody is named, and of a title nobody may be."""
    metal = {"mineral": "oro", "quantity": "3", "fineness": "900", "evidence[0].number": "DP-1"}
    intake = {"basis": "paper_certificate", **metal, "evidence[0].type": "production_declaration", "seller.type": "CC"}
    of_him = {"origin.kind": "subsistence", "origin.municipality": "05250 El Bagre (Antioquia)"}
    Place.objects.create(code="05250", name="El Bagre", department="Antioquia")
    assert sent(house, "documented_intake", **intake, **of_him, **{"seller.number": "10200300"}).status_code == 302
    kept = last()
    assert kept["seller"] == {"type": "CC", "number": "10200300"}
    assert receive(kept, b"").findings == (), "as the hub reads it"
    assert sent(house, "documented_intake", **intake, **of_him).status_code == 302
    assert "seller" not in last()
    of_a_title = {"origin.kind": "title", "origin.code": "DEMO-ORO", "seller.number": "10200300"}
    refused = sent(house, "documented_intake", **intake, **of_a_title)
    assert refused.status_code == 422
    assert "Solo se nombra vendedor cuando el origen es un minero de subsistencia" in refused.content.decode()


def test_unproven_mineral_is_offered_to_nothing(house: House) -> None:
    item = {
        "id": str(uuid7()), "kind": "retention", "occurred_at": NOW.isoformat(), "holder": MINE, "mineral": "oro",
        "quantity": "3", "unit": "g", "fineness": "900", "assay": "declared", "circumstances": "x",
        "lot": str(uuid7()),
    }  # fmt: skip
    accepted(house, item, [{"lot": str(item["lot"]), "mineral": "oro", "quantity": "2.700", "unit": "g"}])
    page = house.browser("gold counter").get(path(house, "sale")).content.decode()
    assert UUID(str(item["lot"])).hex not in page


def test_another_clients_lots_cannot_be_named(house: House) -> None:
    """Only what was picked among the client's own is read; anything else of the request is not."""
    lot = gold_lot(house)
    coal = f"/clientes/{house.clients['coal'].id}/capturar/sale/"
    body = {"id": str(uuid7()), "occurred_at": AT, "acto": "guardar", "buyer_kind": "on", f"toma-{lot.hex}": "on"}
    assert house.browser("coal counter").post(coal, body).status_code == 422
    assert house.browser("gold counter").post(coal, body).status_code == 404


def test_an_accountant_applies_no_workbook(house: House) -> None:
    base = f"/clientes/{house.clients['gold'].id}/hojas/"
    browser = house.browser("gold accountant")
    assert (browser.get(base).status_code, browser.post(base, {"clase": "sale"}).status_code) == (200, 403)


def test_many_lots_are_narrowed(house: House) -> None:
    lots = [gold_lot(house) for _ in range(3)]
    page = house.browser("gold counter").get(path(house, "sale", f"?lote={str(lots[0])[-6:]}")).content.decode()
    assert re.findall(r'name="toma-(\w+)"', page) == [lots[0].hex]
    assert Decimal(re.findall(r"quedan ([\d,]+) g", page)[0].replace(",", ".")) == 9
