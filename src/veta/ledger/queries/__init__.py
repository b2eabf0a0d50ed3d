"""Reads of the ledger: lots, their origins, where they came from and what became of them.

Each function is one statement over a plain psycopg cursor, and takes all its ids at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import psycopg

from veta.ledger.domain.accounts import Balance
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.ledger.queries.packed import packed_ids, packed_integers
from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_LOTS = """
SELECT l.account, l.mineral, a.holder, l.origin, l.composition, coalesce(k.accreditation, l.accreditation),
    l.municipality, l.facility,
    l.movement, l.occurred_at, l.fineness, l.grade, l.processed_by,
    ARRAY(SELECT s.act FROM ledger_lot_suspension AS s WHERE s.lot = l.account
        AND NOT EXISTS (SELECT FROM ledger_suspension_lift AS f WHERE f.act = s.act) ORDER BY s.act),
    CASE WHEN k.id IS NOT NULL THEN l.accreditation END
FROM ledger_lot AS l JOIN ledger_account AS a ON a.id = l.account LEFT JOIN LATERAL (
    SELECT m.id, m.accreditation FROM ledger_lot_mark AS m WHERE m.lot = l.account ORDER BY m.id DESC LIMIT 1
) AS k ON true
WHERE l.account = ANY (%s::uuid[])
"""
_BALANCES = (
    "SELECT id, received, released, held, commodity, kind, holder FROM ledger_account WHERE id = ANY (%s::uuid[])"
)
_COMPOSITIONS = "SELECT id, origins, weights, total FROM ledger_composition WHERE id = ANY (%s::uuid[])"
_ORIGINS = "SELECT id, kind, code, municipality, person FROM ledger_origin WHERE id = ANY (%s::uuid[])"
_ORIGINS_OF = """
SELECT a.received, a.released, a.held, l.composition, array_send(coalesce(c.origins, ARRAY[l.origin])),
    array_send(coalesce(c.weights, ARRAY[1::bigint])), coalesce(c.total, 1)
FROM ledger_lot AS l JOIN ledger_account AS a ON a.id = l.account LEFT JOIN ledger_composition AS c
    ON c.id = l.composition
WHERE l.account = %s
"""
_CHILDREN = """
SELECT parent, child, movement FROM ledger_lot_parent WHERE parent = ANY (%s::uuid[]) ORDER BY parent, child
"""
_TRACE = {
    "back": """
WITH RECURSIVE seen (lot) AS (
    SELECT %(lot)s::uuid UNION SELECT p.parent FROM ledger_lot_parent AS p JOIN seen ON p.child = seen.lot
)
SELECT p.parent, p.child, p.movement FROM ledger_lot_parent AS p JOIN seen ON p.child = seen.lot
WHERE (p.parent, p.child) > (%(parent)s::uuid, %(child)s::uuid) ORDER BY p.parent, p.child LIMIT %(limit)s
""",
    "forward": """
WITH RECURSIVE seen (lot) AS (
    SELECT %(lot)s::uuid UNION SELECT p.child FROM ledger_lot_parent AS p JOIN seen ON p.parent = seen.lot
)
SELECT p.parent, p.child, p.movement FROM ledger_lot_parent AS p JOIN seen ON p.parent = seen.lot
WHERE (p.parent, p.child) > (%(parent)s::uuid, %(child)s::uuid) ORDER BY p.parent, p.child LIMIT %(limit)s
""",
}
# What left `extraction` for lots of one origin, less what reversals took back to it; months turn in Bogotá.
_EXTRACTED = """
WITH mined AS (
    SELECT l.account, l.mineral, l.municipality, (l.occurred_at AT TIME ZONE 'America/Bogota')::date AS day
    FROM ledger_lot AS l JOIN ledger_origin AS o ON o.id = l.origin
    WHERE o.kind = %(kind)s AND o.code = %(code)s
        AND (l.occurred_at AT TIME ZONE 'America/Bogota')::date BETWEEN %(start)s AND %(end)s
), flows AS (
    SELECT m.mineral, m.municipality, m.day, e.amount FROM mined AS m
    JOIN ledger_entry AS e ON e.target = m.account JOIN ledger_account AS a ON a.id = e.source
    WHERE a.kind = 'extraction'
    UNION ALL
    SELECT m.mineral, m.municipality, m.day, -e.amount FROM mined AS m
    JOIN ledger_entry AS e ON e.source = m.account JOIN ledger_account AS a ON a.id = e.target
    WHERE a.kind = 'extraction'
)
SELECT mineral, coalesce(municipality, ''), date_trunc('month', day)::date, sum(amount)::bigint FROM flows
GROUP BY 1, 2, 3 HAVING sum(amount) > 0 ORDER BY 1, 2, 3
"""
_PURCHASED = """
SELECT l.movement, l.mineral, o.municipality, o.person, (l.occurred_at AT TIME ZONE 'America/Bogota')::date AS day,
    (sum(e.amount) - coalesce((
        SELECT sum(b.amount) FROM ledger_entry AS b JOIN ledger_account AS x ON x.id = b.target
        WHERE b.source = l.account AND x.kind = 'extraction'), 0))::bigint
FROM ledger_lot AS l JOIN ledger_origin AS o ON o.id = l.origin JOIN ledger_account AS h ON h.id = l.account
JOIN ledger_entry AS e ON e.target = l.account JOIN ledger_account AS a ON a.id = e.source
WHERE h.holder = %(holder)s AND o.kind = 'subsistence' AND o.person IS NOT NULL AND a.kind = 'extraction'
    AND (l.occurred_at AT TIME ZONE 'America/Bogota')::date BETWEEN %(start)s AND %(end)s
GROUP BY l.account, l.movement, l.mineral, o.municipality, o.person, l.occurred_at ORDER BY day, l.movement
"""
# By a scan of the entries, which have no index by account: a plan is approved seldom, an entry is written always.
_GRANTED = """
SELECT q.account, q.period_start, q.period_end, sum(e.amount)::bigint FROM ledger_quota AS q JOIN (
    SELECT target AS quota, source AS boundary, amount FROM ledger_entry WHERE target = ANY (%(quotas)s::uuid[])
    UNION ALL
    SELECT source, target, -amount FROM ledger_entry WHERE source = ANY (%(quotas)s::uuid[])
) AS e ON e.quota = q.account JOIN ledger_account AS b ON b.id = e.boundary AND b.kind = 'grant'
GROUP BY 1, 2, 3 ORDER BY q.period_start, q.account
"""
_DRAWN = """
SELECT d.quota, m.commodity, sum(d.amount)::bigint FROM (
    SELECT e.movement, e.source AS quota, e.target AS boundary, e.amount FROM ledger_entry AS e
    WHERE e.source = ANY (%(quotas)s::uuid[])
    UNION ALL
    SELECT e.movement, e.target, e.source, -e.amount FROM ledger_entry AS e WHERE e.target = ANY (%(quotas)s::uuid[])
) AS d JOIN ledger_account AS b ON b.id = d.boundary AND b.kind = 'used' JOIN LATERAL (
    SELECT DISTINCT x.commodity FROM ledger_entry AS x
    WHERE x.movement = d.movement AND NOT starts_with(x.commodity, 'right:')
) AS m ON true
GROUP BY 1, 2 HAVING sum(d.amount) > 0 ORDER BY 1, 2
"""
FIRST = (UUID(int=0), UUID(int=0))
_STOCK = """
SELECT l.mineral, coalesce(k.accreditation, l.accreditation), sum(a.received - a.released)::bigint,
    sum(a.held)::bigint, count(*)
FROM ledger_account AS a JOIN ledger_lot AS l ON l.account = a.id LEFT JOIN ledger_lot_mark AS k ON k.lot = a.id
    AND NOT EXISTS (SELECT FROM ledger_lot_mark AS n WHERE n.lot = k.lot AND n.id > k.id)
WHERE a.holder = %s AND a.kind = 'lot' AND a.received > a.released
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot as stored, with its holder and the acts of suspension that are open on it. `fineness`: thousandths of ‰."""

    account: UUID
    commodity: str
    holder: UUID | None
    origin: UUID | None
    composition: UUID | None
    accreditation: str
    municipality: str | None
    facility: str | None
    movement: UUID
    occurred_at: datetime
    fineness: int | None
    grade: str | None
    processed_by: UUID | None
    suspensions: tuple[UUID, ...]
    made_as: str | None  # its accreditation when it was made, where an act gave it another since


@dataclass(frozen=True, slots=True)
class OriginsOfLot:
    """A lot's integers and its origins: the share of origin i is quantity × weights[i] ÷ total, exact."""

    received: int
    released: int
    held: int
    composition: UUID | None
    origins: Sequence[UUID]
    weights: Sequence[int]
    total: int


class Stock(NamedTuple):
    """What is held of a mineral under one accreditation, in its smallest unit; `held` of it is promised to sales."""

    mineral: str
    accreditation: str
    quantity: int
    held: int
    lots: int


class Edge(NamedTuple):
    """`movement` made `child` from `parent`."""

    parent: UUID
    child: UUID
    movement: UUID


def lots(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, LotRow]:
    """The lots of `ids` that exist."""
    if not ids:
        return {}
    cursor.execute(_LOTS, (uuids(ids),), prepare=True, binary=True)
    return {row[0]: LotRow(*(*row[:-2], tuple(row[-2]), row[-1])) for row in cursor}


def balances(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The accounts of `ids` that exist, as they stand: to tell what is left, never to decide on (that takes `lock`)."""
    if not ids:
        return {}
    cursor.execute(_BALANCES, (uuids(ids),), prepare=True, binary=True)
    return {row[0]: Balance(*row[1:]) for row in cursor}


def compositions(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Composition]:
    """The compositions of `ids` that exist."""
    if not ids:
        return {}
    cursor.execute(_COMPOSITIONS, (uuids(ids),), prepare=True, binary=True)
    return {row[0]: Composition(row[0], tuple(row[1]), tuple(row[2]), row[3]) for row in cursor}


def origins(cursor: Cursor, ids: Collection[UUID]) -> dict[UUID, Origin]:
    """The origins of `ids` that exist."""
    if not ids:
        return {}
    cursor.execute(_ORIGINS, (uuids(ids),), prepare=True, binary=True)
    return {row[0]: Origin(*row[1:]) for row in cursor}


def origins_of(cursor: Cursor, lot: UUID) -> OriginsOfLot | None:
    """The origins of one lot, however many mixings made it, by one look-up; None if there is no such lot."""
    row = cursor.execute(_ORIGINS_OF, (lot,), prepare=True, binary=True).fetchone()
    if row is None:
        return None
    received, released, held, composition, origins, weights, total = row
    return OriginsOfLot(
        received, released, held, composition, packed_ids(origins), packed_integers(weights), total
    )  # fmt: skip


class Purchased(NamedTuple):
    """A lot bought from a subsistence miner: its amount net of reversals, whose it was and where it is from."""

    movement: UUID
    mineral: str
    municipality: str
    seller: UUID
    day: date
    amount: int


def purchased(cursor: Cursor, *, holder: UUID, start: date, end: date) -> list[Purchased]:
    """What a holder bought from subsistence miners between two Bogotá dates, both included, net of reversals."""
    cursor.execute(_PURCHASED, {"holder": holder, "start": start, "end": end})
    return [Purchased(*row) for row in cursor]


class Extracted(NamedTuple):
    """So much of a mineral, in its smallest unit, extracted in a municipality in the month that starts on `month`."""

    mineral: str
    municipality: str
    month: date
    amount: int


def extracted(cursor: Cursor, *, kind: str, code: str, start: date, end: date) -> list[Extracted]:
    """What was extracted from one origin between two Bogotá dates, both included, net of reversals, by month."""
    cursor.execute(_EXTRACTED, {"kind": kind, "code": code, "start": start, "end": end})
    return [Extracted(*row) for row in cursor]


class Granted(NamedTuple):
    """What a quota was granted in all, in its right's smallest unit, net of what reductions took back."""

    quota: UUID
    start: date
    end: date
    amount: int


def granted(cursor: Cursor, quotas: Collection[UUID]) -> list[Granted]:
    """Of each of these quotas that was granted at all: its period (both days included) and how much."""
    return [Granted(*row) for row in cursor.execute(_GRANTED, {"quotas": uuids(quotas)})]


def drawn(cursor: Cursor, quotas: Collection[UUID]) -> dict[tuple[UUID, str], int]:
    """What was used of each quota by movements of each mineral, in the right's smallest unit, net of reversals."""
    return {(quota, mineral): n for quota, mineral, n in cursor.execute(_DRAWN, {"quotas": uuids(quotas)})}


def stock(cursor: Cursor, holder: UUID) -> list[Stock]:
    """What somebody's lots hold together now, by mineral and accreditation."""
    return [Stock(*row) for row in cursor.execute(_STOCK, (holder,), prepare=True, binary=True)]


def children(cursor: Cursor, ids: Collection[UUID]) -> list[Edge]:
    """What was made directly of the lots `ids`: what a reversal must find empty."""
    if not ids:
        return []
    cursor.execute(_CHILDREN, (uuids(ids),), prepare=True, binary=True)
    return [Edge(*row) for row in cursor]


def trace(
    cursor: Cursor,
    lot: UUID,
    *,
    direction: Literal["back", "forward"],
    limit: int,
    after: tuple[UUID, UUID] = FIRST,
) -> list[Edge]:
    """A page of the genealogy of `lot`: all that it was made of, or all that was made of it, at any distance.

    Edges come in the order of (parent, child); the next page starts `after` the last pair of this one.
    """
    given = {"lot": lot, "limit": limit, "parent": after[0], "child": after[1]}
    cursor.execute(_TRACE[direction], given, binary=True)
    return [Edge(*row) for row in cursor]
