"""What was received on some Bogotá days, counted: the tally, and what the log has beyond it, in one statement each."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from veta.kernel.period import BOGOTA
from veta.movements.tally import COUNTED, What

Cursor = psycopg.Cursor[Any]

# What the tally does not count yet. `since` (of `beyond`) is read before, so that the planner sees how few these are;
# whatever is counted in between, `until` is of the statement's own instant.
BEYOND: Final = """
SELECT t.* FROM movements_movement AS t JOIN movements_verdict AS v ON v.movement_id = t.id
LEFT JOIN transparency_log_group AS n ON n.group_id = v."group"
CROSS JOIN (SELECT until FROM movements_tallied) AS w
WHERE t.received_at >= %(since)s AND (n.first_index IS NULL OR n.first_index >= w.until)
"""
_READ = """
WITH chosen AS MATERIALIZED (
    SELECT v.movement_id, v.status, v.body FROM ({beyond}) AS b JOIN movements_verdict AS v ON v.movement_id = b.id
), made (day, name, detail, number, amount) AS (
    SELECT day, name, detail, number, amount FROM movements_tally
    WHERE what = '{what}' AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT * FROM ({counted}) AS live (day, name, detail, number, amount) WHERE day BETWEEN %(first)s AND %(last)s
)
SELECT {shown} FROM made GROUP BY {by} HAVING sum(number) <> 0 ORDER BY {order}
"""


def _read(what: What, shown: str, *, by: str, order: str) -> str:
    return _READ.format(beyond=BEYOND, what=what, counted=COUNTED[what], shown=shown, by=by, order=order)


_COUNTED = _read("state", "name, detail, sum(number)::bigint", by="1, 2", order="3 DESC, 1, 2")
_FOUND = _read("found", "name, detail, sum(number)::bigint", by="1, 2", order="3 DESC, 1")
_DAYS = _read("state", "day, sum(number)::bigint", by="1", order="1")
_EXTRACTED = _read(
    "place", "name, detail, sum(number)::bigint, sum(amount)::bigint", by="1, 2", order="3 DESC, 1, 2"
)  # fmt: skip
_LAST_DAY = _READ.format(
    beyond=BEYOND, what="state", counted=COUNTED["state"], shown="day", by="1, name, detail", order="1 DESC LIMIT 1"
).replace("FROM made", "FROM made WHERE name = coalesce(%(kind)s, name) AND detail = coalesce(%(state)s, detail)")


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


def counted(cursor: Cursor, first: date, last: date) -> list[Counted]:
    """How many were received from `first` to `last`, both included, by kind and state, the most first."""
    return [Counted(*row) for row in cursor.execute(_COUNTED, _asked(cursor, first, last))]


def found(cursor: Cursor, first: date, last: date) -> list[Found]:
    """What the verdicts of those days found, by code, the most first."""
    return [Found(*row) for row in cursor.execute(_FOUND, _asked(cursor, first, last))]


def days(cursor: Cursor, first: date, last: date) -> dict[date, int]:
    """How many were received each of those days."""
    return dict(cursor.execute(_DAYS, _asked(cursor, first, last)).fetchall())


def extracted(cursor: Cursor, first: date, last: date) -> list[Extracted]:
    """What those days' movements extracted or bought of miners, by municipality and mineral."""
    return [Extracted(*row) for row in cursor.execute(_EXTRACTED, _asked(cursor, first, last))]


def last_day(cursor: Cursor, first: date, last: date, *, kind: str, state: str) -> date | None:
    """The last of those days that has a movement of a kind in a state; an empty text asks for any."""
    given = _asked(cursor, first, last) | {"kind": kind or None, "state": state or None}
    row = cursor.execute(_LAST_DAY, given).fetchone()
    return None if row is None else row[0]


def midnight(day: date) -> datetime:
    """When a Bogotá day begins."""
    return datetime.combine(max(day, date.min + timedelta(days=1)), time(), tzinfo=BOGOTA)


def beyond(cursor: Cursor, first: date) -> datetime:
    """From when on a movement may have been received that the tally does not count, of those from a day on.

    A step is received after the movement that it ends, so that the day leaves none out.
    """
    row = cursor.execute("SELECT since FROM movements_tallied").fetchone()
    assert row is not None
    since: datetime = row[0]
    return max(since, midnight(first))


def _asked(cursor: Cursor, first: date, last: date) -> dict[str, date | datetime]:
    return {"first": first, "last": last, "since": beyond(cursor, first)}
