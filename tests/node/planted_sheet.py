"""A buyer's workbook of a thousand purchases as they come in life, with errors planted in known cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from veta.node.domain.sheets.kinds import KINDS

KIND = "subsistence_purchase"
COLUMNS = KINDS[KIND]
PLACES = [
    ("05250", "El Bagre", "Antioquia"), ("05001", "Medellín", "Antioquia"), ("27361", "Istmina", "Chocó"),
    ("08675", "San Pedro", "Antioquia"), ("70717", "San Pedro", "Sucre"),
]  # fmt: skip
# Above the header: a banner merged over all, and groups merged over some columns, as people draw them.
BANNER = "COMPRAS DE NOVIEMBRE"
GROUPS = {"seller_type": ("VENDEDOR", 2), "paper_type": ("DOCUMENTO SOPORTE", 3)}
UNDER_GROUPS = {
    "seller_type": "Tipo", "seller_number": "Número", "paper_type": "Tipo", "paper_number": "Número",
    "paper_day": "Fecha", "municipality": "Municipio", "quantity": "Peso bruto", "price": "Valor pagado",
}  # fmt: skip
HEADER_ROW = 3
FIRST = HEADER_ROW + 1  # as the spreadsheet counts


@dataclass(frozen=True)
class Planted:
    """An error: in which column, the cell that replaces the good one, the code that must be said, and where."""

    column: str
    cell: Any
    code: str
    found_at: str | None = "same"
    also: tuple[tuple[str, str], ...] = ()  # what follows from it in other cells


DAY = datetime(2026, 11, 9)  # noqa: DTZ001 - a spreadsheet's days have no zone
FORMULA = "=#N/A"


@dataclass(frozen=True)
class Said:
    """A day that is not written as a date."""

    day: datetime
    how: Callable[[datetime], Any]


BEYOND = "…"
PLANTED: tuple[Planted, ...] = (
    Planted("date", None, "SHE-010"),
    Planted("date", "31/02/2026", "SHE-015"),
    Planted("date", "11/25/2026", "SHE-015"),
    Planted("date", "ayer", "SHE-015"),
    Planted("date", 12.0, "SHE-015"),
    Planted("date", DAY.replace(year=2027), "TIM-001"),
    Planted("date", DAY.replace(year=1926), "SHE-015"),
    Planted("hour", "25:70", "SHE-015"),
    Planted("seller_type", "TI", "SHE-016"),
    Planted("seller_number", None, "SHE-010"),
    Planted("seller_number", "1O200300", "SHE-012"),
    Planted("seller_number", "1,02003E+09", "SHE-014"),
    Planted("seller_number", DAY, "SHE-014"),
    Planted("seller_number", 12345678901234567890.0, "SHE-014"),
    Planted("seller_number", True, "SHE-011"),
    Planted("municipality", "99999", "SHE-017"),
    Planted("municipality", "Macondo", "SHE-017"),
    Planted("municipality", "San Pedro", "SHE-017"),
    Planted("mineral", "orro", "SHE-016"),
    Planted("mineral", "Carbón térmico", "MIN-006", also=(("MIN-002", "unit"),)),
    Planted("mineral", FORMULA, "SHE-011"),
    Planted("quantity", None, "SHE-010"),
    Planted("quantity", "doce", "SHE-012"),
    Planted("quantity", "1.234", "SHE-013"),
    Planted("quantity", -1.5, "SHE-012"),
    Planted("quantity", 0.0, "MIN-005"),
    Planted("quantity", 1.23456, "MIN-005"),
    Planted("quantity", DAY, "SHE-014"),
    Planted("unit", "castellano", "SHE-016"),
    Planted("unit", "kg", "MIN-002"),
    Planted("fineness", None, "MIN-004"),
    Planted("fineness", 1200.0, "MIN-004"),
    Planted("fineness", "0,92", "SHE-012"),
    Planted("price", "#¡REF!", "SHE-011"),
    Planted("paper_number", None, "SHE-010"),
    Planted(BEYOND, "suelto", "SHE-019"),
    Planted("reference", "same as above", "SHE-018", None),
)
# What is read all the same, and said: the cells that are not as the contract has them.
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
DIRT: tuple[tuple[str, Callable[[int], Any]], ...] = (
    ("quantity", lambda n: f"{1 + n % 9},{n % 100:02d}5"),
    ("quantity", lambda n: f"{1 + n % 9},5\u00a0gr"),
    ("date", lambda n: Said(DAY - timedelta(days=n % 9), "{:%d/%m/%Y}".format)),
    ("date", lambda n: Said(DAY - timedelta(days=n % 9), lambda day: float((day - EPOCH).days))),
    ("date", lambda n: Said(DAY - timedelta(days=n % 9), lambda d: f"{d.day} de {MONTHS[d.month - 1]} de {d.year}")),
    ("municipality", lambda n: 5250.0),
    ("municipality", lambda n: "istmina"),
    ("unit", lambda n: "Gramos"),
    ("price", lambda n: f"$ {350 + n % 9}.{n % 1000:03d}"),
    ("mineral", lambda n: "ORO\u00a0"),
    ("seller_type", lambda n: "cédula"),
    ("assay", lambda n: "lab"),
)
EVERY = 25


def good(n: int) -> dict[str, Any]:
    """A purchase as a careful person writes it; no two say the same."""
    return {
        "date": DAY - timedelta(days=n % 7), "hour": f"{7 + n % 10:02d}:{n % 60:02d}", "seller_type": "CC",
        "seller_number": float(10_000_000 + n), "municipality": "05250 El Bagre (Antioquia)", "mineral": "Oro",
        "quantity": round(0.5 + n % 40 / 8, 3), "unit": "g", "fineness": 920.0, "assay": "declarada",
        "price": 350_000.0 + n, "withheld": 14_000.0, "paper_type": "Declaración de producción",
        "paper_number": f"DP-{n}", "paper_day": DAY - timedelta(days=n % 7), "reference": f"R{n}",
    }  # fmt: skip


def write_sheet(
    path: Path, rows: int, *, planted: bool = True, day: datetime = DAY, own: Mapping[str, Any] | None = None
) -> dict[int, Planted]:
    """Write the workbook; where each error lies, by the row that the spreadsheet shows. `day`: the last of its days;
    `own`: what each of its good rows says in place of what is usual."""
    step = max(2, rows // (len(PLANTED) + 1))
    places = {step * (n + 1): each for n, each in enumerate(PLANTED)} if planted else {}
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page = book.add_worksheet("Compras")
        shape = book.add_format({"num_format": "dd/mm/yyyy"})
        _head(page, book)
        before: dict[str, Any] = {}
        for n in range(rows):
            cells = good(n) | dict(own or {})
            error = places.get(n)
            if error is not None:
                cells = dict(before) if error.code == "SHE-018" else cells | {error.column: error.cell}
            elif n % EVERY == 3:
                column, cell = DIRT[n // EVERY % len(DIRT)]
                cells[column] = cell(n)
            before = cells if error is None else before
            _line(page, FIRST - 1 + n, {key: _moved(cell, day - DAY) for key, cell in cells.items()}, shape)
    return {FIRST + n: each for n, each in places.items()}


def _moved(cell: Any, by: timedelta) -> Any:
    if isinstance(cell, Said):
        return cell.how(cell.day + by)
    return cell + by if isinstance(cell, datetime) and cell.year > 1930 else cell


def _head(page: Any, book: Any) -> None:
    page.merge_range(0, 0, 0, len(COLUMNS) - 1, BANNER)
    middle = book.add_format({"align": "center"})
    for n, column in enumerate(COLUMNS):
        if column.key in GROUPS:
            name, wide = GROUPS[column.key]
            page.merge_range(HEADER_ROW - 2, n, HEADER_ROW - 2, n + wide - 1, name, middle)
    for n, column in enumerate(COLUMNS):
        page.write_string(HEADER_ROW - 1, n, UNDER_GROUPS.get(column.key, column.title))


def _line(page: Any, row: int, cells: dict[str, Any], day: Any) -> None:
    for n, key in enumerate((*(column.key for column in COLUMNS), BEYOND)):
        cell = cells.get(key)
        if cell is None:
            continue
        if isinstance(cell, datetime):
            if cell.year < 1930:
                page.write_string(row, n, f"{cell:%d/%m/%Y}")
            else:
                page.write_datetime(row, n, cell, day)
        elif cell == FORMULA:
            page.write_formula(row, n, "=NA()", None, "#N/A")
        elif isinstance(cell, bool):
            page.write_boolean(row, n, cell)
        elif isinstance(cell, float):
            page.write_number(row, n, cell)
        else:
            page.write_string(row, n, cell)
