"""The books of a client: filled from what was captured, the same on the page and in each file, and nobody else's."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from arro3.io import read_parquet
from python_calamine import CalamineWorkbook

from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import MINE, accepted, gold_lot, ore_lot
from tests.node.test_offers import offered
from veta.kernel.ids import uuid7
from veta.node.connect import SANDBOX
from veta.node.domain.records import Operation
from veta.node.models import OutboxItem
from veta.node.pages.books import month_of
from veta.node.queries.books import BOOKS
from veta.node.services import outbox
from veta.node.services.capture import Given, answer_payload, capture
from veta.node.services.offers import keep_price

OTHER = {"type": "NIT", "number": "900300001"}
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def filled(house: House) -> None:
    """Three purchases of two sellers, one of which the hub rejected; one more in December, Bogotá's clock."""
    gold = house.clients["gold"]
    money = {"price_cop": "100000", "royalty_withheld_cop": "4000.50"}
    other = {"type": "CC", "number": "10200301"}
    given = [
        purchase(**money), purchase(quantity="2.005", **money), purchase(seller=other, **money),
        purchase(occurred_at="2026-12-01T04:59:59+00:00", **money), purchase(occurred_at="2026-12-01T05:00:00+00:00"),
    ]  # fmt: skip
    records = capture(gold, [Given(each) for each in given], now=NOW)
    ids = [record.id for record in records]
    OutboxItem.objects.filter(record=ids[2]).update(state="rejected")
    OutboxItem.objects.filter(record__in=[ids[0], ids[1]]).update(state="accepted")


def rows(house: House, book: str) -> list[tuple[object, ...]]:
    return list(BOOKS[book].rows(house.clients["gold"].id, FIRST, LAST))


def test_the_month_ends_at_bogotas_midnight_and_only_what_the_hub_accepted_is_summed(house: House) -> None:
    """What waits is in the lists with its state, what was rejected in the daily book alone."""
    filled(house)
    assert [row[12] for row in rows(house, "diario")] == [
        "Aceptado por la PTM", "Aceptado por la PTM", "Rechazado por la PTM", "En cola",
    ]  # fmt: skip
    assert [row[6] for row in rows(house, "retenciones")] == [Decimal("0.900"), Decimal("1.804"), Decimal("0.900")]
    (seller,) = rows(house, "proveedores")
    assert seller == ("CC 10200300", "Oro", "g", 2, Decimal("2.704"), Decimal(200000), Decimal("8001.00"))
    assert rows(house, "anm-regalias") == [("Retenida a mineros de subsistencia", "05001", *seller[1:], "")]


def of_every_kind(house: House) -> dict[str, str]:
    """Ore that was mined, sold and processed; gold bought, bought of a trader, and lost: accepted but for the last."""
    ore, gold = ore_lot(house), gold_lot(house, price_cop="900000")
    sold, made, dore = str(uuid7()), str(uuid7()), str(uuid7())
    common = {"occurred_at": "2026-11-10T10:00:00-05:00"}
    paid = [{"type": "royalty_payment", "number": "RG-7", "issued_on": "2026-11-09"}]
    both = [{"lot": str(ore), "quantity": "4000"}, {"lot": str(gold), "quantity": "2.5"}]
    accepted(house, {"id": sold, "kind": "sale", "seller": MINE, "buyer": OTHER, "price_cop": "5000000",
                     "items": both, "evidence": paid, **common}, [])  # fmt: skip
    measure = {"mineral": "dore", "quantity": "30", "unit": "g", "fineness": "900", "assay": "declared", "lot": dore}
    accepted(house, {"id": made, "kind": "transformation", "holder": MINE, "plant": MINE, "recipe": "beneficio_oro",
                     "inputs": [{"lot": str(ore), "quantity": "6000"}], "outputs": [measure], **common},
             [{"lot": dore, "mineral": "dore", "quantity": "27.000", "unit": "g"}])  # fmt: skip
    offer, answer = offered(house), str(uuid7())
    keep_price(UUID(offer), "2500000.50")
    capture(house.clients["gold"], [Given(answer_payload(UUID(offer)) | {"id": answer}, Operation.CONFIRM)], now=NOW)
    lot = {"lot": str(uuid7()), "mineral": "oro", "quantity": "5.000", "unit": "g"}
    verdict = {"movement": offer, "step": answer, "status": "accepted", "outcome": "accepted", "findings": [],
               "lots": [lot]}  # fmt: skip
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=NOW)
    lost = {"id": str(uuid7()), "kind": "loss", "holder": MINE, "reason": "x", **common,
            "items": [{"lot": dore, "quantity": "1"}]}  # fmt: skip
    capture(house.clients["gold"], [Given(lost)], now=NOW)
    return {"ore": str(ore), "gold": str(gold), "dore": dore, "bought": lot["lot"]}


def test_every_kind_says_its_mineral_and_a_price_once(house: House) -> None:
    lots = of_every_kind(house)
    told = [(row[1], row[2], row[3], row[4], row[5], row[8], row[11]) for row in rows(house, "diario")]
    price, sale = Decimal(5_000_000), ("Venta", "Sale")
    assert told == [
        ("Producción", "Entra", "Mineral de oro (mena)", Decimal(10_000), "kg", lots["ore"], None),
        ("Compra a minero de subsistencia", "Entra", "Oro", Decimal("10.000"), "g", lots["gold"], Decimal(900_000)),
        (*sale, "Mineral de oro (mena)", Decimal(4_000), "kg", lots["ore"], price),
        (*sale, "Oro", Decimal("2.5"), "g", lots["gold"], None),
        ("Transformación", "Sale", "Mineral de oro (mena)", Decimal(6_000), "kg", lots["ore"], None),
        ("Transformación", "Entra", "Doré", Decimal(30), "g", lots["dore"], None),
        ("Compra confirmada", "Entra", "Oro", Decimal("5.000"), "g", lots["bought"], Decimal("2500000.50")),
        ("Pérdida", "Sale", "Doré", Decimal(1), "g", lots["dore"], None),
    ]
    suppliers = [row[:6] for row in rows(house, "proveedores")]
    assert suppliers == [
        ("CC 10200300", "Oro", "g", 1, Decimal("9.000"), Decimal(900_000)),
        ("DEMO vendedor (ficticio)", "Oro", "g", 1, Decimal("5.000"), Decimal("2500000.50")),
    ], "what was confirmed under Ofertas is a purchase too"
    assert [row[:6] for row in rows(house, "anm-regalias")][1:] == [
        ("De producción propia vendida", "", "Mineral de oro (mena)", "kg", 1, Decimal(4_000))
    ], "the gold of the sale was bought, and is no production of its seller"
    assert rows(house, "anm-regalias")[1][6:] == (None, None, "RG-7"), "no price of two lots is one's"
    left = {(row[0], row[2]) for row in rows(house, "anm-inventarios")}
    assert left == {("Doré", Decimal("27.000")), ("Mineral de oro (mena)", Decimal(0)), ("Oro", Decimal("11.500"))}


def test_a_past_month_is_told_as_it_ended(house: House) -> None:
    """What came or went since is not in its balance, and the page says of which day it is."""
    gold = gold_lot(house, occurred_at="2026-10-31T23:59:00-05:00")
    gold_lot(house, occurred_at="2026-11-01T00:00:00-05:00")
    october = (date(2026, 10, 1), date(2026, 10, 31))
    lost = {"id": str(uuid7()), "kind": "loss", "holder": MINE, "reason": "x", "occurred_at": "2026-11-02T10:00:00Z"}
    accepted(house, {**lost, "items": [{"lot": str(gold), "quantity": "4"}]}, [])
    ((lot, *_rest, left, _unit, day),) = BOOKS["lotes"].rows(house.clients["gold"].id, *october)
    assert (lot, left, day) == (str(gold), Decimal("9.000"), date(2026, 10, 31))
    assert [row[5] for row in rows(house, "lotes")] == [Decimal("5.000"), Decimal("9.000")]
    address = f"/clientes/{house.clients['gold'].id}/libros/lotes/?mes=2026-10"
    assert "al terminar el 2026-10-31" in house.browser("gold owner").get(address).content.decode()


def test_each_file_says_what_the_book_says(house: House) -> None:
    filled(house)
    browser, base = house.browser("gold accountant"), f"/clientes/{house.clients['gold'].id}/libros/"
    for name, book in BOOKS.items():
        files = {
            form: browser.get(f"{base}{name}/?mes=2026-11&formato={form}").content
            for form in ("csv", "xlsx", "parquet")
        }
        count = len(rows(house, name))
        assert files["csv"].decode("utf-8-sig").count("\r\n") == count + 1
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"])).get_sheet_by_index(0).to_python()
        assert len(sheet) == count + (3 if book.status else 1)
        table = read_parquet(io.BytesIO(files["parquet"])).read_all()
        assert table.num_rows == count
        told = name.startswith("anm-")
        assert ("No verificado" in files["csv"].decode()) is (told and count > 0)
        assert str(sheet[0][0]).startswith("No verificado") is told, "what was not read is said in the file"
        page = browser.get(f"{base}{name}/?mes=2026-11").content.decode()
        assert ("No verificado" in page) is told
    table = read_parquet(io.BytesIO(browser.get(f"{base}proveedores/?mes=2026-11&formato=parquet").content)).read_all()
    assert table["retenida_cop"].to_pylist() == [Decimal("8001.000000")]
    said = browser.get(f"{base}retenciones/?mes=2026-11&formato=csv").content
    assert said.startswith(b"\xef\xbb\xbf"), "the mark of UTF-8, as a spreadsheet of this country wants it"
    read = list(csv.reader(io.StringIO(said.decode("utf-8-sig")), delimiter=";"))
    assert [*read[1][4:7], *read[1][13:15]] == ["1,000", "900", "0,900", "4000,50", "100000"]


def test_each_withholding_can_be_derived_again_and_the_month_is_summed_by_town(
    house: House, node: Any, tmp_path: Path
) -> None:
    """300.000 COP a gram, 4 %: on the page, in each file, and in the totals; what waits is told apart."""
    node.NODE_HUB_URL, node.NODE_HOME = SANDBOX, tmp_path
    filled(house)
    money = {"price_cop": "1", "royalty_withheld_cop": "7"}
    other = [
        purchase(origin={"kind": "subsistence", "municipality": "27001"}, quantity="0.123", fineness="333.3", **money),
        purchase(mineral="plata", **money),
    ]
    capture(house.clients["gold"], [Given(each) for each in other], now=NOW)
    base, word = Decimal(300_000), "ENSAYO"
    base, word = Decimal(300_000), "ENSAYO"
    priced = (base, word)
    told = [(row[2], row[6], *row[8:14]) for row in rows(house, "retenciones")]
    accepted_twice, waits, silver = told[:2], [told[2], told[4]], told[3]
    assert accepted_twice == [
        ("05001", Decimal("0.900"), *priced, Decimal(270_000), Decimal(4), Decimal(10_800), Decimal("4000.50")),
        ("05001", Decimal("1.804"), *priced, Decimal(541_200), Decimal(4), Decimal(21_648), Decimal("4000.50")),
    ]
    assert waits == [
        ("27001", Decimal("0.040"), base, word, Decimal(12_000), Decimal(4), Decimal(480), Decimal(7)),
        ("05001", Decimal("0.900"), base, word, Decimal(270_000), Decimal(4), Decimal(10_800), Decimal("4000.50")),
    ]
    none = "No había precio base vigente ese día."
    assert silver == ("05001", Decimal("0.900"), None, none, None, None, None, Decimal(7))
    assert all(row[7] == "g" for row in rows(house, "retenciones"))
    yes, no = "Aceptado por la PTM", "En espera de la PTM"
    sums = [
        ("05001", "Oro", yes, 2, "2.704", "811200", "32448", "8001", 0),
        ("05001", "Oro", no, 1, "0.900", "270000", "10800", "4000.50", 0),
        ("05001", "Plata", no, 1, "0.900", "0", "0", "7", 1), ("27001", "Oro", no, 1, "0.040", "12000", "480", "7", 0),
    ]  # fmt: skip
    assert rows(house, "retenciones-totales") == [
        (town, name, "g", state, count, *map(Decimal, figures), without)
        for town, name, state, count, *figures, without in sums
    ]
    browser, base_url = house.browser("gold accountant"), f"/clientes/{house.clients['gold'].id}/libros/"
    for book, words in (
        ("retenciones", ("541200", "21648,00", "ENSAYO")), ("retenciones-totales", ("811200", "32448,00", yes, no)),
    ):  # fmt: skip
        said = browser.get(f"{base_url}{book}/?mes=2026-11&formato=csv").content.decode()
        assert [each for each in words if each not in said] == []
        table = browser.get(f"{base_url}{book}/?mes=2026-11&formato=parquet").content
        worth = read_parquet(io.BytesIO(table)).read_all()["valor_base_cop"].to_pylist()
        assert worth == [row[10 if book == "retenciones" else 6] for row in rows(house, book)]
    page = browser.get(f"{base_url}retenciones/?mes=2026-11").content.decode()
    assert [each for each in ("541.200", "21.648", none) if each not in page] == []


def test_a_clients_people_never_see_anothers_books(house: House) -> None:
    filled(house)
    other = house.browser("coal owner")
    for book in BOOKS:
        for form in ("", "?formato=csv"):
            assert other.get(f"/clientes/{house.clients['gold'].id}/libros/{book}/{form}").status_code == 404
        assert list(BOOKS[book].rows(house.clients["coal"].id, FIRST, LAST)) == []


@pytest.mark.parametrize(("text", "first"), [("2026-02", "2026-02-01"), ("2024-02", "2024-02-01")])
def test_a_month(text: str, first: str) -> None:
    assert month_of(text) == (date.fromisoformat(first), date(int(text[:4]), 2, 28 + (text == "2024-02")))


def test_no_book_of_that_name(house: House) -> None:
    assert house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/libros/otro/").status_code == 404
