"""The public series that a metal's price is derived from: monthly prices of the World Bank and the daily TRM."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from veta.kernel.finding import Finding
from veta.prices.domain.derive import (
    LAST_FIXING,
    NORM,
    TRM_CHOICES,
    Derived,
    MeanPrice,
    NotDerivable,
    derive,
    mean_trm,
    require_fixing,
)

PRICES = "banco_mundial_precios_mensuales_1960_*.csv"
TRM = "trm_diaria_*.csv"
_COLUMN = {"oro": "oro_usd_ozt", "platino": "platino_usd_ozt"}


def derive_from(folder: Path, mineral: str, *, month: date, trm_month: str = "previous") -> Derived:
    """The derived price of a metal in a month, from the files of a folder.

    `trm_month`: whether the TRM is averaged over the previous month or the price's own. Raises NotDerivable: PRI-020,
    PRI-021, or PRI-022 where a file, or the month in it, is missing.
    """
    require_fixing(mineral)
    if trm_month not in TRM_CHOICES:
        raise _absent("trm", f"La TRM es de «previous» o «current», no de «{trm_month}».")
    month = month.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    price = _price(folder, mineral, before)
    require_fixing(mineral, price)
    file = _file(folder, TRM)
    chosen = before if trm_month == "previous" else month
    return derive(mineral, month=month, price=price, trm=mean_trm(list(_windows(file)), chosen, file.name))


def _price(folder: Path, mineral: str, month: date) -> MeanPrice:
    file = _file(folder, PRICES)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["mes"] == f"{month:%Y-%m}" and row[_COLUMN[mineral]]:
                return MeanPrice(month, row[_COLUMN[mineral]], file.name, fixing=month <= LAST_FIXING)
    raise _absent(
        "month", f"La serie {file.name} no trae {mineral} de {month:%Y-%m}. Complete la serie o pida otro mes."
    )


def _windows(file: Path) -> Iterator[tuple[date, date, Fraction]]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            value = Fraction(row["VALOR"].removeprefix("$").replace(",", ""))
            yield _day(row["VIGENCIADESDE"]), _day(row["VIGENCIAHASTA"]), value


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a calendar day, no instant


def _file(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise _absent("data", f"En {folder} no hay ningún archivo {pattern}. Indique la carpeta con --data.")
    return found[-1]


def _absent(field: str, message: str) -> NotDerivable:
    return NotDerivable(message, code="PRI-022", findings=[Finding("PRI-022", "blocking", field, NORM, message)])
