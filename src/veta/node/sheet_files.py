"""Workbooks and CSV as they come: rows of cells with their own types, where the spreadsheet shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile, is_zipfile

from python_calamine import CalamineError, CalamineWorkbook

from veta.node.domain.sheets.cells import UNWORKED, Cell
from veta.node.domain.sheets.marks import FileFault
from veta.node.ooxml import NotInPlace, read_part
from veta.registry.importers.reading import csv_lines, encoding_of, refuse_bomb
from veta.registry.importers.rows import ImportRefused

EXCEL: Final = (".xlsx", ".xlsm", ".xls", ".ods")
LARGEST: Final = 24 * 2**20
UNPACKED: Final = 512 * 2**20
MOST_ROWS: Final = 200_000
_ERROR_CELL: Final = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"(?=[^<>]*\st="e")')
_UNWORKED_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3})(\d+)"(?![^<>]*\st="str")[^<>]*><f\b[^<>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 10_000  # no cell is longer whose formula a spreadsheet takes
ERROR: Final = "#N/A"
Errors = dict[int, dict[int, str]]
"""Row → column → what is read there, both from 0."""
OPENS_NOT: Final = "El archivo no abre. Guárdelo de nuevo como .xlsx o como CSV UTF-8."


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a sheet in their order, how many there are, blank ones too, and of how many columns at most."""

    count: int
    width: int
    rows: Iterator[list[Cell]]


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """Open the first sheet of a workbook, or a CSV. Raises FileFault (SHE-001, SHE-003)."""
    try:
        if path.suffix.lower() in EXCEL:
            yield _excel(path)
            return
        encoding = encoding_of(path)
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=first.count)
            lines = csv_lines(file, delimiter)
            yield Rows(*_measured(path, encoding, delimiter), _of_lines(lines))
    except ImportRefused as refused:
        raise FileFault("SHE-001", refused.message) from None


def _of_lines(lines: Iterator[tuple[int, list[str]]]) -> Iterator[list[Cell]]:
    """Rows of a CSV, counted as a spreadsheet shows them."""
    for _line, cells in lines:
        yield list(cells)


def _measured(path: Path, encoding: str, delimiter: str) -> tuple[int, int]:
    """How many rows a CSV has, and of how many cells at most."""
    count = width = 0
    with path.open(encoding=encoding, newline="") as file:
        for _line, cells in csv_lines(file, delimiter):
            count, width = count + 1, max(width, len(cells))
            if count > MOST_ROWS:
                raise _too_many()
    return count, width


def _excel(path: Path) -> Rows:
    refuse_bomb(path, most=UNPACKED)
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, OSError, IndexError):
        raise FileFault("SHE-001", OPENS_NOT) from None
    count = sheet.end[0] + 1 if sheet.end else 0
    if count > MOST_ROWS:
        raise _too_many()
    left = sheet.start[1] if sheet.start else 0
    width = sheet.end[1] + 1 if sheet.end else 0
    return Rows(count, width, _with_errors(sheet.iter_rows(), left, _errors_of(path)))


def _with_errors(rows: Iterator[Sequence[Cell]], left: int, errors: Errors) -> Iterator[list[Cell]]:
    """The reader leaves a cell with an error or without its result empty, and drops blank columns on the left: all are
    put back."""
    for number, cells in enumerate(rows):
        row: list[Cell] = [*[None] * left, *cells]
        for column, said in errors.get(number, {}).items():
            row += [None] * (column + 1 - len(row))
            row[column] = said
        yield row


def _errors_of(path: Path) -> Errors:
    """Where the first sheet of an .xlsx has cells with a formula's error, or with no result of it."""
    found: Errors = {}
    if not is_zipfile(path):
        return found
    with ZipFile(path) as packed:
        try:
            name = first_sheet(packed)
        except NotInPlace:
            raise FileFault("SHE-001", OPENS_NOT) from None
        if name is None:
            return found
        with packed.open(name) as sheet:
            rest = b""
            while chunk := sheet.read(_CHUNK):
                text = rest + chunk
                for pattern, said in ((_ERROR_CELL, ERROR), (_UNWORKED_CELL, UNWORKED)):
                    for letters, row in pattern.findall(text):
                        found.setdefault(int(row) - 1, {})[_column(letters)] = said
                rest = text[-_OVERLAP:]
    return found


def first_sheet(packed: ZipFile) -> str | None:
    """The part that holds the first sheet, by the workbook's own list. Raises NotInPlace."""
    names = set(packed.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    listed = re.search(rb"<sheet\b[^>]*\br:id=\"([^\"]+)\"", read_part(packed, "xl/workbook.xml"))
    if listed is None:
        return None
    for link in re.findall(rb"<Relationship\b[^>]*>", read_part(packed, "xl/_rels/workbook.xml.rels")):
        target = re.search(rb'Target="/?(?:xl/)?([^"]+)"', link)
        if target is not None and b'Id="' + listed[1] + b'"' in link:
            name = f"xl/{target[1].decode()}"
            return name if name in names else None
    return None


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _too_many() -> FileFault:
    return FileFault("SHE-003", f"La hoja pasa de {MOST_ROWS} filas. Divídala en varias.")
