"""Days and hours as spreadsheets keep them and as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from veta.node.domain.sheets.cells import Cell, Mending, text
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.words import folded

_EPOCH: Final = date(1899, 12, 30)
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_MONTHS: Final = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
_LONG: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?").fullmatch
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: (\d{1,2}):(\d{2})(?::\d{2})?)?"
).fullmatch
_NAMED: Final = re.compile(r"(\d{1,2}) (?:de )?([a-z]+)(?: (?:de|del))? (\d{4}|\d{2})").fullmatch
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:h.](\d{2}))?(?::(\d{2}))?\s*([ap])?\.?\s*(?:m\.?)?").fullmatch
_REMEDY: Final = "Escriba día/mes/año, como 09/11/2026."
_HOUR_REMEDY: Final = "Escriba la hora de 0 a 23 y los minutos, como 14:05."


def day(cell: Cell, mending: Mending) -> tuple[date, time | None] | None:
    """The day of a cell, and its hour where it says one; None where it is empty. Raises CellFault (SHE-015)."""
    if isinstance(cell, datetime):
        return _within(cell.date()), cell.time() if cell.time() != time() else None
    if isinstance(cell, date):
        return _within(cell), None
    if isinstance(cell, time | timedelta):
        raise CellFault("SHE-015", "La celda trae una hora y no una fecha.", _REMEDY)
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _serial(float(cell), mending)
    said = text(cell, mending)
    if not said:
        return None
    if said.isdigit() and len(said) == 5:
        return _serial(float(said), mending)
    return _of_text(said, mending)


def _serial(value: float, mending: Mending) -> tuple[date, time | None]:
    if not (_FIRST - _EPOCH).days <= value <= (_LAST - _EPOCH).days:
        raise CellFault("SHE-015", "El número no corresponde a una fecha.", _REMEDY)
    found = _EPOCH + timedelta(days=int(value))
    mending.say(f"el número de serie se lee como {found.isoformat()}")
    minutes = round((value - int(value)) * 1440)
    return found, _of_minutes(minutes) if minutes else None


def _of_minutes(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _of_text(said: str, mending: Mending) -> tuple[date, time | None]:
    iso = _ISO(said)
    if iso is not None:
        return _made(iso[1], iso[2], iso[3]), _hour(iso[4], iso[5])
    written = _DAY_FIRST(said)
    if written is not None:
        found = _made(written[3], written[2], written[1])
        mending.say(f"se lee como {found.isoformat()} (día, mes, año)")
        return found, _hour(written[4], written[5])
    named = _NAMED(folded(said))
    if named is not None and (month := _month(named[2])):
        found = _made(named[3], str(month), named[1])
        mending.say(f"se lee como {found.isoformat()}")
        return found, None
    raise CellFault("SHE-015", "La fecha no se entiende.", _REMEDY)


def _month(word: str) -> int:
    for n, (short, full) in enumerate(zip(_MONTHS, _LONG, strict=True), start=1):
        if word in (short, full, short + "t"):
            return n
    return 0


def _hour(hours: str | None, minutes: str | None) -> time | None:
    if hours is None or minutes is None:
        return None
    if int(hours) > 23 or int(minutes) > 59:
        raise CellFault("SHE-015", "La hora no existe.", _HOUR_REMEDY)
    return time(int(hours), int(minutes))


def _made(year: str, month: str, of_month: str) -> date:
    whole = int(year) + 2000 if len(year) == 2 else int(year)
    try:
        return _within(date(whole, int(month), int(of_month)))
    except ValueError:
        raise CellFault("SHE-015", "Esa fecha no existe.", _REMEDY) from None


def _within(found: date) -> date:
    if not _FIRST <= found <= _LAST:
        raise CellFault("SHE-015", f"El año {found.year} no puede ser.", _REMEDY)
    return found


def hour(cell: Cell, mending: Mending) -> time | None:
    """The hour of a cell; None where it is empty. Raises CellFault (SHE-015)."""
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        cell = cell.total_seconds() / 86400
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if not 0 <= cell < 1:
            raise CellFault("SHE-015", "El número no corresponde a una hora.", _HOUR_REMEDY)
        return _of_minutes(round(cell * 1440))
    said = text(cell, mending)
    if not said:
        return None
    found = _CLOCK(said.lower())
    if found is None:
        raise CellFault("SHE-015", "La hora no se entiende.", _HOUR_REMEDY)
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[4] and hours <= 12:
        hours = hours % 12 + (12 if found[4] == "p" else 0)
    if hours > 23 or minutes > 59:
        raise CellFault("SHE-015", "La hora no existe.", _HOUR_REMEDY)
    return time(hours, minutes)
