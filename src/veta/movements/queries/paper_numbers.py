"""Papers that prove mineral from before or beside the system: which were used, and by what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import psycopg

from veta.movements.domain.facts import PaperNumber
from veta.storage.arrays import names, uuids

Cursor = psycopg.Cursor[Any]

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_USED = """
SELECT p.origin, p.type, p.number, p.movement FROM movements_papernumber AS p
JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS w (origin, type, number)
    ON (p.origin, p.type, p.number) = (w.origin, w.type, w.number)
"""


def lock(cursor: Cursor, wanted: Collection[PaperNumber]) -> None:
    """Hold each paper until the transaction ends, in one order, so that two groups never wait in a circle."""
    for paper in _ordered(wanted):
        cursor.execute(_LOCK, ("\x1f".join(map(str, paper)),))


def used(cursor: Cursor, wanted: Collection[PaperNumber]) -> dict[PaperNumber, UUID]:
    """Those used already, and the intake that used each."""
    if not wanted:
        return {}
    every = _ordered(wanted)
    columns = (uuids(p.origin for p in every), names(p.type for p in every), names(p.number for p in every))
    return {PaperNumber(*row[:3]): row[3] for row in cursor.execute(_USED, columns)}


def _ordered(wanted: Collection[PaperNumber]) -> Sequence[PaperNumber]:
    return sorted(wanted, key=lambda paper: (paper.origin.int, paper.type, paper.number))
