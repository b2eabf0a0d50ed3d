"""What was bought from the subsistence miners of a municipality."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import psycopg

Cursor = psycopg.Cursor[Any]

_SOLD = """
SELECT l.mineral, count(*), count(DISTINCT m.counterparty), sum(a.received)::bigint
FROM ledger_origin AS o JOIN ledger_lot AS l ON l.origin = o.id JOIN movements_movement AS m ON m.id = l.movement
JOIN ledger_account AS a ON a.id = l.account
WHERE o.kind = 'subsistence' AND o.municipality = %s AND m.kind = 'subsistence_purchase'
    AND m.occurred_at >= %s AND m.occurred_at < %s
    AND NOT EXISTS (
        SELECT FROM movements_movement AS r JOIN movements_verdict AS w ON w.movement_id = r.id
        WHERE r.subject = m.id AND r.kind = 'reversal' AND w.status = 'accepted')
GROUP BY 1 ORDER BY 1
"""


class Sold(NamedTuple):
    """Of one mineral: purchases, sellers, and how much in its smallest unit."""

    mineral: str
    purchases: int
    sellers: int
    amount: int


def sold_in(cursor: Cursor, municipality: str, start: datetime, end: datetime) -> list[Sold]:
    """What stands of the purchases of mineral from a municipality that occurred from `start` until before `end`."""
    return [Sold(*row) for row in cursor.execute(_SOLD, (municipality, start, end))]
