"""Prices in the database: two persons, versions, exactly one in force, nothing rewritten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from typer.testing import CliRunner

from veta.cli.main import app
from veta.prices import queries
from veta.prices.services import (
    COLUMNS,
    NewPrice,
    NewResolution,
    PriceRefused,
    decide_resolution,
    demo_prices,
    enter_prices,
    enter_resolution,
    keep_certificate,
    load_demo,
    preview_prices,
)
from veta.registry.importers.rows import ImportRefused

pytestmark = pytest.mark.django_db
HEAD = ",".join(COLUMNS)
COAL = "000321,2025-06-27,2025-06-30,quarter,2025-07-01,2025-09-30,carbon_termico,interno,,,t,"
DAY = date(2025, 8, 1)


def file_of(tmp_path: Path, *rows: str, name: str = "precios.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    return path


def enter(tmp_path: Path, *rows: str, by: str = "ana") -> list[queries.ResolutionEntry]:
    preview = preview_prices(file_of(tmp_path, *rows))
    assert not preview.rejected(), preview.rejected()
    enter_prices(preview, by=by)
    return queries.resolutions(pending=True)


def in_force(subject: str = "carbon_termico", on: date = DAY) -> list[str]:
    return [price.price_text for price in queries.prices_in_force(subjects=[subject], on=on)]


def test_counts_once_another_person_approves(tmp_path: Path) -> None:
    [entry] = enter(tmp_path, COAL + "250000")
    assert in_force() == []
    with pytest.raises(PriceRefused) as refused:
        decide_resolution(entry.id, approved=True, by=" ANA ")
    assert refused.value.code == "PRI-036"
    decide_resolution(entry.id, approved=True, by="luis")
    assert in_force() == ["250000.00"]
    assert in_force(on=date(2025, 6, 30)) == []
    assert in_force(on=date(2025, 10, 1)) == []
    with pytest.raises(PriceRefused):
        decide_resolution(entry.id, approved=True, by="marta")


def test_the_database_itself_refuses_one_person_and_another_author(tmp_path: Path) -> None:
    [entry] = enter(tmp_path, COAL + "250000")
    insert = (
        "INSERT INTO prices_resolutiondecision (resolution_id, entered_by, decided_by, approved, reason)"
        " VALUES (%s, %s, %s, true, '')"
    )
    insert += "; SET CONSTRAINTS ALL IMMEDIATE"
    for entered_by, decided_by in (("ana", "ana"), ("otra", "ana")):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert, [entry.id, entered_by, decided_by])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE prices_baseprice SET micros = 1")


def test_a_refused_resolution_never_counts_and_needs_a_reason(tmp_path: Path) -> None:
    [entry] = enter(tmp_path, COAL + "250000")
    with pytest.raises(PriceRefused) as refused:
        decide_resolution(entry.id, approved=False, by="luis")
    assert refused.value.code == "PRI-037"
    decide_resolution(entry.id, approved=False, by="luis", reason="Cifra mal copiada")
    assert in_force() == []
    assert len(enter(tmp_path, COAL + "251000")) == 1


def test_a_correction_is_a_new_version_that_says_what_it_replaces(tmp_path: Path) -> None:
    [first] = enter(tmp_path, COAL + "250000")
    decide_resolution(first.id, approved=True, by="luis")
    before = queries.resolutions()[0].decided_at
    [second] = enter(tmp_path, COAL + "255000")
    assert (second.version, second.replaces) == (2, "UPME 000321 de 2025")
    assert in_force() == ["250000.00"]
    decide_resolution(second.id, approved=True, by="luis")
    assert in_force() == ["255000.00"]
    assert {entry.state for entry in queries.resolutions()} == {"in_force", "replaced"}
    assert before is not None


def test_the_same_file_again_enters_nothing(tmp_path: Path) -> None:
    enter(tmp_path, COAL + "250000")
    [again] = enter_prices(preview_prices(file_of(tmp_path, COAL + "250000")), by="ana")
    assert not again.new
    with pytest.raises(PriceRefused) as refused:
        enter_prices(preview_prices(file_of(tmp_path, COAL + "260000")), by="ana")
    assert refused.value.code == "PRI-033"


def test_an_overlap_with_another_resolution_in_force_is_refused(tmp_path: Path) -> None:
    [entry] = enter(tmp_path, COAL + "250000")
    decide_resolution(entry.id, approved=True, by="luis")
    other = COAL.replace("000321", "000999")
    with pytest.raises(PriceRefused) as refused:
        enter_prices(preview_prices(file_of(tmp_path, other + "1")), by="ana")
    assert refused.value.code == "PRI-034"
    enter_prices(preview_prices(file_of(tmp_path, other.replace("interno", "exportacion") + "1")), by="ana")


def test_two_that_overlap_while_both_wait_cannot_both_be_approved(tmp_path: Path) -> None:
    enter(tmp_path, COAL + "250000")
    enter(tmp_path, COAL.replace("000321", "000999") + "1")
    one, two = queries.resolutions(pending=True)
    decide_resolution(one.id, approved=True, by="luis")
    with pytest.raises(PriceRefused) as refused:
        decide_resolution(two.id, approved=True, by="luis")
    assert refused.value.code == "PRI-034"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (COAL + "0", "price_cop"),
        (COAL + "-1", "price_cop"),
        (COAL + "1e400", "price_cop"),
        (COAL + "263.912", "price_cop"),
        (COAL + "9999999999999", "price_cop"),
        (COAL.replace("carbon_termico", "carbon") + "1", "mineral"),
        (COAL.replace("carbon_termico", "unobtainio") + "1", "mineral"),
        (COAL.replace("2025-09-30", "2025-09-29") + "1", "valid_from"),
        (COAL.replace("2025-07-01", "2025-06-30") + "1", "valid_from"),
        (COAL.replace("2025-09-30", "2025-06-29") + "1", "valid_to"),
        (COAL.replace("2025-06-27", "2025-02-30") + "1", "issued"),
        (COAL.replace("2025-06-30", "2025-06-26") + "1", "published"),
        (COAL.replace("quarter", "weekly") + "1", "periodicity"),
        (COAL.replace("interno", "lunar") + "1", "market"),
        (COAL.replace(",t,", ",lb,") + "1", "unit"),
        (COAL.replace("000321", "") + "1", "resolution"),
    ],
)
def test_a_bad_cell_rejects_its_row_with_column_value_and_remedy(tmp_path: Path, row: str, column: str) -> None:
    [rejected] = preview_prices(file_of(tmp_path, row)).rejected()
    assert rejected.rejection
    assert rejected.rejection.column == column
    assert rejected.rejection.remedy
    assert enter_prices(preview_prices(file_of(tmp_path, row)), by="ana") == []


def test_two_prices_on_one_day_reject_the_whole_resolution(tmp_path: Path) -> None:
    preview = preview_prices(file_of(tmp_path, COAL + "1", COAL + "2", COAL.replace("000321", "000322") + "3"))
    assert [row.rejection.column for row in preview.rejected() if row.rejection] == [
        "resolution",
        "valid_from",
        "valid_from",
    ]


def test_safe_mends_are_made_and_said(tmp_path: Path) -> None:
    row = (
        "000322,27/06/2025,,anual,2025-01-01,2025-12-31,Rocas y Materiales de Construcción,,,,m³,"
        '"25.000,50"'
    )  # fmt: skip
    preview = preview_prices(file_of(tmp_path, row))
    [(_, record)] = preview.accepted()
    assert record.price.subject == "rocas_materiales_construccion"
    assert record.price.micros == 25000_500000
    assert record.issued_on == date(2025, 6, 27)
    assert set(preview.repairs()) == {"fecha con barras", "coma decimal"}


def test_the_certificate_behind_a_metals_price_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "oro.csv"
    path.write_text(
        f"{HEAD},certificate\n000400,2025-07-01,,month,2025-07-01,2025-07-31,oro,,,,g,350000,BR-77\n", encoding="utf-8"
    )
    enter_prices(preview_prices(path), by="ana")
    [entry] = queries.resolutions(pending=True)
    assert [price.certificate for price in queries.prices_of(entry.id)] == ["BR-77"]


def test_excel_gives_the_same_rows(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "precios.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, COLUMNS)
    sheet.write_row(1, 0, (COAL + "250000.5").split(",")[:-1])
    sheet.write_number(1, 11, 250000.5)
    sheet.write_datetime(1, 4, date(2025, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    [(_, record)] = preview_prices(path).accepted()
    assert record.price.micros == 250000_500000
    assert record.price.valid_from == date(2025, 7, 1)


def test_a_file_that_is_no_table_of_prices_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "otro.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ImportRefused):
        preview_prices(path)


def test_the_demonstration_set_is_named_as_such_and_gives_way(tmp_path: Path) -> None:
    assert queries.prices_in_force() == []
    assert load_demo() > 0
    assert load_demo() == 0
    prices = queries.prices_in_force()
    assert all(price.resolution.demo and price.resolution.name.startswith("DEMO") for price in prices)
    assert sorted(p.micros for p in prices) == sorted(p.micros for p in demo_prices())
    [entry] = enter(tmp_path, COAL + "250000")
    decide_resolution(entry.id, approved=True, by="luis")


def test_a_certificate_is_kept_once_and_never_a_price() -> None:
    kept = {
        "number": "BR-1", "issued_on": DAY, "mineral": "oro", "month": DAY, "micros": 5, "unit": "COP/g",
        "file_name": "c.pdf", "digest": b"1" * 32, "by": "ana",
    }  # fmt: skip
    assert keep_certificate(**kept)  # type: ignore[arg-type]
    assert not keep_certificate(**kept)  # type: ignore[arg-type]
    with pytest.raises(PriceRefused) as refused:
        keep_certificate(**(kept | {"micros": 6}))  # type: ignore[arg-type]
    assert refused.value.code == "PRI-038"
    assert [c.month for c in queries.certificates("oro")] == [date(2025, 8, 1)]
    assert queries.prices_in_force() == []


def test_certificates_kept_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "certificado.pdf"
    file.write_bytes(b"%PDF")
    words = [
        "prices",
        "certificate",
        str(file),
        "--number",
        "BR-77",
        "--issued",
        "2025-07-01",
        "--mineral",
        "oro",
        "--month",
        "2025-06",
        "--unit",
        "COP/g",
    ]
    for said in ("guardado", "ya estaba"):
        kept = CliRunner().invoke(app, [*words, "--value", "350000.5", "--as", "ana"])
        assert said in kept.output
    other = CliRunner().invoke(app, [*words, "--value", "1", "--as", "ana"])
    assert (other.exit_code, "otro contenido" in other.output) == (1, True)
    shown = CliRunner().invoke(app, ["prices", "certificates", "--mineral", "oro"]).output
    assert "BR-77" in shown
    assert "350000.50" in shown
    assert "BR-77" not in CliRunner().invoke(app, ["prices", "certificates", "--mineral", "plata"]).output


def test_an_act_needs_its_author_and_its_prices_and_is_decided_once(tmp_path: Path) -> None:
    [entry] = enter(tmp_path, COAL + "250000")
    price = NewPrice(
        subject="antracita", market="", zone="", producer_class="", unit="t", micros=1,
        valid_from=date(2025, 7, 1), valid_to=date(2025, 9, 30),
    )  # fmt: skip
    act = NewResolution(
        issuer="UPME", number="77", issued_on=date(2025, 6, 27), published_on=None, periodicity="quarter",
        file_name="x.csv", digest=b"0" * 32, prices=(price,),
    )  # fmt: skip
    decide_resolution(entry.id, approved=True, by="luis")
    refusals: list[tuple[str, Callable[[], object]]] = [
        ("PRI-031", lambda: enter_resolution(act, by=" ")),
        ("PRI-031", lambda: enter_resolution(act, by="x" * 151)),
        ("PRI-032", lambda: enter_resolution(replace(act, prices=()), by="ana")),
        ("PRI-032", lambda: enter_resolution(replace(act, prices=(replace(price, micros=0),)), by="ana")),
        ("PRI-035", lambda: decide_resolution(entry.id, approved=True, by="luis")),
        ("PRI-035", lambda: decide_resolution(UUID(int=1), approved=True, by="luis")),
    ]
    for code, attempt in refusals:
        with pytest.raises(PriceRefused) as refused:
            attempt()
        assert refused.value.code == code
    assert enter_resolution(act, by="x" * 150).new
