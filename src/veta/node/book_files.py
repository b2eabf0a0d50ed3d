"""A book as a file: Excel, CSV or Parquet, with the same columns; figures are exact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson
import xlsxwriter
from arro3.core import DataType, Field, Schema
from arro3.io import read_json, write_parquet

from veta.node.domain.spoken import comma
from veta.node.queries.books import Book

FORMS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
# A spreadsheet keeps 15 digits of a figure; a longer one stays text, so that none is lost.
EXACT_DIGITS: Final = 15
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_STATUS: Final = "estado_del_formato"


def as_file(book: Book, rows: Iterable[Sequence[Any]], form: str) -> bytes:
    """The whole book in one of FORMS; what was not read of a form is said in the file too."""
    return {"xlsx": _xlsx, "csv": _csv, "parquet": _parquet}[form](book, rows)


# As a spreadsheet of this country reads it: semicolons between cells, a comma before decimals, the mark of UTF-8.
def _csv(book: Book, rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([column.name for column in book.columns] + ([_STATUS] if book.status else []))
    for row in rows:
        writer.writerow([plain(value) for value in row] + ([str(book.status)] if book.status else []))
    return ("\ufeff" + out.getvalue()).encode()


def plain(value: Any) -> str:
    """A cell as a spreadsheet of this country reads it: figures with a comma, text that is taken for no formula."""
    if isinstance(value, Decimal):
        return comma(f"{value:f}")
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _xlsx(book: Book, rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        page = made.add_worksheet()
        bold, day = made.add_format({"bold": True, "bottom": 1}), made.add_format({"num_format": "dd/mm/yyyy"})
        start = 2 if book.status else 0
        if book.status:
            page.write_string(0, 0, str(book.status))
        for n, column in enumerate(book.columns):
            page.write_string(start, n, str(column.label), bold)
            page.set_column(n, n, 20)
        for line, row in enumerate(rows, start=start + 1):
            for n, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(line, n, value, day)
                elif isinstance(value, Decimal | int) and len(str(value)) <= EXACT_DIGITS:
                    page.write_number(line, n, float(value))
                elif value is not None:
                    page.write_string(line, n, str(value))
        page.freeze_panes(start + 1, 0)
    return out.getvalue()


def _parquet(book: Book, rows: Iterable[Sequence[Any]]) -> bytes:
    """Days as days, figures as decimals of six places; nothing passes through a float."""
    kinds = {"text": DataType.string(), "day": DataType.date32(), "figure": DataType.decimal128(30, 6)}
    fields = [Field(column.name, kinds[column.kind], nullable=True) for column in book.columns]
    names = [column.name for column in book.columns]
    if book.status:
        fields.append(Field(_STATUS, DataType.string(), nullable=True))
    lines = io.BytesIO()
    for row in rows:
        said = dict(zip(names, (_for_json(value) for value in row), strict=True))
        lines.write(orjson.dumps(said | ({_STATUS: str(book.status)} if book.status else {})) + b"\n")
    lines.seek(0)
    out = io.BytesIO()
    write_parquet(read_json(lines, Schema(fields)), out)
    return out.getvalue()


def _for_json(value: Any) -> Any:
    return value if value is None or isinstance(value, str | date) else str(value)
