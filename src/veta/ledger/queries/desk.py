"""What the authority's desk reads of the ledger: somebody's lots, an origin's lots, a movement's entries, a genealogy.

Each is one statement; the lists are paged.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import psycopg

Cursor = psycopg.Cursor[Any]
Direction = Literal["back", "forward"]
LAST = UUID(int=2**128 - 1)
NEWEST = (datetime(9999, 12, 31, tzinfo=UTC), LAST)

_SHOWN = """
SELECT l.account, l.mineral, a.holder, coalesce((
    SELECT m.accreditation FROM ledger_lot_mark AS m WHERE m.lot = l.account ORDER BY m.id DESC LIMIT 1
), l.accreditation), l.municipality, l.movement, l.occurred_at,
    a.received, a.released, a.held, EXISTS (
        SELECT FROM ledger_lot_suspension AS s WHERE s.lot = l.account
            AND NOT EXISTS (SELECT FROM ledger_suspension_lift AS f WHERE f.act = s.act))
FROM ledger_lot AS l JOIN ledger_account AS a ON a.id = l.account
"""
_HELD_BY = """{shown}
WHERE a.holder = %s AND a.kind = 'lot' AND a.id < %s ORDER BY a.id DESC LIMIT %s
"""
_FROM = """{shown}
WHERE l.origin = %s AND (l.occurred_at, l.account) < (%s, %s) ORDER BY l.occurred_at DESC, l.account DESC LIMIT %s
"""
_OF_HOLDER = _HELD_BY.format(shown=_SHOWN)
_OF_ORIGIN = _FROM.format(shown=_SHOWN)
_TOTALS = """
SELECT commodity, sum(received - released)::bigint, sum(held)::bigint, count(*) FROM ledger_account
WHERE holder = %s AND kind = 'lot' AND received > released GROUP BY 1 ORDER BY 1
"""
_ENTRIES = """
SELECT e.commodity, e.amount, e.source, s.kind, s.holder, e.target, t.kind, t.holder,
    coalesce(q.basis, p.basis), coalesce(q.period_start, p.period_start), coalesce(q.source, p.source)
FROM ledger_entry AS e JOIN ledger_account AS s ON s.id = e.source JOIN ledger_account AS t ON t.id = e.target
LEFT JOIN ledger_quota AS q ON q.account = e.source AND s.kind = 'quota'
LEFT JOIN ledger_quota AS p ON p.account = e.target AND t.kind = 'quota'
WHERE e.movement = %s ORDER BY e.seq LIMIT %s
"""
# Breadth first by the recursion itself; the LIMIT stops it, however many descendants there are.
_NEAR = {
    "back": """
WITH RECURSIVE near (parent, child, movement, depth) AS (
    SELECT parent, child, movement, 1 FROM ledger_lot_parent WHERE child = %(lot)s
    UNION
    SELECT p.parent, p.child, p.movement, near.depth + 1 FROM ledger_lot_parent AS p
    JOIN near ON p.child = near.parent WHERE near.depth < %(depth)s
)
SELECT parent, child, movement, depth FROM near LIMIT %(limit)s
""",
    "forward": """
WITH RECURSIVE near (parent, child, movement, depth) AS (
    SELECT parent, child, movement, 1 FROM ledger_lot_parent WHERE parent = %(lot)s
    UNION
    SELECT p.parent, p.child, p.movement, near.depth + 1 FROM ledger_lot_parent AS p
    JOIN near ON p.parent = near.child WHERE near.depth < %(depth)s
)
SELECT parent, child, movement, depth FROM near LIMIT %(limit)s
""",
}


class Held(NamedTuple):
    """A lot in a list, with its three integers and whether an act suspends it."""

    lot: UUID
    mineral: str
    holder: UUID | None
    accreditation: str
    municipality: str | None
    movement: UUID
    occurred_at: datetime
    received: int
    released: int
    held: int
    suspended: bool

    @property
    def left(self) -> int:
        """What is in the holder's hands, what is promised included."""
        return self.received - self.released


class Total(NamedTuple):
    """What somebody's lots of a mineral hold together, in its smallest unit; `held` of it is promised."""

    mineral: str
    quantity: int
    held: int
    lots: int


class EntryLine(NamedTuple):
    """An entry with what its two accounts are; the quota's basis, period and norm where one of them is a quota."""

    commodity: str
    amount: int
    source: UUID
    source_kind: str
    source_holder: UUID | None
    target: UUID
    target_kind: str
    target_holder: UUID | None
    basis: str | None
    period_start: date | None
    norm: str | None


class Step(NamedTuple):
    """`movement` made `child` from `parent`, so many steps away from the lot that was asked for."""

    parent: UUID
    child: UUID
    movement: UUID
    depth: int


def lots_held(cursor: Cursor, holder: UUID, *, after: UUID = LAST, limit: int) -> list[Held]:
    """A page of somebody's lots, used up ones among them, by id from the last: ids carry the time they were drawn."""
    return [Held(*row) for row in cursor.execute(_OF_HOLDER, (holder, after, limit))]


def lots_of_origin(cursor: Cursor, origin: UUID, *, after: tuple[datetime, UUID] = NEWEST, limit: int) -> list[Held]:
    """A page of the lots that come from one origin alone, the newest first."""
    return [Held(*row) for row in cursor.execute(_OF_ORIGIN, (origin, *after, limit))]


def totals_held(cursor: Cursor, holder: UUID) -> list[Total]:
    """What somebody holds by mineral, however accredited: from the accounts alone, for those with very many lots."""
    return [Total(*row) for row in cursor.execute(_TOTALS, (holder,))]


def entries_of(cursor: Cursor, movement: UUID, *, limit: int) -> list[EntryLine]:
    """The entries of a movement in their order."""
    return [EntryLine(*row) for row in cursor.execute(_ENTRIES, (movement, limit))]


def near(cursor: Cursor, lot: UUID, *, direction: Direction, depth: int, limit: int) -> list[Step]:
    """The edges around a lot up to a depth, the nearest first, at most `limit`: for a drawing, never for an account."""
    return [Step(*row) for row in cursor.execute(_NEAR[direction], {"lot": lot, "depth": depth, "limit": limit})]
