"""A workbook of a thousand purchases: every planted error at its cell, nothing else; applied once; seen by its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from tests.assurance.record import trial
from tests.assurance.running import slowness
from tests.node.conftest import NOW, House
from tests.node.planted_sheet import BEYOND, COLUMNS, KIND, PLACES, PLANTED, Planted, write_sheet
from veta.kernel.clock import FixedClock
from veta.node.domain.sheets.columns import KINDS
from veta.node.domain.sheets.header import find_header
from veta.node.models import BusinessRecord, OutboxItem, Place, Sheet, SheetRow
from veta.node.services import sheets
from veta.node.services.sheets import ask_to_apply, upload, work
from veta.node.sheet_files import open_rows

CLOCK = FixedClock(NOW)
WHERE = {column.key: n for n, column in enumerate(COLUMNS)} | {BEYOND: len(COLUMNS)}


def known_places() -> None:
    Place.objects.bulk_create(Place(code=code, name=name, department=where) for code, name, where in PLACES)


def uploaded(house: House, path: Path, who: str = "gold") -> Sheet:
    sheet = upload(house.clients[who], KIND, path.name, path.read_bytes(), by=house.people[f"{who} accountant"])
    assert work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    return sheet


def applied(house: House, sheet: Sheet) -> None:
    ask_to_apply(sheet, by=house.people["gold accountant"])
    assert work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()


def said_of(sheet: Sheet, number: int) -> list[tuple[str, int | None]]:
    row = SheetRow.objects.get(sheet=sheet, number=number)
    return sorted((mark["code"], mark["column"]) for mark in row.marks if mark["severity"] == "rejected")


def expected(error: Planted) -> list[tuple[str, int | None]]:
    own = (error.code, None if error.found_at is None else WHERE[error.column])
    return sorted([own, *((code, WHERE[column]) for code, column in error.also)])


def test_every_planted_error_at_its_cell_and_nothing_else(house: House, tmp_path: Path) -> None:
    known_places()
    places = write_sheet(tmp_path / "compras.xlsx", 1_000)
    assert len(places) == len(PLANTED) == 37
    sheet = uploaded(house, tmp_path / "compras.xlsx")
    assert (sheet.state, sheet.cause, sheet.rows, sheet.seen) == ("ready", "", 1_000, 1_000)
    found = {number: said_of(sheet, number) for number in places}
    assert found == {number: expected(error) for number, error in places.items()}
    rejected = set(SheetRow.objects.filter(sheet=sheet, status="rejected").values_list("number", flat=True))
    assert rejected == set(places), "nothing else is left out"
    assert sheet.repaired == SheetRow.objects.filter(sheet=sheet, status="repaired").count() > 30
    assert all(mark["remedy"] or mark["code"][:3] != "SHE" for row in SheetRow.objects.all() for mark in row.marks)
    applied(house, sheet)
    assert (sheet.state, sheet.applied) == ("applied", 963)
    assert BusinessRecord.objects.count() == OutboxItem.objects.count() == 963
    again = uploaded(house, tmp_path / "compras.xlsx")
    assert (again.known, again.rejected, again.repaired) == (963, 37, 0)
    applied(house, again)
    assert (again.applied, BusinessRecord.objects.count()) == (0, 963), "a second upload captures nothing"
    back = house.browser("gold owner").get(f"/clientes/{sheet.client_id}/hojas/{sheet.pk}/archivo/")
    assert colours(b"".join(back.streaming_content), tmp_path) == {
        (number, column or 0) for number, error in places.items() for _code, column in expected(error)
    }


@pytest.mark.chaos
def test_a_hundred_thousand_rows(house: House, tmp_path: Path) -> None:
    known_places()
    write_sheet(tmp_path / "compras.xlsx", 100_000)
    with trial("sheet", n=100_000, seed=0) as figures:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        sheet, figures["read, s"] = timed(lambda: uploaded(house, tmp_path / "compras.xlsx"))
        _, figures["applied, s"] = timed(lambda: applied(house, sheet))
        again, figures["read again, s"] = timed(lambda: uploaded(house, tmp_path / "compras.xlsx"))
        figures["peak, MB"] = peak() // 2**20
        assert (again.seen, again.known, again.rejected) == (100_000, 99_963, 37), figures
        assert BusinessRecord.objects.count() == 99_963
        assert figures["read, s"] < 60 * slowness(), figures
        assert figures["peak, MB"] < 500, figures
        print(figures)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    done = work()
    return done, round(time.monotonic() - started, 1)


def peak() -> int:
    """The most memory that this process held, in bytes."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) * 1024


def colours(content: bytes, tmp_path: Path) -> set[tuple[int, int]]:
    """The cells drawn red, as (row from 1, column from 0), each of which has its comment."""
    import re
    from zipfile import ZipFile

    path = tmp_path / "back.xlsx"
    path.write_bytes(content)
    assert len(CalamineWorkbook.from_path(path).sheet_names) == 2
    with ZipFile(path) as packed:
        styles = packed.read("xl/styles.xml").decode()
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        comments = set(re.findall(r'<comment ref="([A-Z]+\d+)"', packed.read("xl/comments1.xml").decode()))
    fills = re.findall(r"<fill>.*?</fill>", styles)
    red = {n for n, fill in enumerate(fills) if "FFFFC7CE" in fill}
    formats = re.findall(r"<xf [^>]*fillId=\"(\d+)\"", styles[styles.index("<cellXfs") :])
    drawn = {str(n) for n, fill in enumerate(formats) if int(fill) in red}
    cells = {ref for ref, style in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', sheet) if style in drawn}
    assert cells <= comments, "each red cell says why"
    return {(int(re.sub(r"\D", "", ref)), _column(re.sub(r"\d", "", ref))) for ref in cells}


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def test_a_clients_people_never_see_anothers_workbook(house: House, tmp_path: Path) -> None:
    write_sheet(tmp_path / "compras.xlsx", 40, planted=False)
    sheet = uploaded(house, tmp_path / "compras.xlsx", "coal")
    gold, coal = house.clients["gold"].id, house.clients["coal"].id
    browser = house.browser("gold owner")
    for client in (gold, coal):
        for page in ("", "archivo/"):
            assert browser.get(f"/clientes/{client}/hojas/{sheet.pk}/{page}").status_code == 404
        assert browser.post(f"/clientes/{client}/hojas/{sheet.pk}/").status_code == 404
    assert browser.get(f"/clientes/{coal}/hojas/").status_code == 404
    assert browser.post(f"/clientes/{coal}/hojas/", {"clase": KIND}).status_code == 404
    assert "compras.xlsx" not in browser.get(f"/clientes/{gold}/hojas/").content.decode()
    assert Sheet.objects.get().state == "ready"


def test_what_was_captured_for_another_client_is_not_known_here(house: House, tmp_path: Path) -> None:
    write_sheet(tmp_path / "compras.xlsx", 5, planted=False)
    sheet = uploaded(house, tmp_path / "compras.xlsx", "coal")
    ask_to_apply(sheet, by=house.people["coal owner"])
    work(sheet.pk, clock=CLOCK)
    assert uploaded(house, tmp_path / "compras.xlsx").known == 0


def test_a_page_from_the_upload_to_what_was_captured(house: House, tmp_path: Path) -> None:
    known_places()
    write_sheet(tmp_path / "compras.xlsx", 80)
    browser, base = house.browser("gold counter"), f"/clientes/{house.clients['gold'].id}/hojas/"
    with (tmp_path / "compras.xlsx").open("rb") as file:
        made = browser.post(base, {"clase": KIND, "archivo": file})
    assert made.status_code == 302
    seen = browser.get(made["Location"])
    assert seen["Refresh"] == "3"
    assert "Refresh" not in browser.get(made["Location"] + "?quieta=1")
    sheet = Sheet.objects.get()
    assert ProcrastinateJob.objects.get().args == {"sheet": str(sheet.pk)}
    work(sheet.pk, clock=CLOCK)
    text = browser.get(made["Location"] + "?filas=rejected").content.decode()
    assert "SHE-015" in text
    assert "Escriba día/mes/año, como 09/11/2026." in text
    assert browser.post(made["Location"]).status_code == 302
    work(sheet.pk, clock=CLOCK)
    assert BusinessRecord.objects.count() == 43
    assert browser.post(made["Location"]).status_code == 302, "asked again: told, and nothing is captured"
    assert BusinessRecord.objects.count() == 43


def test_killed_in_the_middle_it_goes_on_where_it_was(house: House, tmp_path: Path, monkeypatch: Any) -> None:
    write_sheet(tmp_path / "compras.xlsx", 60, planted=False)
    monkeypatch.setattr(sheets, "READ_AT_ONCE", 20)
    monkeypatch.setattr(sheets, "APPLY_AT_ONCE", 20)
    sheet = upload(
        house.clients["gold"], KIND, "c.xlsx", (tmp_path / "compras.xlsx").read_bytes(), by=house.people["gold owner"]
    )
    with Dying(monkeypatch, "_keep", at=2), pytest.raises(Killed):
        work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.seen) == ("reading", 20)
    work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.seen, SheetRow.objects.count()) == ("ready", 60, 60)
    ask_to_apply(sheet, by=house.people["gold owner"])
    with Dying(monkeypatch, "capture", at=2), pytest.raises(Killed):
        work(sheet.pk, clock=CLOCK)
    assert BusinessRecord.objects.count() == 20
    work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.applied, BusinessRecord.objects.count()) == ("applied", 60, 60)


class Killed(Exception):
    """What the second batch meets."""


class Dying:
    """A step of the service that dies at its nth call, before it does anything."""

    def __init__(self, monkeypatch: Any, name: str, *, at: int) -> None:
        self.monkeypatch, self.name, self.at, self.real = monkeypatch, name, at, getattr(sheets, name)

    def __enter__(self) -> None:
        self.monkeypatch.setattr(sheets, self.name, self)

    def __exit__(self, *_: object) -> None:
        self.monkeypatch.setattr(sheets, self.name, self.real)

    def __call__(self, *args: Any, **more: Any) -> Any:
        self.at -= 1
        if self.at == 0:
            raise Killed
        return self.real(*args, **more)


BAD_FILES = [
    ("a.xlsx", b"not a workbook", "SHE-001"),
    ("a.csv", b"\xff\xfe\x00\x01", "SHE-001"),
    ("a.csv", b"nombre;edad\nAna;3\n", "SHE-002"),
    ("a.csv", b"Fecha;Mineral\n9/11/2026;Oro\n", "SHE-002"),
    ("a.csv", "Fecha;Fecha;Vendedor: número;Municipio;Mineral;Cantidad\n".encode(), "SHE-002"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD_FILES)
def test_a_file_that_cannot_be_read_says_why(house: House, name: str, content: bytes, code: str) -> None:
    sheet = upload(house.clients["gold"], KIND, name, content, by=house.people["gold owner"])
    work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.cause[:7]) == ("refused", code)
    page = house.browser("gold owner").get(f"/clientes/{sheet.client_id}/hojas/{sheet.pk}/")
    assert code in page.content.decode()


CSV = """Fecha;Cédula vendedor;Municipio;Producto;Peso bruto;Ley;Valor
09/11/2026;10200300;5250;Oro;1,25;920;350.000
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_csv_with_spanish_figures(house: House, encoding: str) -> None:
    known_places()
    sheet = upload(house.clients["gold"], KIND, "c.csv", CSV.encode(encoding), by=house.people["gold owner"])
    work(sheet.pk, clock=CLOCK)
    row = SheetRow.objects.get(sheet=sheet)
    item = {key: row.item[key] for key in ("quantity", "price_cop", "origin", "occurred_at", "unit")}
    assert item == {
        "quantity": "1.25", "price_cop": "350000", "origin": {"kind": "subsistence", "municipality": "05250"},
        "occurred_at": "2026-11-09T00:00:00-05:00", "unit": "g",
    }  # fmt: skip
    assert row.status == "repaired"


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_template_reads_as_what_it_is(house: House, kind: str, tmp_path: Path) -> None:
    known_places()
    answer = house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/hojas/plantilla/{kind}/")
    path = tmp_path / "p.xlsx"
    path.write_bytes(answer.content)
    with open_rows(path) as rows:
        header = find_header(list(rows.rows), KINDS[kind])
    assert header.places == {column.key: n for n, column in enumerate(KINDS[kind])}
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Movimientos", "Instrucciones", "Listas"]
    if kind == "subsistence_purchase":
        listed = book.get_sheet_by_name("Listas").to_python()
        words = {word for row in listed for word in row}
        assert {"05250 El Bagre (Antioquia)", "Oro", "Certificado de origen", "CC", "g"} <= words
        assert "Carbón térmico" not in words, "no miner of subsistence sells it"
