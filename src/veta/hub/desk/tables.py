"""A table once: on the page, and as Excel or CSV, from the same cells."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

import xlsxwriter
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

from veta.hub.desk import paging
from veta.kernel.period import BOGOTA

Text = str | Promise
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
# Sent together; and as many as a sheet holds under its heads.
LINES_AT_ONCE = 500
SHEET_ROWS = 2**20 - 1
# A spreadsheet keeps 15 digits of a number; a longer one stays text, so that none is lost.
EXACT_DIGITS = 15
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says. `tone`: drawn as a badge; `number`: the exact decimal text behind a figure, for exports."""

    text: Text
    url: str = ""
    tone: str = ""
    soft: Text = ""
    number: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name; figures stand to the right."""

    label: Text
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A page of rows, each headed by its first cell. `more`: the address of the next page."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: Text = ""
    more: str = ""
    export: str = ""
    wide: bool = field(default=False)

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """Each row's cells beside their columns, for the template."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


R = TypeVar("R", bound=HttpResponseBase)
Listed = Callable[[HttpRequest, int], Table]


def columns(*labels: Text, figures: Sequence[int] = ()) -> tuple[Column, ...]:
    """Columns by their labels; `figures` are the places of those that hold figures."""
    return tuple(Column(label, n in figures) for n, label in enumerate(labels))


def asked_for(request: HttpRequest) -> str:
    """`csv` or `xlsx` where the request asks for a file, else nothing."""
    form = request.GET.get("formato", "")
    return form if form in {"csv", "xlsx"} else ""


def exported(table: Table, *, name: str, form: str) -> HttpResponse:
    """The table as a file: what is shown, without its links; exact numbers where the cell has one."""
    rows = list(table.rows)
    made = b"".join(_csv(table.columns, rows)) if form == "csv" else _xlsx(table.columns, rows).read()
    return _attached(HttpResponse(made, content_type=KINDS[form]), name=name, form=form)


def unfinished(table: Table, says: str) -> Table:
    """The table of a file that does not reach the end of its list, which its last row says."""
    return replace(table, rows=[*table.rows, [Cell(says), *(Cell("") for _ in table.columns[1:])]])


def whole(request: HttpRequest, listed: Listed, *, name: str, form: str, part: int | None = None) -> HttpResponseBase:
    """A list as a file from its beginning to its end, however long, a part of it in memory at a time.

    `listed` makes the page of so many rows that a request asks for; each page says where the next one starts. `part`:
    how many rows are read at a time, `paging.CHUNK` unless the list counts them (`paging.COUNTED`).
    """
    part = part or paging.CHUNK
    first = listed(paging.at(request, ""), part)
    if not first.more:
        return exported(first, name=name, form=form)
    rows = chain(first.rows, _rest(request, listed, first.more, part=part, language=get_language()))
    made = _csv(first.columns, rows) if form == "csv" else _xlsx(first.columns, rows)
    return _attached(StreamingHttpResponse(made, content_type=KINDS[form]), name=name, form=form)


def _rest(
    request: HttpRequest, listed: Listed, more: str, *, part: int, language: str | None
) -> Iterator[Sequence[Cell]]:
    """The rows that follow; what is sent after the view has ended is still on its clock and in its language."""
    while more:
        with timezone.override(BOGOTA), override(language):
            table = listed(paging.at(request, more), part)
        more = table.more
        yield from table.rows


def _attached(response: R, *, name: str, form: str) -> R:
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{form}") or ""
    return response


def _csv(heads: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow([str(column.label) for column in heads])
    for line, row in enumerate(rows, start=1):
        writer.writerow([cell.number or _plain(str(cell.text)) for cell in row])
        if line % LINES_AT_ONCE == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _plain(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _xlsx(heads: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """A workbook on the disk, a sheet for each million rows, which is what one holds."""
    out = TemporaryFile()  # noqa: SIM115 - closed with the answer that sends it
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        style, left = book.add_format({"bold": True, "bottom": 1}), iter(rows)
        while True:
            sheet = _sheet(book, heads, style)
            line = 0
            for line, row in enumerate(islice(left, SHEET_ROWS), start=1):
                _write(sheet, line, row)
            sheet.autofilter(0, 0, max(line, 1), len(heads) - 1)
            if line < SHEET_ROWS:
                break
    out.seek(0)
    return out


def _sheet(book: xlsxwriter.Workbook, heads: Sequence[Column], style: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for n, column in enumerate(heads):
        sheet.set_column(n, n, 24)
        sheet.write_string(0, n, str(column.label), style)
    return sheet


def _write(sheet: Any, line: int, row: Sequence[Cell]) -> None:
    for n, cell in enumerate(row):
        if cell.number and sum(map(str.isdigit, cell.number)) <= EXACT_DIGITS:
            sheet.write_number(line, n, float(cell.number))
        else:
            sheet.write_string(line, n, cell.number or str(cell.text))
