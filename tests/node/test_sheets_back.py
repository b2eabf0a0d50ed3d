"""The workbook given back: the sender's own, with what was found on its cells and how each row is doing at the hub."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.node.conftest import NOW, House
from tests.node.test_sheets import CLOCK, applied, known_places
from veta.node.domain.records import State
from veta.node.domain.sheets.header import OURS, Header
from veta.node.domain.sheets.kinds import KINDS
from veta.node.models import BusinessRecord, OutboxItem, Sheet, SheetRow
from veta.node.ooxml import MOST_OF_A_PART, RELATED, NotInPlace, read_part
from veta.node.services import outbox
from veta.node.services.sheets import upload, work
from veta.node.sheet_in_place import write_in_place
from veta.node.sheet_told import RED, Layout

KIND = "subsistence_purchase"
COLUMNS = [column.key for column in KINDS[KIND]]
LETTER = {key: chr(65 + n) for n, key in enumerate(COLUMNS)}
HEAD, FIRST = 2, 3  # as the spreadsheet counts
LISTED = "Lo que se encontró"


def own_workbook(path: Path, rows: int = 5, *, spoiled: bool = True) -> Path:
    """A buyer's workbook: a banner, widths, formats, a price by formula, a note, a list, a rule, and notes of its own.

    Its third row says no quantity; its fourth has a unit in the cell.
    """
    with xlsxwriter.Workbook(str(path)) as book:
        page, mine = book.add_worksheet("Mis compras"), book.add_worksheet("Cuentas")
        day = book.add_format({"num_format": "dd/mm/yyyy", "italic": True})
        figure = book.add_format({"num_format": "0.000", "bg_color": "#AABBCC"})
        page.merge_range(0, 0, 0, 5, "COMPRAS <&> NOVIEMBRE", book.add_format({"bold": True}))
        page.set_column(0, 0, 33.5, day)
        page.set_column(COLUMNS.index("quantity"), COLUMNS.index("quantity"), 21.25, figure)
        page.freeze_panes(HEAD, 1)
        for n, column in enumerate(KINDS[KIND]):
            page.write_string(HEAD - 1, n, column.title)
        page.write_comment(HEAD - 1, 0, "nota mía", {"author": "Ana"})
        page.write_comment(FIRST + 1, COLUMNS.index("quantity"), "¿cuánto fue?", {"author": "Ana"})
        page.data_validation(
            HEAD, COLUMNS.index("unit"), 99, COLUMNS.index("unit"), {"validate": "list", "source": ["g"]}
        )
        page.conditional_format(HEAD, 0, 99, 3, {"type": "no_blanks", "format": figure})
        page.autofilter(HEAD - 1, 0, HEAD + rows - 1, len(COLUMNS) - 1)
        for n in range(rows):
            _line(page, HEAD + n, n, day, figure, spoiled=spoiled)
        mine.write_formula(0, 0, "='Mis compras'!A3*2", day, 7)
    return path


def _line(page: Any, row: int, n: int, day: Any, figure: Any, *, spoiled: bool) -> None:
    said = {
        "seller_number": 10_200_300 + n, "municipality": "05250", "mineral": "Oro", "unit": "g", "fineness": 920,
        "assay": "declarada", "paper_type": "Declaración de producción", "paper_number": f"DP-{n}",
        "paper_day": "2026-11-09", "reference": f"R{n}", "note": "=SUMA(A1) a mano",
    }  # fmt: skip
    page.write_datetime(row, 0, datetime(2026, 11, 9), day)  # noqa: DTZ001 - a spreadsheet's days have no zone
    for key, value in said.items():
        if isinstance(value, str):
            page.write_string(row, COLUMNS.index(key), value)
        else:
            page.write_number(row, COLUMNS.index(key), value)
    at = COLUMNS.index("quantity")
    if spoiled and n == 3:
        page.write_string(row, at, "1,5 gr", figure)
    elif not (spoiled and n == 2):
        page.write_number(row, at, 1.25 + n, figure)
    page.write_formula(row, COLUMNS.index("price"), f"=1000*{n + 1}", None, 1000 * (n + 1))


def brought(house: House, content: bytes, name: str = "compras.xlsx") -> Sheet:
    sheet = upload(house.clients["gold"], KIND, name, content, by=house.people["gold accountant"])
    assert work(sheet.pk, clock=CLOCK)
    sheet.refresh_from_db()
    assert sheet.cause == ""
    return sheet


def given_back(house: House, sheet: Sheet, path: Path) -> Path:
    answer = house.browser("gold owner").get(f"/clientes/{sheet.client_id}/hojas/{sheet.pk}/archivo/")
    path.write_bytes(b"".join(answer.streaming_content))
    return path


def part(path: Path, name: str) -> str:
    with ZipFile(path) as packed:
        return packed.read(name).decode()


def cell(page: str, ref: str) -> str:
    found = re.search(rf'<c r="{ref}"[^>]*?(?:/>|>.*?</c>)', page)
    assert found is not None, ref
    return found[0]


def look(path: Path, ref: str) -> str:
    """A cell's format and its fill, as XML."""
    styles = part(path, "xl/styles.xml")
    formats = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles[styles.index("<cellXfs") : styles.index("</cellXfs>")])
    style = re.search(r' s="(\d+)"', cell(part(path, "xl/worksheets/sheet1.xml"), ref))
    own = formats[int(style[1]) if style else 0]
    fill = re.search(r'fillId="(\d+)"', own)
    return own + re.findall(r"<fill>.*?</fill>", styles)[int(fill[1]) if fill else 0]


def values(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def notes(path: Path) -> dict[str, str]:
    comments = part(path, "xl/comments1.xml")
    return {
        ref: "".join(re.findall(r"<t(?: [^>]*)?>(.*?)</t>", said, re.DOTALL))
        for ref, said in re.findall(r'<comment ref="(\w+)".*?(<text>.*?)</comment>', comments, re.DOTALL)
    }


def test_it_is_the_senders_own_with_what_was_found(house: House, tmp_path: Path) -> None:
    known_places()
    own = own_workbook(tmp_path / "compras.xlsx")
    back = given_back(house, brought(house, own.read_bytes()), tmp_path / "back.xlsx")
    assert CalamineWorkbook.from_path(back).sheet_names == ["Mis compras", "Cuentas", LISTED]
    for name in ("xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/theme/theme1.xml"):
        assert part(back, name) == part(own, name)
    before, after = part(own, "xl/worksheets/sheet1.xml"), part(back, "xl/worksheets/sheet1.xml")
    for kept in ("cols", "sheetViews", "mergeCells", "dataValidations", "conditionalFormatting"):
        assert re.search(rf"<{kept}\b.*?</{kept}>", before, re.DOTALL)[0] in after  # type: ignore[index]
    price = f"{LETTER['price']}{FIRST}"
    assert cell(after, price) == cell(before, price)
    assert "<f>1000*1</f><v>1000</v>" in cell(after, price)
    width = len(COLUMNS)
    assert [row[:width] for row in values(back)] == [row[:width] for row in values(own)], "every value as it was"
    empty, mended = f"{LETTER['quantity']}{FIRST + 2}", f"{LETTER['quantity']}{FIRST + 3}"
    assert RED[1:] in look(back, empty)
    assert "SHE-010" in notes(back)[empty]
    assert (
        re.search(r'numFmtId="(\d+)"', look(back, empty))[1]
        == re.search(  # type: ignore[index]
            r'numFmtId="(\d+)"', look(own, f"{LETTER['quantity']}{FIRST}")
        )[1]
    )  # type: ignore[index]
    assert "FFFFEB9D" in look(back, mended)
    assert "SHE-030" in notes(back)[mended]
    assert notes(back)[f"A{HEAD}"] == "nota mía"
    assert notes(back)[empty].startswith("¿cuánto fue?")
    assert values(back)[HEAD - 1][width:] == list(OURS)
    assert [row[width] for row in values(back)[HEAD:]] == [
        "Por aplicar", "Por aplicar", "No se captura: rechazada aquí", "Por aplicar", "Por aplicar",
    ]  # fmt: skip
    listed = CalamineWorkbook.from_path(back).get_sheet_by_name(LISTED).to_python()
    assert [(row[0], row[-1]) for row in listed[1:] if row[-1] == "SHE-010"] == [(FIRST + 2, "SHE-010")]


def test_it_comes_again_corrected_and_what_was_said_is_gone(house: House, tmp_path: Path) -> None:
    """The one given back, its empty cell filled in: nothing twice; no colour, note or sheet of before is left."""
    known_places()
    first = applied(house, brought(house, own_workbook(tmp_path / "compras.xlsx").read_bytes()))
    assert first.applied == 4
    back = given_back(house, first, tmp_path / "back.xlsx")
    empty = f"{LETTER['quantity']}{FIRST + 2}"
    edited = with_part(back, "xl/worksheets/sheet1.xml", lambda page: re.sub(
        rf'<c r="{empty}" s="(\d+)"/>', rf'<c r="{empty}" s="\1"><v>2.5</v></c>', page
    ), tmp_path / "edited.xlsx")  # fmt: skip
    again = brought(house, edited.read_bytes())
    assert (again.rejected, again.known, again.rows - again.known) == (0, 4, 1)
    applied(house, again)
    assert BusinessRecord.objects.count() == 5
    last = given_back(house, again, tmp_path / "last.xlsx")
    assert CalamineWorkbook.from_path(last).sheet_names == ["Mis compras", "Cuentas", LISTED]
    assert RED[1:] not in look(last, empty)
    assert (notes(last)[empty], notes(last)[f"A{HEAD}"]) == ("¿cuánto fue?", "nota mía")
    assert part(last, "xl/drawings/vmlDrawing1.vml").count('ObjectType="Note"') == len(notes(last))
    width = len(COLUMNS)
    assert [row[width] for row in values(last)[HEAD:]] == ["En cola"] * 5
    assert max(map(len, values(last))) == width + 2


def test_each_row_tells_what_the_hub_said(house: House, tmp_path: Path) -> None:
    """In the page and in the workbook: accepted, rejected with its words and remedy, waiting."""
    known_places()
    sheet = applied(house, brought(house, own_workbook(tmp_path / "compras.xlsx").read_bytes()))
    taken, refused, *waits = [
        BusinessRecord.objects.get(source_digest=row.digest)
        for row in SheetRow.objects.filter(sheet=sheet).exclude(status="rejected").order_by("number")
    ]
    told(taken.id, "accepted")
    found = {"code": "QUO-003", "severity": "blocking", "field": "quantity", "message": "El año pasa del cupo.",
             "norm": "", "params": {}}  # fmt: skip
    told(refused.id, "rejected", found)
    remedy = "El cupo del minero ya se usó"
    browser, base = house.browser("gold owner"), f"/clientes/{sheet.client_id}/hojas/{sheet.pk}/"
    page = browser.get(base).content.decode()
    assert all(f"/registros/{record.id}/" in page for record in (taken, refused, *waits))
    assert "QUO-003: El año pasa del cupo. " + remedy in " ".join(page.split())
    assert re.findall(r'\?filas=(\w+)">(\d+)<', page) == [("taken", "1"), ("untaken", "1"), ("waiting", "2")]
    only = browser.get(base + "?filas=untaken").content.decode()
    assert f"/registros/{refused.id}/" in only
    assert f"/registros/{taken.id}/" not in only
    width = len(COLUMNS)
    back = values(given_back(house, sheet, tmp_path / "back.xlsx"))
    assert [row[width] for row in back[HEAD:]] == [
        "Aceptado por la PTM", "Rechazado por la PTM", "No se captura: rechazada aquí", "En cola", "En cola",
    ]  # fmt: skip
    assert back[HEAD + 1][width + 1].startswith("QUO-003: El año pasa del cupo. " + remedy)
    lines = [";".join(text(each) for each in row) for row in back[HEAD - 1 :]]
    as_csv = brought(house, "\n".join(lines).encode(), "a.csv")
    assert (as_csv.rejected, as_csv.known) == (1, 4), "its state, brought back with it, says nothing"
    anew = values(given_back(house, as_csv, tmp_path / "anew.xlsx"))
    assert [row[width] for row in anew[1:]] == [row[width] for row in back[HEAD:]]


def text(value: Any) -> str:
    if isinstance(value, float):
        return format(value, ".15g")
    return f"{value:%Y-%m-%d}" if hasattr(value, "year") else str(value).replace("\n", " ").replace(";", ",")


def told(id: UUID, status: str, *findings: Any) -> None:
    verdict = {
        "movement": str(id),
        "status": status,
        "decided_at": NOW.isoformat(),
        "findings": list(findings),
        "lots": [],
    }
    outbox.settle(id, verdict, now=datetime.now(UTC))
    assert OutboxItem.objects.get(record=id).state == State(status).value


def with_part(path: Path, name: str, change: Any, made: Path, *, twice: bool = False) -> Path:
    """A workbook with one of its parts changed, or added where it has none."""
    with ZipFile(path) as packed, ZipFile(made, "w", ZIP_DEFLATED) as out:
        for each in packed.namelist():
            said = packed.read(each)
            out.writestr(each, change(said.decode()) if each == name else said)
        if name not in packed.namelist() or twice:
            out.writestr(name, change(""))
    return made


def test_a_formula_that_nobody_worked_out_is_refused(house: House, tmp_path: Path) -> None:
    """It has no result in the file: read as empty, a price would be lost and its row another one."""
    known_places()
    own = own_workbook(tmp_path / "own.xlsx", spoiled=False)
    for n, gone in enumerate(("", "<v/>", "<v></v>")):
        said = rf"(<f>1000\*{n + 1}</f>)<v>{1000 * (n + 1)}</v>"
        own = with_part(own, "xl/worksheets/sheet1.xml", lambda page, said=said, gone=gone: re.sub(
            said, rf"\1{gone}", page
        ), tmp_path / f"{n}.xlsx")  # fmt: skip
    sheet = brought(house, own.read_bytes())
    rows = SheetRow.objects.filter(sheet=sheet, status="rejected").order_by("number")
    assert [(row.number, [(m["code"], m["title"]) for m in row.marks]) for row in rows] == [
        (FIRST + n, [("SHE-011", "Precio (COP)")]) for n in range(3)
    ]


BAITS = {
    "xl/comments1.xml": ("<commentList>", '<commentList>' + '<comment ref="Z9" authorId="0"><text><t>' * 60_000),
    "xl/styles.xml": ("<fills", "<fills count=\"1\"><fill>" * 60_000 + "<fills"),
    "xl/drawings/vmlDrawing1.vml": ("</xml>", "<v:shape>" * 60_000 + "</xml>"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAITS))
def test_a_part_made_to_be_slow_is_not(house: House, name: str, tmp_path: Path) -> None:
    """Elements that are opened and never closed, each of which could be looked for to the end: minutes, were it so."""
    known_places()
    here, bait = BAITS[name]
    own = own_workbook(tmp_path / "own.xlsx")
    sheet = applied(house, brought(house, own.read_bytes()))
    back = given_back(house, sheet, tmp_path / "back.xlsx")
    evil = with_part(back, name, lambda said: said.replace(here, bait, 1), tmp_path / "evil.xlsx")
    again = brought(house, evil.read_bytes())
    before = process_time()
    assert "Estado en la PTM" in values(given_back(house, again, tmp_path / "last.xlsx"))[HEAD - 1]
    assert process_time() - before < 15, "it is 0.3 s"


LINK = (
    '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
    'Target="http://example.invalid/a.png" TargetMode="External"/></Relationships>'
)
NOT_AS_IT_CAME = [
    ("xl/vbaProject.bin", lambda said: "macro", "macros"),
    ("xl/externalLinks/externalLink1.xml", lambda said: "<externalLink/>", "macros"),
    ("xl/embeddings/oleObject1.bin", lambda said: "object", "macros"),
    ("xl/worksheets/_rels/sheet1.xml.rels", lambda said: said.replace("</Relationships>", LINK), "macros"),
    ("[Content_Types].xml", lambda said: said.replace("sheet.main+xml", "sheet.macroEnabled.main+xml"), "macros"),
    ("xl/styles.xml", lambda said: said.replace("<styleSheet", '<!DOCTYPE a [<!ENTITY b "c">]><styleSheet'), "forma"),
    ("xl/worksheets/sheet1.xml", lambda said: re.sub(r'<row r="\d+"', "<row", said), "forma"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "why"), NOT_AS_IT_CAME, ids=[each[0] for each in NOT_AS_IT_CAME])
def test_what_may_not_go_back_as_it_came_is_written_anew(
    house: House, name: str, change: Any, why: str, tmp_path: Path
) -> None:
    """With its reason; without macro, object or link; and what began as a formula's text is text."""
    known_places()
    own = with_part(own_workbook(tmp_path / "own.xlsx"), name, change, tmp_path / "compras.xlsx")
    back = given_back(house, brought(house, own.read_bytes()), tmp_path / "back.xlsx")
    book = CalamineWorkbook.from_path(back)
    assert book.sheet_names == ["Movimientos", LISTED]
    said = book.get_sheet_by_name(LISTED).to_python()[0][0]
    assert why in said
    assert said.startswith("Esta es una copia")
    with ZipFile(back) as packed:
        assert not [each for each in packed.namelist() if re.search("vba|external|embed", each)]
    assert "<f>" not in part(back, "xl/worksheets/sheet1.xml") + part(back, "xl/worksheets/sheet2.xml")
    assert [row[len(COLUMNS)] for row in values(back)[HEAD:]].count("Por aplicar") == 4


LAYOUT = Layout(Header(HEAD - 1, {}, (), len(COLUMNS)), len(COLUMNS))
LARGE = [
    "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
]  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_part_that_unpacks_to_too_much_is_not_read_whole(name: str, tmp_path: Path) -> None:
    """A MB packed is a GB in memory: refused by the size that it tells."""
    own = own_workbook(tmp_path / "own.xlsx")
    padded = with_part(own, name, lambda said: said + " " * MOST_OF_A_PART, tmp_path / "large.xlsx")
    assert padded.stat().st_size < 2**20
    with held() as most, pytest.raises(NotInPlace):
        write_in_place(padded, tmp_path / "back.xlsx", iter(()), LAYOUT)
    assert most() < MOST_OF_A_PART, "nothing of its size was held"


def test_a_part_that_lies_of_its_size_is_read_no_further(tmp_path: Path) -> None:
    path = tmp_path / "lies.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        out.writestr("a.xml", b" " * 8 * MOST_OF_A_PART)
    with ZipFile(path) as packed:
        packed.getinfo("a.xml").file_size = 10
        with held() as most, suppress(BadZipFile):
            read_part(packed, "a.xml")
    assert most() < 3 * MOST_OF_A_PART


@contextmanager
def held() -> Iterator[Callable[[], int]]:
    """The most bytes that were held at once within."""
    tracemalloc.start()
    peak = 0
    try:
        yield lambda: peak
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


IMAGE, HYPERLINK = f"{RELATED}/image", f"{RELATED}/hyperlink"
OUT = 'Id="rId99" Type="{type}" Target="{target}" {mode}'
EVIL = "http://example.invalid/a"
LEADS_OUT = [
    OUT.format(type=IMAGE, target=f"{EVIL}/hyperlink", mode='TargetMode="External"'),
    OUT.format(type=IMAGE, target=EVIL, mode='TargetMode="External" x="/hyperlink"'),
    OUT.format(type=f"{EVIL}/hyperlink", target=EVIL, mode='TargetMode="External"'),
    OUT.format(type=IMAGE, target=EVIL, mode='TargetMode = "External"'),
    OUT.format(type=IMAGE, target=EVIL, mode="TargetMode='External'"),
    OUT.format(type=IMAGE, target=EVIL, mode='TargetMode="Extern&#97;l"'),
    OUT.format(type=IMAGE, target=EVIL, mode='TargetMode="External" x=">"'),
    OUT.format(type=IMAGE, target=EVIL, mode=f'TargetMode="External" Type="{HYPERLINK}"'),
]  # fmt: skip
STAYS = [OUT.format(type=HYPERLINK, target=f"{EVIL}?b=1&amp;c='d'", mode='TargetMode="External"')]


@pytest.mark.parametrize("link", [*LEADS_OUT, *STAYS])
def test_only_a_link_that_a_person_follows_leads_out(link: str, tmp_path: Path) -> None:
    own, name = own_workbook(tmp_path / "own.xlsx"), "xl/worksheets/_rels/sheet1.xml.rels"
    tag = f"<Relationship {link}/></Relationships>"
    evil = with_part(own, name, lambda said: said.replace("</Relationships>", tag), tmp_path / "evil.xlsx")
    assert link in part(evil, name)
    with nullcontext() if link in STAYS else pytest.raises(NotInPlace):
        write_in_place(evil, tmp_path / "back.xlsx", iter(()), LAYOUT)


HIDDEN = [("xl/drawings/_rels/drawing9.xml.RELS", "utf-8"), ("xl/drawings/_rels/drawing9.xml.rels", "utf-16")]


@pytest.mark.parametrize(("name", "encoding"), HIDDEN)
def test_links_that_are_written_so_as_not_to_be_seen_are(name: str, encoding: str, tmp_path: Path) -> None:
    evil = own_workbook(tmp_path / "own.xlsx")
    link = f"<Relationships><Relationship {LEADS_OUT[3]}/></Relationships>"
    with ZipFile(evil, "a") as packed:
        packed.writestr(name, link.encode(encoding))
    with pytest.raises(NotInPlace):
        write_in_place(evil, tmp_path / "back.xlsx", iter(()), LAYOUT)


MALFORMED = [
    ("[Content_Types].xml", None),
    ("xl/worksheets/sheet1.xml", lambda said: said.replace("<cols>", '<cols><col min=\'1\' max="2" style="1"/>')),
    ("xl/worksheets/sheet1.xml", lambda said: said.replace("<cols>", f'<cols><col min="{"9" * 5000}"/>')),
    ("xl/worksheets/sheet1.xml", lambda said: re.sub(r'<row r="\d+"', f'<row r="{"9" * 5000}"', said)),
    ("xl/styles.xml", lambda said: re.sub(r'fillId="\d+"', f'fillId="{"9" * 5000}"', said)),
    ("xl/workbook.xml", lambda said: re.sub(r'sheetId="\d+"', f'sheetId="{"9" * 5000}"', said)),
]


@pytest.mark.parametrize(("name", "change"), MALFORMED)
def test_a_malformed_workbook_is_not_changed_in_place(name: str, change: Any, tmp_path: Path) -> None:
    """What no spreadsheet wrote is written anew, and breaks nothing."""
    own, evil = own_workbook(tmp_path / "own.xlsx"), tmp_path / "evil.xlsx"
    if change is not None:
        with_part(own, name, change, evil)
        assert part(evil, name) != part(own, name)
    else:
        with ZipFile(own) as packed, ZipFile(evil, "w") as out:
            for each in set(packed.namelist()) - {name}:
                out.writestr(each, packed.read(each))
    with pytest.raises(NotInPlace):
        write_in_place(evil, tmp_path / "back.xlsx", iter(()), LAYOUT)
