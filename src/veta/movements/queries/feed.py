"""What the log says, leaf after leaf, and whom each leaf concerns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_HEADS = """
SELECT n.first_index + v.position, m.id, m.kind, m.occurred_at, m.subject,
    m.operator, p.operator, coalesce(p.author, m.author), coalesce(p.counterparty, m.counterparty)
FROM transparency_log_group AS n JOIN movements_verdict AS v ON v."group" = n.group_id
JOIN movements_movement AS m ON m.id = v.movement_id LEFT JOIN movements_movement AS p ON p.id = m.subject
WHERE n.end_index > %(after)s AND n.first_index < %(end)s
    AND n.first_index + v.position >= %(after)s AND n.first_index + v.position < %(end)s
ORDER BY 1
"""
_SIZE = "SELECT coalesce(max(end_index), 0) FROM transparency_log_group"
_BODIES = "SELECT movement_id, body FROM movements_verdict WHERE movement_id = ANY (%s::uuid[])"

# The lots that an act of the authority reached: suspended, freed by its lift, seized, marked.
_REACHED = """
WITH reached (act, lot) AS (
    SELECT s.act, s.lot FROM ledger_lot_suspension AS s WHERE s.act = ANY (%(acts)s::uuid[])
    UNION ALL
    SELECT f.movement, s.lot FROM ledger_suspension_lift AS f JOIN ledger_lot_suspension AS s ON s.act = f.act
    WHERE f.movement = ANY (%(acts)s::uuid[])
    UNION ALL
    SELECT e.movement, e.source FROM ledger_entry AS e WHERE e.movement = ANY (%(acts)s::uuid[])
    UNION ALL
    SELECT k.act, k.lot FROM ledger_lot_mark AS k WHERE k.act = ANY (%(acts)s::uuid[])
)
"""
_HOLDERS = f"""
{_REACHED}
SELECT DISTINCT r.act, a.holder FROM reached AS r JOIN ledger_account AS a ON a.id = r.lot
WHERE a.kind = 'lot' AND a.holder IS NOT NULL
"""  # noqa: S608 - made of constants
_OF_CLIENTS = f"""
{_REACHED}
SELECT act, lot FROM (
    SELECT DISTINCT r.act, r.lot, dense_rank() OVER (PARTITION BY r.act ORDER BY r.lot) AS place
    FROM reached AS r JOIN ledger_account AS a ON a.id = r.lot
    WHERE a.kind = 'lot' AND a.holder = ANY (%(holders)s::uuid[])
) AS found WHERE place <= %(most)s ORDER BY act, lot
"""  # noqa: S608 - made of constants


class Head(NamedTuple):
    """A leaf of the log by its number: the movement, what it ends or undoes, who reported the one (`operator`) and the
    other (`first_operator`), and their parties."""

    number: int
    movement: UUID
    kind: str
    occurred_at: datetime
    subject: UUID | None
    operator: UUID
    first_operator: UUID | None
    author: UUID | None
    counterparty: UUID | None

    @property
    def parties(self) -> tuple[UUID, ...]:
        return tuple(actor for actor in (self.author, self.counterparty) if actor is not None)


def log_size(cursor: Cursor) -> int:
    """How many leaves have a number."""
    row = cursor.execute(_SIZE, prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def heads(cursor: Cursor, after: int, *, window: int) -> list[Head]:
    """The leaves numbered from `after` on, `window` numbers at most."""
    asked = {"after": after, "end": after + window}
    return [Head(*row) for row in cursor.execute(_HEADS, asked, prepare=True, binary=True)]


def holders_reached(cursor: Cursor, acts: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Whose lots each act of the authority reached; an act that reached none has no key."""
    if not acts:
        return {}
    found: dict[UUID, set[UUID]] = {}
    for act, holder in cursor.execute(_HOLDERS, {"acts": uuids(acts)}, prepare=True):
        found.setdefault(act, set()).add(holder)
    return {act: frozenset(holders) for act, holders in found.items()}


def lots_reached(
    cursor: Cursor, acts: Collection[UUID], *, holders: Collection[UUID], most: int
) -> dict[UUID, list[UUID]]:
    """Which of these holders' lots each act reached, `most` of each act, in the order of their ids."""
    if not acts or not holders:
        return {}
    asked = {"acts": uuids(acts), "holders": uuids(holders), "most": most}
    found: dict[UUID, list[UUID]] = {}
    for act, lot in cursor.execute(_OF_CLIENTS, asked, prepare=True):
        found.setdefault(act, []).append(lot)
    return found


def verdicts(cursor: Cursor, movements: Collection[UUID]) -> dict[UUID, bytes]:
    """The verdicts of movements, as they were answered."""
    if not movements:
        return {}
    return {row[0]: bytes(row[1]) for row in cursor.execute(_BODIES, (uuids(movements),), prepare=True)}
