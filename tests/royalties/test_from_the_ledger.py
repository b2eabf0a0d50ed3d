"""What the ledger fills: the lines of a declaration net of reversals, and what a buyer withheld."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from typer.testing import CliRunner

from tests.bonds.titled import holder, title
from tests.ledger.book import Book
from veta.cli.main import app as veta
from veta.cli.royalties import app as command
from veta.kernel.ids import uuid7
from veta.kernel.period import Period, month_of, quarter_of
from veta.ledger import queries as ledger
from veta.ledger.domain.batch import LedgerBatch, NewAccount, NewEntry, NewLot
from veta.ledger.domain.origin import Origin
from veta.prices.services import load_demo
from veta.royalties import queries
from veta.royalties.services import withhold_month


def test_the_ledger_fills_the_lines_net_of_reversals(fresh_database: Any) -> None:
    load_demo()
    with psycopg.connect(fresh_database.dsn, autocommit=True) as app:
        book = Book(app)
        kept = book.produce(12_500, code="DEMO-9")
        undone = book.produce(700, code="DEMO-9")
        book.produce(5, code="DEMO-8")
        with app.cursor() as cursor:
            cursor.execute("SELECT movement FROM ledger_lot WHERE account = %s", [undone])
            [movement] = cursor.fetchone() or [None]
        assert movement is not None
        book.reverse(movement)
        with app.cursor() as cursor:
            whole = ledger.extracted(cursor, kind="title", code="DEMO-9", start=date(2026, 6, 1), end=date(2026, 6, 1))
            before = ledger.extracted(
                cursor, kind="title", code="DEMO-9", start=date(2026, 5, 1), end=date(2026, 5, 31)
            )
        assert [(row.mineral, row.amount) for row in whole] == [("oro", 12_500)]
        assert before == []
        assert kept != undone
    title("DEMO-9", held_by=holder())
    said = {"deposit": "aluvion", "market": "interno"}
    case = queries.case_from_ledger("DEMO-9", quarter_of(date(2026, 6, 1)), said=said)
    assert (case["contract_date"], case["quarter"], "modality" in case) == ("2015-08-01", "2026-T2", False)
    assert case["lines"][0] == {**case["lines"][0], "mineral": "oro", "quantity": "12.500", **said}
    words = ["royalties", "settle", "--from-ledger", "--title", "demo-9", "--quarter", "2026-T2", "--json"]
    told = CliRunner().invoke(veta, [*words, "--deposit", "aluvion"])
    # 12,5 g × 359.750 (DEMO, junio de 2026) × 6 % = 269.812,5 → 269.813
    assert json.loads(told.stdout)["payable_cop"] == "269813"
    lines = queries.lines_from_ledger("DEMO-9", quarter_of(date(2026, 6, 1)))
    assert [(line["mineral"], line["quantity"], line["month"]) for line in lines] == [("oro", "12.500", "2026-06")]
    assert queries.lines_from_ledger("DEMO-9", Period(date(2026, 7, 1), date(2026, 9, 30))) == []


def test_a_buyers_purchases_are_withheld_once_from_the_ledger(fresh_database: Any, tmp_path: Path) -> None:
    load_demo()
    buyer = holder("900500018")
    seller = uuid7()
    batch, movements = LedgerBatch(), [uuid7() for _ in range(3)]
    days = [
        datetime(2025, 8, 1, 5, tzinfo=UTC),
        datetime(2025, 9, 1, 4, 59, tzinfo=UTC),
        datetime(2025, 9, 1, 5, tzinfo=UTC),
    ]
    for movement, day in zip(movements, days, strict=True):
        origin = Origin("subsistence", municipality="27361", person=seller)
        batch.origins[origin.id] = origin
        lot = uuid7()
        batch.accounts.append(NewAccount(lot, "oro", "lot", buyer, 10_000, 0, 0))
        batch.lots.append(
            NewLot(lot, "oro", origin.id, None, "accredited", "27361", None, movement, day, 920_000, None, None)
        )
        batch.entries.append(NewEntry(movement, 0, batch.boundary("extraction", "oro"), lot, "oro", 10_000))
    with psycopg.connect(fresh_database.dsn, autocommit=True) as app:
        Book(app).write(batch)
    august = month_of(date(2025, 8, 1))
    # 10 g × 342.250 × 4 % = 136.900 cada una; la del 1 de septiembre a las 00:00 de Bogotá es de otro mes
    assert withhold_month(buyer, august, by="ana") == [13_690_000, 13_690_000]
    assert withhold_month(buyer, august, by="ana") == []
    [line] = queries.withholding_book(buyer, august)
    assert (line.purchases, line.fine_mg, line.withheld_centavos) == (2, 20_000, 27_380_000)
    out = tmp_path / "relacion.csv"
    words = ["book", "--buyer", "NIT 900500018", "--month", "2025-08", "--out", str(out)]
    shown = CliRunner().invoke(command, words)
    assert "Consigne a más tardar el 2025-09-05; envíe la relación el 2025-09-10" in shown.output
    assert out.read_text(encoding="utf-8").splitlines()[1] == "27361,oro,2,20.000,273800.00"
    again = CliRunner().invoke(command, ["withhold", "--buyer", "NIT 900500018", "--month", "2025-09", "--as", "ana"])
    # 10 g × 344.000 × 4 %
    assert "1 compras; retenido 137600.00 COP" in again.output
