"""The client's own workbook back: repaired cells in yellow, rejected ones in red, the remedy as each one's comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from veta.node.domain.sheets.cells import Cell
from veta.node.models import Sheet, SheetRow
from veta.node.services.sheets import opened

YELLOW, RED, GREY = "#FFEB9C", "#FFC7CE", "#E7E6E6"
# Beyond this many a spreadsheet takes minutes to open: the rest is coloured, and stands in the second sheet.
MOST_COMMENTS: Final = 10_000
_DATES: Final = {"date": "dd/mm/yyyy", "datetime": "dd/mm/yyyy hh:mm", "time": "hh:mm"}
_TONES: Final = {"repaired": YELLOW, "rejected": RED, "warning": YELLOW, "known": GREY}
Marked = Mapping[int, Sequence[Mapping[str, Any]]]


def write_back(sheet: Sheet, path: Path) -> None:
    """Write the workbook to a path: every cell as it came, in its place; a second sheet lists what was found."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page, told = book.add_worksheet(_("Movimientos")), book.add_worksheet(_("Lo que se encontró"))
        formats = _formats(book)
        _head(told, book.add_format({"bold": True, "bottom": 1}))
        marks = _marks(sheet)
        number, marked = next(marks, (0, {}))
        place, commented = 1, 0
        with opened(sheet) as rows:
            for row, cells in enumerate(rows.rows):
                here = marked if number == row + 1 else {}
                _row(page, row, cells, here, formats)
                if not here:
                    continue
                commented += _comment(page, row, here) if commented < MOST_COMMENTS else 0
                place = _tell(told, place, row + 1, here)
                number, marked = next(marks, (0, {}))
        told.freeze_panes(1, 0)


def _marks(sheet: Sheet) -> Iterator[tuple[int, Marked]]:
    """The rows of which something is said, in order: column → what; a mark of the whole row is its first cell's."""
    told = SheetRow.objects.filter(sheet=sheet).exclude(marks__isnull=True, status__in=["ok", "repaired", "rejected"])
    for row in told.order_by("number").iterator(2_000):
        by_column: dict[int, list[Mapping[str, Any]]] = {}
        for mark in row.marks or ():
            by_column.setdefault(mark["column"] or 0, []).append(mark)
        if row.status == "known":
            known = {"cause": _("Ya estaba capturada: no se captura otra vez."), "severity": "known"}
            by_column.setdefault(0, []).append({"title": "", "value": "", "code": "", "remedy": "", **known})
        yield row.number, by_column


def _formats(book: xlsxwriter.Workbook) -> dict[tuple[str, str], Format]:
    """By kind of cell and tone."""
    return {
        (kind, tone): book.add_format(
            ({"num_format": shape} if shape else {}) | ({"bg_color": _TONES[tone]} if tone else {})
        )
        for kind, shape in {"": "", **_DATES}.items()
        for tone in ("", *_TONES)
    }


def _tone(marks: Sequence[Mapping[str, Any]]) -> str:
    found = {mark["severity"] for mark in marks}
    return next((tone for tone in ("rejected", "known", "repaired", "warning") if tone in found), "")


def _row(page: Worksheet, row: int, cells: Sequence[Cell], marked: Marked, formats: Any) -> None:
    for column in range(max(len(cells), max(marked, default=-1) + 1)):
        cell = cells[column] if column < len(cells) else None
        _write(page, row, column, cell, _tone(marked.get(column, ())), formats)


def _write(page: Worksheet, row: int, column: int, cell: Cell, tone: str, formats: Any) -> None:
    """A cell with its own type; text is never taken for a formula."""
    if cell is None or cell == "":
        if tone:
            page.write_blank(row, column, None, formats["", tone])
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell, formats["", tone])
    elif isinstance(cell, float | int):
        page.write_number(row, column, cell, formats["", tone])
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell, formats["datetime", tone])
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, formats["date", tone])
    elif isinstance(cell, time | timedelta):
        page.write_datetime(row, column, cell, formats["time", tone])
    else:
        page.write_string(row, column, cell, formats["", tone])


def _comment(page: Worksheet, row: int, marked: Marked) -> int:
    for column, marks in marked.items():
        said = "\n".join(" ".join(filter(None, (mark["code"], mark["cause"], mark["remedy"]))) for mark in marks)
        page.write_comment(row, column, said, {"x_scale": 2, "author": "Veta"})
    return len(marked)


def _head(told: Worksheet, bold: Format) -> None:
    heads = (_("Fila"), _("Columna"), _("Valor"), _("Qué pasa"), _("Causa"), _("Remedio"), _("Código"))
    for n, head in enumerate(heads):
        told.write_string(0, n, head, bold)
    for n, width in enumerate((8, 26, 22, 14, 60, 60, 10)):
        told.set_column(n, n, width)


def _tell(told: Worksheet, place: int, number: int, marked: Marked) -> int:
    for marks in marked.values():
        for mark in marks:
            told.write_number(place, 0, number)
            words = (mark["title"], mark["value"], said(mark["severity"]), mark["cause"], mark["remedy"], mark["code"])
            for n, text in enumerate(words, start=1):
                told.write_string(place, n, text)
            place += 1
    return place


def said(severity: str) -> str:
    """What becomes of a cell, in a word."""
    words = {"repaired": _("corregida"), "rejected": _("rechazada"), "warning": _("aviso"), "known": _("ya capturada")}
    return words[severity]
