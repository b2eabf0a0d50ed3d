"""A workbook of a thousand purchases: every planted error at its cell, nothing else; applied once; seen by its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from tests.assurance.record import seed_of_run, trial
from tests.assurance.running import kill, slowness
from tests.node.conftest import NOW, House
from tests.node.planted_sheet import BEYOND, COLUMNS, KIND, PLACES, PLANTED, Planted, write_sheet
from tests.node.stage import ROOT, node_keys, running, until
from veta.kernel.clock import FixedClock
from veta.node.domain.sheets.header import find_header
from veta.node.domain.sheets.kinds import KINDS
from veta.node.models import BusinessRecord, OutboxItem, Place, Sheet, SheetRow
from veta.node.queries.chains import breaks_of
from veta.node.services import sheets
from veta.node.services.sheets import ask_to_apply, upload, work
from veta.node.sheet_back import write_back
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


def applied(house: House, sheet: Sheet) -> Sheet:
    ask_to_apply(sheet, by=house.people["gold accountant"])
    assert work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    return sheet


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
    marked = SheetRow.objects.filter(marks__isnull=False)
    assert all(mark["remedy"] or mark["code"][:3] != "SHE" for row in marked for mark in row.marks)
    applied(house, sheet)
    assert (sheet.state, sheet.applied) == ("applied", 963)
    assert BusinessRecord.objects.count() == OutboxItem.objects.count() == 963
    back = house.browser("gold owner").get(f"/clientes/{sheet.client_id}/hojas/{sheet.pk}/archivo/")
    assert colours(b"".join(back.streaming_content), tmp_path) == {
        (number, column or 0) for number, error in places.items() for _code, column in expected(error)
    }


@dataclass
class Measure:
    """What an operator waits for and what it costs: seconds and memory of each step, the progress that others see."""

    house: House
    path: Path
    dsn: str
    figures: dict[str, Any]

    def __post_init__(self) -> None:
        forget_peak()
        self.held = peak()  # by a process of the suite, which did much before

    def step(self, name: str, column: str, part: str, work: Callable[[], Sheet], patch: pytest.MonkeyPatch) -> Sheet:
        """Do one step; before each of its parts, another connection looks at how far it is said to be."""
        told: list[int] = []
        real = getattr(sheets, part)

        def watched(*args: Any, **more: Any) -> Any:
            told.append(looked.execute(f"SELECT {column} FROM node_sheet ORDER BY id DESC LIMIT 1").fetchone()[0])
            return real(*args, **more)

        forget_peak()
        before = processor()
        with psycopg.connect(self.dsn, autocommit=True) as looked, patch.context() as patched:
            patched.setattr(sheets, part, watched)
            done, seconds = timed(work)
        self.figures |= {
            f"{name}, s": seconds,
            f"{name}, of them CPU": round(processor() - before, 1),
            f"{name}, more MB": (peak() - self.held) // 2**20,
        }
        self.figures[f"{name}, parts"] = len(told)
        assert told == sorted(set(told)), "each part is there for all to see before the next one begins"
        return done

    def back(self, sheet: Sheet, path: Path) -> None:
        """Write the workbook that is given back: the sender's own, however long."""
        forget_peak()
        before = processor()
        _done, seconds = timed(lambda: write_back(sheet, path))
        self.figures |= {
            "given back, s": seconds,
            "given back, of them CPU": round(processor() - before, 1),
            "given back, more MB": (peak() - self.held) // 2**20,
        }
        names = CalamineWorkbook.from_path(path).sheet_names
        assert names[0] == CalamineWorkbook.from_path(self.path).sheet_names[0]


def processor() -> float:
    """Seconds of processor that this process took so far, and those that its own connection's process of PostgreSQL
    did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def core() -> float:
    """How much of a core this process gets while it asks for all of one: 1 where nobody else is at work."""
    before, started = time.process_time(), time.monotonic()
    while time.process_time() - before < 0.3:
        pass
    return (time.process_time() - before) / (time.monotonic() - started)


# What a process of the node holds that does nothing yet, in MB.
BARE = 110
# The short form has the long one's shape, in parts as many.
FORMS = [(400, 20), pytest.param(100_000, 1_000, marks=pytest.mark.chaos)]


@pytest.mark.parametrize(("rows", "part"), FORMS)
def test_a_workbook_at_length(
    committed: House, fresh_database: Any, rows: int, part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in under a minute and 500 MB at a hundred thousand rows; brought again, it captures and sends nothing."""
    known_places()
    monkeypatch.setattr(sheets, "AT_ONCE", part)
    path = tmp_path / "compras.xlsx"
    write_sheet(path, rows)
    good = rows - len(PLANTED)
    with trial("sheet", n=rows, seed=0) as figures:
        measure = Measure(committed, path, fresh_database.dsn, figures)
        step, free = partial(measure.step, patch=monkeypatch), core()
        sheet = step("preview", "seen", "_keep", lambda: uploaded(committed, path))
        assert (sheet.seen, sheet.rejected, sheet.known) == (rows, len(PLANTED), 0)
        figures["of a core"] = round(min(free, core()), 2)
        step("apply", "applied", "capture", lambda: applied(committed, sheet))
        assert (sheet.state, sheet.applied) == ("applied", good)
        again = step("preview again", "seen", "_keep", lambda: uploaded(committed, path))
        assert (again.seen, again.rejected, again.known) == (rows, len(PLANTED), good)
        step("apply again", "applied", "capture", lambda: applied(committed, again))
        assert (again.applied, BusinessRecord.objects.count(), OutboxItem.objects.count()) == (0, good, good)
        assert breaks_of(sheet.client_id) == [], "one chain, without a gap"
        measure.back(sheet, tmp_path / "back.xlsx")
        judged = "s" if figures["of a core"] > 0.9 and slowness() == 1 else "of them CPU"
        figures |= {"judged by": judged, "load": round(os.getloadavg()[0], 1)}
        print(figures)
        assert (figures["preview, parts"], figures["apply, parts"]) == (rows // part + 1, -(-good // part))
        assert figures[f"preview, {judged}"] < 60, "by the clock, or where others are at work by the processor"
        assert BARE + max(value for name, value in figures.items() if name.endswith("more MB")) < 500


WORK = """
import sys
from uuid import UUID
import django
django.setup()
from tests.node.test_sheets import CLOCK
from veta.node.services.sheets import work
work(UUID(sys.argv[1]), clock=CLOCK)
"""


@pytest.mark.chaos
def test_killed_outright_again_and_again(committed: House, fresh_database: Any, tmp_path: Path) -> None:
    """kill -9 of the process that reads and applies, in the middle of whatever it does: nothing twice, nothing lost."""
    known_places()
    rows, seed = 20_000, seed_of_run()
    write_sheet(tmp_path / "compras.xlsx", rows)
    content, people = (tmp_path / "compras.xlsx").read_bytes(), committed.people
    sheet = upload(committed.clients["gold"], KIND, "compras.xlsx", content, by=people["gold owner"])
    chance, killed = random.Random(seed), Counter[str]()
    with trial("sheet killed", n=rows, seed=seed) as figures:
        while sheet.state != "applied":
            before, state = sheet.seen + sheet.applied, sheet.state
            with running(worker(fresh_database.dsn, sheet)) as process:
                until(lambda before=before: moved(sheet, before) or process.poll() is not None, seconds=120)  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.3))
                killed[state] += process.poll() is None
                kill(process.pid)
                process.wait()
            sheet.refresh_from_db()
            assert SheetRow.objects.filter(sheet=sheet).count() == sheet.seen
            assert BusinessRecord.objects.count() == OutboxItem.objects.count() == sheet.applied
            if sheet.state == "ready":
                ask_to_apply(sheet, by=people["gold owner"])
                sheet.refresh_from_db()
        figures["killed"] = dict(killed)
        assert min(killed["reading"], killed["applying"]) > 3, "it was killed in the middle of both"
        assert (sheet.seen, sheet.applied) == (rows, rows - len(PLANTED))
        assert breaks_of(sheet.client_id) == []
        print(figures)


def moved(sheet: Sheet, before: int) -> bool:
    """Whether it is further than it was, or done."""
    state = sheet.state
    sheet.refresh_from_db()
    return sheet.seen + sheet.applied > before or sheet.state != state


def worker(dsn: str, sheet: Sheet) -> subprocess.Popen[Any]:
    """A process of its own at a workbook."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    environment = kept | {
        "DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": "veta.config.node_settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    } | node_keys()  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", WORK, str(sheet.pk)], env=environment, cwd=ROOT)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    done = work()
    return done, round(time.monotonic() - started, 1)


def forget_peak() -> None:
    """Have the most memory be counted from here."""
    with suppress(OSError):  # where that may not be asked, the peak is of all that the process did
        Path("/proc/self/clear_refs").write_text("5")


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
    red = {n for n, fill in enumerate(fills) if "FFFFC7CF" in fill}
    formats = re.findall(r"<xf [^>]*fillId=\"(\d+)\"", styles[styles.index("<cellXfs") :])
    drawn = {str(n) for n, fill in enumerate(formats) if int(fill) in red}
    red_ones = [ref for ref, style in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', sheet) if style in drawn]
    cells = {(int(re.sub(r"\D", "", ref)), _column(re.sub(r"\d", "", ref))): ref for ref in red_ones}
    own = {place: ref for place, ref in cells.items() if place[1] <= len(COLUMNS)}  # beyond them, each row's state
    assert set(own.values()) <= comments, "each red cell says why"
    assert {row for row, _ in cells} == {row for row, _ in own}
    return set(own)


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
    monkeypatch.setattr(sheets, "AT_ONCE", 20)
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
    assert book.sheet_names == ["Movimientos", "Instrucciones", "Ejemplo", "Listas"]
    if kind == "subsistence_purchase":
        listed = book.get_sheet_by_name("Listas").to_python()
        words = {word for row in listed for word in row}
        assert {"05250 El Bagre (Antioquia)", "Oro", "Certificado de origen", "CC", "g"} <= words
        assert "Carbón térmico" not in words, "no miner of subsistence sells it"
