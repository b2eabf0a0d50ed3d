"""Many quotes from one file to another, row by row: memory does not grow with the file, errors stay in their row."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from veta.bonds.domain.case import CaseRefused
from veta.bonds.domain.quote import quote
from veta.bonds.domain.reading import CASE_FIELDS, LINE_FIELDS, SHARED_FIELDS, case_of_row, read_case
from veta.bonds.domain.value import VALUE_DECIMALS
from veta.kernel.errors import DomainError
from veta.prices.domain.book import PriceBook
from veta.prices.domain.figures import exact_text

_ELSEWHERE = ("production", "stage_change", *SHARED_FIELDS)
COLUMNS = ("case", *(name for name in CASE_FIELDS if name not in _ELSEWHERE), *LINE_FIELDS)
OUT = (
    "row", "case", "status", "insured_value_cop", "exact_cop", "range_low_cop", "range_high_cop", "percent", "demo",
    "findings", "errors",
)  # fmt: skip


class BatchRefused(DomainError):
    """A file that is not a batch of cases."""

    code = "SCH-001"


def quote_batch(
    source: Path, target: Path, book: PriceBook, *, advance: Callable[[int], None] = lambda _: None
) -> Counter[str]:
    """Write one row for each row read, in its order; returns how many of each status, `unreadable` among them.

    A row is one case; several minerals go in one cell separated by «;». Raises BatchRefused where a column is unknown,
    or none of a case's is there.
    """
    counts: Counter[str] = Counter()
    with source.open(encoding="utf-8-sig", newline="") as rows, target.open("w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(rows)
        _require_columns(reader.fieldnames or ())
        writer = csv.writer(out)
        writer.writerow(OUT)
        for number, row in enumerate(_rows(reader), start=1):
            cells = _quoted(row, book)
            writer.writerow((number, row.get("case") or "", *cells))
            counts[cells[0]] += 1
            if number % 1000 == 0:
                advance(1000)
        advance(sum(counts.values()) % 1000)
    return counts


def _rows(reader: "csv.DictReader[str]") -> Iterator[Mapping[str, Any]]:
    try:
        yield from reader
    except (csv.Error, UnicodeDecodeError) as error:
        place = f"cerca de la línea {reader.line_num}"
        raise BatchRefused(f"El archivo está roto {place}: {error}. Guárdelo como CSV UTF-8.") from None


def _require_columns(header: object) -> None:
    names = list(header)  # type: ignore[call-overload]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "regime" not in names:
        what = f"No se conocen las columnas {', '.join(map(str, unknown))}." if unknown else "Falta la columna regime."
        raise BatchRefused(f"{what} Use: {', '.join(COLUMNS)}.")


def _quoted(row: Mapping[str, Any], book: PriceBook) -> tuple[str, ...]:
    if None in row or None in row.values():
        return _unreadable("La fila no tiene tantas celdas como columnas. Revise las comas.")
    try:
        found = quote(read_case(case_of_row(row)), book)
    except CaseRefused as refused:
        return _unreadable(refused.message, " ".join(finding.code for finding in refused.findings))
    exact = "" if found.exact is None else exact_text(found.exact, decimals=VALUE_DECIMALS)
    insured = "" if found.insured is None else str(found.insured)
    low, high = (str(found.range[0]), str(found.range[1])) if found.range else ("", "")
    percent = found.shown.stage_percent if found.shown else ""
    codes = " ".join(finding.code for finding in found.findings)
    why = " ".join(finding.message for finding in found.findings if finding.severity == "blocking")
    return (found.status, insured, exact, low, high, percent, "1" if found.demo else "", codes, why)


def _unreadable(message: str, codes: str = "SCH-001") -> tuple[str, ...]:
    return ("unreadable", "", "", "", "", "", "", codes, message)
