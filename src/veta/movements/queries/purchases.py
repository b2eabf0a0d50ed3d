"""Purchases from subsistence miners: those in one person's name, and what a buyer's own record shows of itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_UNDONE = """EXISTS (
        SELECT FROM movements_movement AS r JOIN movements_verdict AS w ON w.movement_id = r.id
        WHERE r.subject = m.id AND r.kind = 'reversal' AND w.status = 'accepted')"""
_IN_THE_NAME = """
SELECT m.id, m.occurred_at, m.author, m.counterparty, l.mineral, a.received, {undone}, false, m.received_at
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id AND v.status = 'accepted'
JOIN ledger_entry AS e ON e.movement = m.id JOIN ledger_lot AS l ON l.account = e.target AND l.movement = m.id
JOIN ledger_account AS a ON a.id = l.account
WHERE m.kind = 'subsistence_purchase' AND {which}
"""
_BY_A_BUYER = """
SELECT m.id, m.occurred_at, m.author, m.counterparty, l.mineral, a.received, false,
    EXISTS (SELECT FROM registry_assertedconsent AS s WHERE s.movement = m.id), m.received_at
FROM ledger_account AS a JOIN ledger_lot AS l ON l.account = a.id JOIN movements_movement AS m ON m.id = l.movement
WHERE a.holder = %s AND a.kind = 'lot' AND m.kind = 'subsistence_purchase' AND m.author = a.holder
    AND m.received_at >= %s AND NOT {undone}
"""


class Purchase(NamedTuple):
    """An accepted purchase from a subsistence miner; `amount` in the mineral's smallest unit."""

    movement: UUID
    occurred_at: datetime
    buyer: UUID
    seller: UUID
    mineral: str
    amount: int
    undone: bool
    asserted: bool = False
    received_at: datetime | None = None


def purchases_from(cursor: Cursor, seller: UUID, *, limit: int) -> list[Purchase]:
    """The last purchases reported in a person's name, newest first, those undone among them."""
    which = "m.counterparty = %s ORDER BY m.received_at DESC, m.id DESC LIMIT %s"
    statement = _IN_THE_NAME.format(undone=_UNDONE, which=which)
    return [Purchase(*row) for row in cursor.execute(statement, (seller, limit), prepare=True)]


def purchases_named(cursor: Cursor, movements: Collection[UUID]) -> dict[UUID, Purchase]:
    """Purchases by their ids; a movement that is none has no key."""
    if not movements:
        return {}
    statement = _IN_THE_NAME.format(undone=_UNDONE, which="m.id = ANY (%s::uuid[])")
    rows = cursor.execute(statement, (uuids(movements),), prepare=True)
    return {row[0]: Purchase(*row) for row in rows}


def purchases_by(cursor: Cursor, buyer: UUID, *, since: datetime) -> list[Purchase]:
    """What a buyer reported since then to have bought, whenever that was, and nobody undid; `asserted`: on its
    operator's word alone."""
    return [Purchase(*row) for row in cursor.execute(_BY_A_BUYER.format(undone=_UNDONE), (buyer, since), prepare=True)]
