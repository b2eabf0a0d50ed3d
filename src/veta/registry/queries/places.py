"""Municipalities by DIVIPOLA code and by name."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

_SECONDS = 30.0
_known: dict[str, tuple[float, frozenset[str]]] = {}

_CURRENT = """
SELECT code, name, department, kind, latitude, longitude FROM (
    SELECT DISTINCT ON (municipality_id) municipality_id AS code, name, department, kind, latitude, longitude
    FROM registry_municipalityversion ORDER BY municipality_id, seq DESC
) current"""


@dataclass(frozen=True, slots=True)
class MunicipalityRecord:
    """A unit as last recorded; a place its source did not give is None."""

    code: str
    name: str
    department: str
    kind: str
    latitude: Decimal | None
    longitude: Decimal | None


def known_municipalities() -> frozenset[str]:
    """Every code on record; kept in the process for half a minute, so that an import is seen without a restart."""
    name = str(connection.settings_dict["NAME"])
    kept = _known.get(name)
    if kept is None or not kept[1] or time.monotonic() - kept[0] > _SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT code FROM registry_municipality")
            kept = (time.monotonic(), frozenset(code for (code,) in cursor.fetchall()))
        _known[name] = kept
    return kept[1]


def forget_municipalities() -> None:
    """Drop what this process keeps of `known_municipalities`, after writing some."""
    _known.clear()


def municipalities() -> dict[str, MunicipalityRecord]:
    """Every unit on record, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT)
        return {row[0]: MunicipalityRecord(*row) for row in cursor.fetchall()}


def municipalities_by_code(codes: Collection[str]) -> dict[str, MunicipalityRecord]:
    """The units of `codes` that are on record."""
    if not codes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT + " WHERE code = ANY(%s)", [list(codes)])
        return {row[0]: MunicipalityRecord(*row) for row in cursor.fetchall()}


def municipalities_like(text: str, *, after: str = "", limit: int = 50) -> list[MunicipalityRecord]:
    """Units whose code starts with `text`, or whose name or department holds it, whatever its case or accents.

    Args:
        text: what somebody typed; `%` and `_` are plain characters.
        after: the last code of the previous page.
        limit: most rows to return.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CURRENT + " WHERE code > %s AND (starts_with(code, %s) OR position(" + _folded("%s") + " IN "
            "" + _folded("name || ' ' || department") + ") > 0) ORDER BY code LIMIT %s",
            [after, text.strip(), text.strip(), limit],
        )
        return [MunicipalityRecord(*row) for row in cursor.fetchall()]


def _folded(expression: str) -> str:
    return f"translate(lower({expression}), 'áéíóúüñ', 'aeiouun')"
