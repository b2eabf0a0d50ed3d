"""What the authority's desk reads of the movements: a page of them, one of them whole, what a day decided.

Each is one statement. Pages go from the newest to the oldest by (received_at, id) and start after the last one shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]
Place = tuple[datetime, UUID]
NEWEST: Place = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))

_OWN = "id, kind, operator, subject, author, counterparty, occurred_at, received_at"
_BEFORE = "(received_at, id) < (%(at)s, %(id)s)"
_LAST = "ORDER BY received_at DESC, id DESC LIMIT %(limit)s"
# A reversal that took effect says so on what it undid.
_SHOWN = """
SELECT m.id, m.kind, m.operator, m.subject, m.author, m.counterparty, m.occurred_at, m.received_at,
    CASE WHEN EXISTS (
        SELECT FROM movements_movement AS r JOIN movements_verdict AS w ON w.movement_id = r.id
        LEFT JOIN movements_pendingend AS f ON f.movement_id = r.id
        WHERE r.subject = m.id AND r.kind = 'reversal' AND coalesce(f.outcome, w.status) = 'accepted'
    ) THEN 'reversed' ELSE coalesce(e.outcome, v.status) END
FROM ({which}) AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
ORDER BY m.received_at DESC, m.id DESC
"""
_SIDE = "SELECT {own} FROM movements_movement WHERE {who} = %(actor)s AND {before} {last}"
_BOTH = "SELECT * FROM (({author}) UNION ({counterparty})) AS both_sides {last}"
_SIDES = {
    who: _SIDE.format(own=_OWN, who=who, before=_BEFORE, last=_LAST) for who in ("author", "counterparty")
}  # fmt: skip
_OF_ACTOR = _SHOWN.format(which=_BOTH.format(last=_LAST, **_SIDES))
_BY_ID = _SHOWN.format(which="SELECT * FROM movements_movement WHERE id = ANY (%(ids)s::uuid[])")
_FILTER = """
SELECT m.* FROM movements_movement AS m JOIN movements_verdict AS x ON x.movement_id = m.id
LEFT JOIN movements_pendingend AS y ON y.movement_id = m.id
WHERE m.received_at >= %(start)s AND m.received_at < %(end)s AND {before}
    AND (%(kind)s = '' OR m.kind = %(kind)s) AND (%(state)s = '' OR coalesce(y.outcome, x.status) = %(state)s)
    AND (%(finding)s = '' OR position(convert_to('"code":"' || %(finding)s || '"', 'UTF8') IN x.body) > 0)
{last}"""
_FILTERED = _SHOWN.format(which=_FILTER.format(before=_BEFORE, last=_LAST))
_COUNTED = """
SELECT m.kind, coalesce(e.outcome, v.status), count(*)
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
WHERE m.received_at >= %s AND m.received_at < %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_FOUND = """
SELECT f ->> 'code', f ->> 'severity', count(*) FROM (
    SELECT v.body FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
    WHERE m.received_at >= %s AND m.received_at < %s AND position('"findings":[]'::bytea IN v.body) = 0
    OFFSET 0
) AS said, jsonb_array_elements(convert_from(said.body, 'UTF8')::jsonb -> 'findings') AS f
GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""
_DAYS = """
SELECT (received_at AT TIME ZONE 'America/Bogota')::date, count(*) FROM movements_movement
WHERE received_at >= %s AND received_at < %s GROUP BY 1 ORDER BY 1
"""
_EXTRACTED = """
SELECT coalesce(l.municipality, o.municipality), l.mineral, count(DISTINCT m.id), sum(e.amount)::bigint
FROM movements_movement AS m JOIN ledger_entry AS e ON e.movement = m.id JOIN ledger_account AS s ON s.id = e.source
JOIN ledger_lot AS l ON l.account = e.target LEFT JOIN ledger_origin AS o ON o.id = l.origin
WHERE m.received_at >= %s AND m.received_at < %s AND s.kind = 'extraction'
    AND coalesce(l.municipality, o.municipality) IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_SHEET = """
SELECT m.id, m.kind, m.operator, m.subject, m.author, m.counterparty, m.occurred_at, m.received_at,
    v.status, v.body, v.group, l.first_index + v.position, l.numbered_at
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN transparency_log_group AS l ON l.group_id = v.group
WHERE m.id = %s
"""


class Line(NamedTuple):
    """A movement in a list; `state` as in the API, `reversed` among them."""

    id: UUID
    kind: str
    operator: UUID
    subject: UUID | None
    author: UUID | None
    counterparty: UUID | None
    occurred_at: datetime
    received_at: datetime
    state: str

    @property
    def place(self) -> Place:
        """Where the next page starts after this one."""
        return self.received_at, self.id


class Sheet(NamedTuple):
    """A movement whole. `number`: its place in the log, None while the sequencer has not come by."""

    id: UUID
    kind: str
    operator: UUID
    subject: UUID | None
    author: UUID | None
    counterparty: UUID | None
    occurred_at: datetime
    received_at: datetime
    status: str
    body: bytes
    group: int
    number: int | None
    numbered_at: datetime | None


class Counted(NamedTuple):
    """So many movements of a kind in a state."""

    kind: str
    state: str
    number: int


class Found(NamedTuple):
    """So many findings of a code, as severe as it was."""

    code: str
    severity: str
    number: int


class Extracted(NamedTuple):
    """So much of a mineral, in its smallest unit, by so many movements in a municipality; reversals not taken off."""

    municipality: str
    mineral: str
    movements: int
    amount: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which movements: received from `start` until before `end`; an empty text asks for all."""

    start: datetime
    end: datetime
    kind: str = ""
    state: str = ""
    finding: str = ""


def listed(cursor: Cursor, asked: Asked, *, after: Place = NEWEST, limit: int) -> list[Line]:
    """A page of the movements received in a time."""
    given = {
        "start": asked.start, "end": asked.end, "kind": asked.kind, "state": asked.state, "finding": asked.finding,
        "at": after[0], "id": after[1], "limit": limit,
    }  # fmt: skip
    return [Line(*row) for row in cursor.execute(_FILTERED, given)]


def of_actor(cursor: Cursor, actor: UUID, *, after: Place = NEWEST, limit: int) -> list[Line]:
    """A page of the movements of which somebody is author or counterparty."""
    given = {"actor": actor, "at": after[0], "id": after[1], "limit": limit}
    return [Line(*row) for row in cursor.execute(_OF_ACTOR, given)]


def by_id(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Line]:
    """The movements of `ids` that exist."""
    if not ids:
        return {}
    return {row[0]: Line(*row) for row in cursor.execute(_BY_ID, {"ids": uuids(ids)})}


def counted(cursor: Cursor, start: datetime, end: datetime) -> list[Counted]:
    """How many were received from `start` until before `end`, by kind and state, the most first."""
    return [Counted(*row) for row in cursor.execute(_COUNTED, (start, end))]


def found(cursor: Cursor, start: datetime, end: datetime) -> list[Found]:
    """What the verdicts of that time found, by code, the most first."""
    return [Found(*row) for row in cursor.execute(_FOUND, (start, end))]


def days(cursor: Cursor, start: datetime, end: datetime) -> dict[date, int]:
    """How many were received each Bogotá day of that time."""
    return dict(cursor.execute(_DAYS, (start, end)).fetchall())


def extracted(cursor: Cursor, start: datetime, end: datetime) -> list[Extracted]:
    """What the movements received in a time extracted or bought of miners, by municipality and mineral."""
    return [Extracted(*row) for row in cursor.execute(_EXTRACTED, (start, end))]


def sheet(cursor: Cursor, movement: UUID) -> Sheet | None:
    """One movement whole, with its number in the log."""
    row = cursor.execute(_SHEET, (movement,)).fetchone()
    return None if row is None else Sheet(*row)
