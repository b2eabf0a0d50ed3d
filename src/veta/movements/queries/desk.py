"""What the authority's desk reads of the movements: a page of them, one of them whole.

Pages go from the newest to the oldest by (received_at, id) and start after the last one shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.kernel.period import bogota_date
from veta.movements.queries.tally import BEYOND, beyond, last_day, midnight
from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]
Place = tuple[datetime, UUID]
# Of a time that is looked through: a tenth of a second.
MOST_LOOKED = 5_000
LABELLED = frozenset({"rejected", "refused", "withdrawn", "lapsed"})
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
# Looked through are at most so many, newest first: those with the label where one was asked for, else all of the time.
_ALL = """
SELECT {own} FROM movements_movement
WHERE received_at >= %(start)s AND received_at < %(end)s AND {before} ORDER BY received_at DESC, id DESC LIMIT %(most)s
"""
_LABELLED = """
SELECT {own} FROM ((
    SELECT m.* FROM movements_label AS l JOIN movements_movement AS m ON m.id = l.movement
    WHERE l.label = %(label)s AND l.received_at >= %(start)s AND l.received_at < %(end)s
        AND (l.received_at, l.movement) < (%(at)s, %(id)s)
    ORDER BY l.received_at DESC, l.movement DESC LIMIT %(most)s
) UNION ({beyond} AND t.received_at < %(end)s AND (t.received_at, t.id) < (%(at)s, %(id)s))) AS either
ORDER BY received_at DESC, id DESC LIMIT %(most)s
"""
_FILTER = """
SELECT {own} FROM ({looked}) AS m JOIN movements_verdict AS x ON x.movement_id = m.id
LEFT JOIN movements_pendingend AS y ON y.movement_id = m.id
WHERE (%(kind)s = '' OR m.kind = %(kind)s) AND (%(state)s = '' OR coalesce(y.outcome, x.status) = %(state)s)
    AND (%(finding)s = '' OR position(convert_to('"code":"' || %(finding)s || '"', 'UTF8') IN x.body) > 0)
{last}"""
_ANY = _ALL.format(own=_OWN, before=_BEFORE)
_WITH = _LABELLED.format(own=_OWN, beyond=BEYOND)
_FILTERED, _FILTERED_WITH = (
    _SHOWN.format(which=_FILTER.format(own=_OWN.replace("id,", "m.id,", 1), looked=looked, last=_LAST))
    for looked in (_ANY, _WITH)
)
_ENDS = "SELECT received_at, id FROM ({looked}) AS looked ORDER BY received_at DESC, id DESC OFFSET %(most)s - 1"
_END, _END_WITH = (_ENDS.format(looked=looked) for looked in (_ANY, _WITH))
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which movements: received from the day `first` to `last`, both included; an empty text asks for all."""

    first: date
    last: date
    kind: str = ""
    state: str = ""
    finding: str = ""

    @property
    def label(self) -> str:
        """What the movements asked for are labelled with, where they are."""
        return self.finding or (self.state if self.state in LABELLED else "")


def listed(cursor: Cursor, asked: Asked, *, after: Place = NEWEST, limit: int) -> tuple[list[Line], Place | None]:
    """A page of the movements received in a time, and where the next begins, if any.

    At most `MOST_LOOKED` are looked through, so that a page may have fewer than `limit`, or none, and go on.
    """
    last = min(asked.last, bogota_date(after[0])) if after < NEWEST else asked.last
    if (asked.kind or asked.state) and not asked.finding:
        found = last_day(cursor, asked.first, last, kind=asked.kind, state=asked.state)
        if found is None:
            return [], None
        last = found
    given = {
        "start": midnight(asked.first), "end": midnight(min(last, date.max - timedelta(days=2)) + timedelta(days=1)),
        "kind": asked.kind, "state": asked.state, "finding": asked.finding, "label": asked.label,
        "at": after[0], "id": after[1], "limit": limit + 1, "most": MOST_LOOKED,
        "since": beyond(cursor, asked.first),
    }  # fmt: skip
    lines = [Line(*row) for row in cursor.execute(_FILTERED_WITH if asked.label else _FILTERED, given)]
    if len(lines) > limit:
        return lines[:limit], lines[limit - 1].place
    if not (asked.kind or asked.state or asked.finding):
        return lines, None
    ended = cursor.execute(_END_WITH if asked.label else _END, given).fetchone()
    return lines, None if ended is None else (ended[0], ended[1])


def of_actor(cursor: Cursor, actor: UUID, *, after: Place = NEWEST, limit: int) -> list[Line]:
    """A page of the movements of which somebody is author or counterparty."""
    given = {"actor": actor, "at": after[0], "id": after[1], "limit": limit}
    return [Line(*row) for row in cursor.execute(_OF_ACTOR, given)]


def by_id(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Line]:
    """The movements of `ids` that exist."""
    if not ids:
        return {}
    return {row[0]: Line(*row) for row in cursor.execute(_BY_ID, {"ids": uuids(ids)})}


def sheet(cursor: Cursor, movement: UUID) -> Sheet | None:
    """One movement whole, with its number in the log."""
    row = cursor.execute(_SHEET, (movement,)).fetchone()
    return None if row is None else Sheet(*row)
