"""The books of a client: filled from what was captured, the same on the page and in each file, and nobody else's."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from arro3.io import read_parquet
from python_calamine import CalamineWorkbook

from tests.node.conftest import NOW, House, purchase
from veta.node.models import OutboxItem
from veta.node.pages.books import month_of
from veta.node.queries.books import BOOKS
from veta.node.services.capture import Given, capture

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
    OutboxItem.objects.filter(record=records[2]).update(state="rejected")


def rows(house: House, book: str) -> list[tuple[object, ...]]:
    return list(BOOKS[book].rows(house.clients["gold"].id, FIRST, LAST))


def test_the_month_ends_at_bogotas_midnight_and_what_was_rejected_is_in_the_daily_book_alone(house: House) -> None:
    filled(house)
    assert len(rows(house, "diario")) == 4
    assert [row[6] for row in rows(house, "retenciones")] == [Decimal("0.900"), Decimal("1.804"), Decimal("0.900")]
    (seller,) = rows(house, "proveedores")
    assert seller == ("CC 10200300", "Oro", "g", 3, Decimal("3.604"), Decimal(300000), Decimal("12001.50"))
    assert rows(house, "anm-regalias") == [("05001", *seller[1:])]


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
    assert table["retenida_cop"].to_pylist() == [Decimal("12001.500000")]


def test_a_clients_people_never_see_anothers_books(house: House) -> None:
    filled(house)
    for book in BOOKS:
        for form in ("", "?formato=csv"):
            answer = house.browser("coal owner").get(f"/clientes/{house.clients['gold'].id}/libros/{book}/{form}")
            assert answer.status_code == 404
        assert list(BOOKS[book].rows(house.clients["coal"].id, FIRST, LAST)) == []


@pytest.mark.parametrize(("text", "first"), [("2026-02", "2026-02-01"), ("2024-02", "2024-02-01")])
def test_a_month(text: str, first: str) -> None:
    assert month_of(text) == (date.fromisoformat(first), date(int(text[:4]), 2, 28 + (text == "2024-02")))


def test_no_book_of_that_name(house: House) -> None:
    assert house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/libros/otro/").status_code == 404
