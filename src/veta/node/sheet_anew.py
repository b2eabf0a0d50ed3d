"""A workbook written anew, cell by cell: of CSV and old formats, and of what cannot go back as it is."""

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
from veta.node.domain.sheets.header import OURS
from veta.node.models import Sheet
from veta.node.services.sheets import opened
from veta.node.sheet_told import (
    AUTHOR,
    HEADS_WIDE,
    MOST_COMMENTS,
    TONES,
    Layout,
    Marked,
    Told,
    comment,
    heads,
    list_of,
    tone_of,
)

_DATES: Final = {"date": "dd/mm/yyyy", "datetime": "dd/mm/yyyy hh:mm", "time": "hh:mm"}


def write_anew(sheet: Sheet, path: Path, told: Iterator[Told], layout: Layout, *, why: str) -> None:
    """Write the workbook to a path: every value as it came, in its place; a second sheet lists what was found, and
    `why` it is not the sender's own, where that may be asked. Formulas come back as their values."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page, listed = book.add_worksheet(_("Movimientos")), book.add_worksheet(_("Lo que se encontró"))
        formats = _formats(book)
        place = _begin(listed, book.add_format({"bold": True, "bottom": 1}), why)
        each, commented = next(told, None), 0
        with opened(sheet) as rows:
            for row, cells in enumerate(rows.rows):
                here = each.cells if each is not None and each.number == row + 1 else {}
                own = [None if layout.column <= n < layout.column + len(OURS) else cell for n, cell in enumerate(cells)]
                _row(page, row, own, here, formats)
                if row == layout.header.row:
                    page.write_row(row, layout.column, OURS)
                if each is None or each.number != row + 1:
                    continue
                page.write_string(row, layout.column, each.state, formats["", each.tone])
                page.write_string(row, layout.column + 1, each.words)
                commented += _comment(page, row, here) if commented < MOST_COMMENTS else 0
                for number, words in list_of(each):
                    listed.write_number(place, 0, number)
                    for n, text in enumerate(words, start=1):  # never a formula, whatever it begins with
                        listed.write_string(place, n, text)
                    place += 1
                each = next(told, None)


def _begin(listed: Worksheet, bold: Format, why: str) -> int:
    """The list's head; the row where it goes on."""
    for n, width in enumerate(HEADS_WIDE):
        listed.set_column(n, n, width)
    if why:
        listed.write_string(0, 0, why)
    for n, head in enumerate(heads()):
        listed.write_string(bool(why), n, head, bold)
    listed.freeze_panes(1 + bool(why), 0)
    return 1 + bool(why)


def _formats(book: xlsxwriter.Workbook) -> dict[tuple[str, str], Format]:
    """By kind of cell and tone."""
    return {
        (kind, tone): book.add_format(
            ({"num_format": shape} if shape else {}) | ({"bg_color": TONES[tone]} if tone else {})
        )
        for kind, shape in {"": "", **_DATES}.items()
        for tone in ("", *TONES)
    }


def _row(page: Worksheet, row: int, cells: Sequence[Cell], marked: Marked, formats: Any) -> None:
    for column in range(max(len(cells), max(marked, default=-1) + 1)):
        cell = cells[column] if column < len(cells) else None
        _write(page, row, column, cell, tone_of(marked.get(column, ())), formats)


def _write(
    page: Worksheet, row: int, column: int, cell: Cell, tone: str, formats: Mapping[tuple[str, str], Any]
) -> None:
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
        page.write_comment(row, column, comment(marks), {"x_scale": 2, "author": AUTHOR})
    return len(marked)
