"""Reads of the movements: what waits, what may be undone, what was answered, and by whom it may be seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.ledger.domain.accounts import BOUNDARY_KINDS
from veta.ledger.domain.posting import Posting
from veta.ledger.queries import children, lots
from veta.movements.domain.facts import PendingFacts, PendingLineFacts, TargetFacts
from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_PENDING = """
SELECT p.movement_id, p.kind, p.author, p.counterparty, p.occurred_at, p.confirm_by, e.outcome, p.municipality, p.undoes
FROM movements_pending AS p LEFT JOIN movements_pendingend AS e ON e.movement_id = p.movement_id
WHERE p.movement_id = ANY (%s::uuid[])
"""
_LINES = """
SELECT movement, lot, amount, new_lot FROM movements_pendingline WHERE movement = ANY (%s::uuid[])
ORDER BY movement, position
"""
_LAPSED = """
SELECT DISTINCT l.movement FROM movements_pendingline AS l JOIN movements_pending AS p ON p.movement_id = l.movement
WHERE l.lot = ANY (%s::uuid[]) AND p.confirm_by < %s
    AND NOT EXISTS (SELECT FROM movements_pendingend AS e WHERE e.movement_id = l.movement)
"""
_OFFERED = """
SELECT DISTINCT p.counterparty FROM movements_pendingline AS l JOIN movements_pending AS p ON p.movement_id = l.movement
WHERE l.lot = %s AND p.kind = 'sale' AND (p.confirm_by IS NULL OR p.confirm_by >= %s)
    AND NOT EXISTS (SELECT FROM movements_pendingend AS e WHERE e.movement_id = l.movement)
"""
_OVERDUE = """
SELECT p.movement_id FROM movements_pending AS p
WHERE p.confirm_by < %s AND NOT EXISTS (SELECT FROM movements_pendingend AS e WHERE e.movement_id = p.movement_id)
ORDER BY p.confirm_by LIMIT %s
"""
_TARGETS = """
SELECT m.id, m.kind, coalesce(e.outcome, v.status), CASE WHEN m.kind <> 'receipt' THEN m.author END,
    m.counterparty, m.occurred_at, m.received_at,
    EXISTS (
        SELECT FROM movements_movement AS r JOIN movements_verdict AS w ON w.movement_id = r.id
        LEFT JOIN movements_pendingend AS f ON f.movement_id = r.id
        WHERE r.subject = m.id AND r.kind = 'reversal'
            AND (w.status = 'accepted'
                OR (w.status = 'pending' AND coalesce(f.outcome, 'accepted') IN ('accepted', 'refused')))
    )
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
WHERE m.id = ANY (%s::uuid[])
"""
_ENTRIES = """
SELECT e.movement, e.source, e.target, e.commodity, e.amount, s.kind, t.kind
FROM ledger_entry AS e JOIN ledger_account AS s ON s.id = e.source JOIN ledger_account AS t ON t.id = e.target
WHERE e.movement = ANY (%s::uuid[]) ORDER BY e.movement, e.seq
"""
_TAKEN = "SELECT id FROM ledger_account WHERE id = ANY (%s::uuid[])"
_OPEN = "SELECT id FROM ledger_account WHERE id = ANY (%s::uuid[]) AND received > 0"
_SUSPENSIONS = """
SELECT m.id, NOT EXISTS (SELECT FROM ledger_suspension_lift AS f WHERE f.act = m.id)
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
WHERE m.id = ANY (%s::uuid[]) AND m.kind = 'suspension' AND v.status = 'accepted'
"""
_STORED = """
SELECT m.id, m.operator, m.digest, v.body, v.group, v.position, r.salt
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_rawitem AS r ON r.movement_id = m.id
WHERE m.id = ANY (%s::uuid[])
"""

_STORY = """
SELECT m.id, m.kind, m.operator, coalesce(m.author, d.author), m.counterparty, v.status, v.body, e.outcome
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_movement AS d ON d.id = m.subject AND m.kind = 'receipt' AND v.status = 'accepted'
LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
WHERE m.id = %s OR m.subject = %s ORDER BY m.id <> %s, v.group, v.position
"""


class Step(NamedTuple):
    """A step that names a movement, with its own verdict."""

    id: UUID
    kind: str
    status: str
    body: bytes


class Story(NamedTuple):
    """A movement from its verdict to the last step that names it."""

    operator: UUID
    parties: tuple[UUID, ...]
    state: str
    body: bytes
    steps: tuple[Step, ...]
    kind: str


class Stored(NamedTuple):
    """What is kept under an id: who claimed it, for which words, and what was answered."""

    movement: UUID
    operator: UUID
    digest: bytes
    body: bytes
    group: int
    position: int
    salt: bytes | None


def pending(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, PendingFacts]:
    """Movements that wait or waited for another party, with how they ended."""
    if not ids:
        return {}
    lines: dict[UUID, list[PendingLineFacts]] = {}
    for movement, *line in cursor.execute(_LINES, (uuids(ids),), prepare=True, binary=True):
        lines.setdefault(movement, []).append(PendingLineFacts(*line))
    cursor.execute(_PENDING, (uuids(ids),), prepare=True, binary=True)
    return {row[0]: _pending(row, tuple(lines.get(row[0], ()))) for row in cursor}


def _pending(row: tuple[Any, ...], lines: tuple[PendingLineFacts, ...]) -> PendingFacts:
    return PendingFacts(
        movement=row[0], kind=row[1], author=row[2], counterparty=row[3], occurred_at=row[4], confirm_by=row[5],
        outcome=row[6], municipality=row[7], undoes=row[8], lines=lines,
    )  # fmt: skip


def lapsed_on(cursor: Cursor, lots: Collection[UUID], at: datetime) -> list[UUID]:
    """Offers past their term that still hold some of these lots."""
    if not lots:
        return []
    return [row[0] for row in cursor.execute(_LAPSED, (uuids(lots), at), prepare=True)]


def offered_to(cursor: Cursor, lot: UUID, at: datetime) -> list[UUID]:
    """Who may still take an offer of some of this lot."""
    return [row[0] for row in cursor.execute(_OFFERED, (lot, at), prepare=True)]


def overdue(cursor: Cursor, at: datetime, *, limit: int) -> list[UUID]:
    """Offers past their term that nobody ended yet, oldest first."""
    return [row[0] for row in cursor.execute(_OVERDUE, (at, limit), prepare=True)]


def targets(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, TargetFacts]:
    """Movements that somebody asks to undo: their entries, the lots they made and what was built on these."""
    if not ids:
        return {}
    wanted = (uuids(ids),)
    entries: dict[UUID, list[Any]] = {}
    for movement, *entry in cursor.execute(_ENTRIES, wanted, prepare=True, binary=True):
        entries.setdefault(movement, []).append(entry)
    made = {m: tuple(dict.fromkeys(e[1] for e in own if e[5] == "lot")) for m, own in entries.items()}
    every = {lot for own in made.values() for lot in own}
    below: dict[UUID, list[UUID]] = {}
    for edge in children(cursor, every):
        below.setdefault(edge.parent, []).append(edge.child)
    suspended = {lot: row.suspensions for lot, row in lots(cursor, every).items()}
    rows = cursor.execute(_TARGETS, wanted, prepare=True, binary=True).fetchall()
    return {row[0]: _target(row, entries.get(row[0], []), made.get(row[0], ()), below, suspended) for row in rows}


def _target(
    row: tuple[Any, ...],
    entries: list[Any],
    made: tuple[UUID, ...],
    below: dict[UUID, list[UUID]],
    suspended: dict[UUID, tuple[UUID, ...]],
) -> TargetFacts:
    ends = [(e[0], e[4], e[2]) for e in entries] + [(e[1], e[5], e[2]) for e in entries]
    return TargetFacts(
        movement=row[0], kind=row[1], status=row[2], author=row[3], counterparty=row[4], occurred_at=row[5],
        received_at=row[6], reversed=row[7], made=made,
        entries=tuple(Posting(*entry[:4]) for entry in entries),
        boundaries={account: (kind, commodity) for account, kind, commodity in ends if kind in BOUNDARY_KINDS},
        descendants=tuple(child for lot in made for child in below.get(lot, ())),
        suspended_by=tuple(dict.fromkeys(act for lot in made for act in suspended.get(lot, ()))),
    )  # fmt: skip


def suspensions_open(cursor: Cursor, acts: Collection[UUID]) -> dict[UUID, bool]:
    """Which of these are acts of suspension, and whether each is still open."""
    if not acts:
        return {}
    return {row[0]: row[1] for row in cursor.execute(_SUSPENSIONS, (uuids(acts),))}


def accounts_that_exist(cursor: Cursor, ids: Collection[UUID]) -> set[UUID]:
    """Which of these account ids are taken."""
    if not ids:
        return set()
    return {row[0] for row in cursor.execute(_TAKEN, (uuids(ids),), prepare=True, binary=True)}


def accounts_granted(cursor: Cursor, ids: Collection[UUID]) -> set[UUID]:
    """Which of these quotas were granted already."""
    if not ids:
        return set()
    return {row[0] for row in cursor.execute(_OPEN, (uuids(ids),), prepare=True, binary=True)}


def stored(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Stored]:
    """What was answered under ids that are claimed already."""
    if not ids:
        return {}
    return {row[0]: Stored(*row) for row in cursor.execute(_STORED, (uuids(ids),), prepare=True, binary=True)}


def story(cursor: Cursor, movement: UUID) -> Story | None:
    """What became of a movement; None where there is none of that id (an answer to one is told under the movement)."""
    rows = cursor.execute(_STORY, (movement, movement, movement), prepare=True, binary=True).fetchall()
    if not rows or rows[0][0] != movement:
        return None
    _, kind, operator, author, counterparty, status, body, outcome = rows[0]
    steps = tuple(Step(row[0], row[1], row[5], bytes(row[6])) for row in rows[1:])
    undone = any(row[1] == "reversal" and (row[7] or row[5]) == "accepted" for row in rows[1:])
    parties = tuple(actor for actor in (author, counterparty) if actor is not None)
    return Story(operator, parties, "reversed" if undone else outcome or status, bytes(body), steps, kind)
