"""A table once: on the page, and as Excel or CSV, from the same cells."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header

Text = str | Promise
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def columns(*labels: Text, figures: Sequence[int] = ()) -> tuple[Column, ...]:
    """Columns by their labels; `figures` are the places of those that hold figures."""
    return tuple(Column(label, n in figures) for n, label in enumerate(labels))


def asked_for(request: HttpRequest) -> str:
    """`csv` or `xlsx` where the request asks for a file, else nothing."""
    form = request.GET.get("formato", "")
    return form if form in {"csv", "xlsx"} else ""


def exported(table: Table, *, name: str, form: str) -> HttpResponse:
    """The table as a file: what is shown, without its links; exact numbers where the cell has one."""
    made = _csv(table) if form == "csv" else _xlsx(table)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    response = HttpResponse(made, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{form}") or ""
    return response


def _csv(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(column.label) for column in table.columns])
    for row in table.rows:
        writer.writerow([cell.number or _plain(str(cell.text)) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def _plain(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _xlsx(table: Table) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        for n, column in enumerate(table.columns):
            sheet.write_string(0, n, str(column.label), head)
            sheet.set_column(n, n, 24)
        for line, row in enumerate(table.rows, start=1):
            for n, cell in enumerate(row):
                if cell.number and sum(map(str.isdigit, cell.number)) <= EXACT_DIGITS:
                    sheet.write_number(line, n, float(cell.number))
                else:
                    sheet.write_string(line, n, cell.number or str(cell.text))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    return out.getvalue()
