"""What an act would touch, what waits for a second person, and what was decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg

from veta.movements import raw
from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_BELOW = """
WITH RECURSIVE below (lot) AS (
    SELECT account FROM ledger_lot WHERE account = ANY (%s::uuid[])
    UNION SELECT p.child FROM ledger_lot_parent AS p JOIN below ON p.parent = below.lot
)
"""
_TOUCHED = f"""
{_BELOW}
SELECT a.holder, l.mineral, count(*), sum(a.received - a.released)::bigint, sum(a.held)::bigint
FROM below JOIN ledger_lot AS l ON l.account = below.lot JOIN ledger_account AS a ON a.id = l.account
GROUP BY a.holder, l.mineral ORDER BY 4 DESC, 1, 2
"""  # noqa: S608 - made of constants
_GONE = f"""
{_BELOW}
SELECT t.kind, e.commodity, e.movement, m.author, m.occurred_at, sum(e.amount)::bigint
FROM below JOIN ledger_entry AS e ON e.source = below.lot JOIN ledger_account AS t ON t.id = e.target
JOIN movements_movement AS m ON m.id = e.movement
WHERE t.kind IN ('export', 'consumption', 'loss')
GROUP BY t.kind, e.commodity, e.movement, m.author, m.occurred_at ORDER BY m.occurred_at, e.movement, e.commodity
"""  # noqa: S608 - made of constants
_WORDS = "SELECT movement_id, key_seed, ciphertext FROM movements_rawitem WHERE movement_id = ANY (%s::uuid[])"
_ACTS = """
SELECT p.id, p.kind, p.words, p.proposed_by, p.proposed_at, d.decided_by, d.decision, d.reason, d.decided_at,
    v.status, v.body, f.movement
FROM movements_actproposal AS p LEFT JOIN movements_actdecision AS d ON d.proposal = p.id
LEFT JOIN movements_verdict AS v ON v.movement_id = p.id LEFT JOIN ledger_suspension_lift AS f ON f.act = p.id
"""
_WAITING = f"{_ACTS} WHERE d.proposal IS NULL ORDER BY p.proposed_at, p.id LIMIT %s"
_DECIDED = f"{_ACTS} WHERE d.proposal IS NOT NULL ORDER BY d.decided_at DESC, p.id OFFSET %s LIMIT %s"
_ONE = f"{_ACTS} WHERE p.id = %s"
_OF_LOT = f"""
{_ACTS} WHERE p.id IN (
    SELECT act FROM ledger_lot_suspension WHERE lot = %s UNION SELECT act FROM ledger_lot_mark WHERE lot = %s
) ORDER BY d.decided_at, p.id
"""  # noqa: S608 - made of constants
_REACH = "SELECT count(*) FROM ledger_lot_suspension WHERE act = %s"


class Touched(NamedTuple):
    """What somebody holds of a mineral among the lots that an act would reach, in its smallest unit; `held` of what is
    left is promised or in transit."""

    holder: UUID
    mineral: str
    lots: int
    left: int
    held: int


class Gone(NamedTuple):
    """What left the lots that an act would reach: `way` is export, consumption or loss; `country` of an export."""

    way: str
    mineral: str
    movement: UUID
    author: UUID | None
    occurred_at: datetime
    amount: int
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What suspending some lots would touch now: they and all that was made of them, by holder and mineral."""

    lots: int
    touched: tuple[Touched, ...]
    gone: tuple[Gone, ...]

    @property
    def holders(self) -> int:
        return len({each.holder for each in self.touched})

    @property
    def exported(self) -> tuple[Gone, ...]:
        return tuple(each for each in self.gone if each.way == "export")


@dataclass(frozen=True, slots=True)
class ActRow:
    """A proposed act and what became of it. `status`: of its verdict, None until it is approved; `lifted_by`: the
    movement that closed it, of a suspension."""

    id: UUID
    kind: str
    words: dict[str, Any]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decision: str | None
    reason: str | None
    decided_at: datetime | None
    status: str | None
    verdict: bytes | None
    lifted_by: UUID | None

    @property
    def open(self) -> bool:
        """Whether it is a suspension in force."""
        return self.kind == "suspension" and self.status == "accepted" and self.lifted_by is None


def preview_suspension(cursor: Cursor, lots: Collection[UUID]) -> Preview:
    """What a suspension of `lots` would touch now: lots, holders, quantities, and what left; nothing is locked."""
    wanted = (uuids(lots),)
    touched = tuple(Touched(*row) for row in cursor.execute(_TOUCHED, wanted))
    gone = [Gone(*row) for row in cursor.execute(_GONE, wanted)]
    countries = _countries(cursor, {each.movement for each in gone if each.way == "export"})
    told = tuple(each._replace(country=countries.get(each.movement)) for each in gone)
    return Preview(sum(each.lots for each in touched), touched, told)


def _countries(cursor: Cursor, movements: Collection[UUID]) -> dict[UUID, str]:
    """To which country each export went, by its own words; those that were erased say nothing."""
    if not movements:
        return {}
    rows = cursor.execute(_WORDS, (uuids(movements),)).fetchall()
    return {row[0]: orjson.loads(raw.unseal(bytes(row[1]), bytes(row[2])))["country"] for row in rows}


def waiting_acts(cursor: Cursor, *, limit: int = 200) -> list[ActRow]:
    """Proposals that nobody decided yet, oldest first."""
    return [_act(row) for row in cursor.execute(_WAITING, (limit,))]


def decided_acts(cursor: Cursor, *, limit: int = 200, skip: int = 0) -> list[ActRow]:
    """A page of the proposals approved or refused, the last decided first; `skip` lie before it."""
    return [_act(row) for row in cursor.execute(_DECIDED, (skip, limit))]


def act(cursor: Cursor, id: UUID) -> ActRow | None:
    """One proposed act with what became of it."""
    row = cursor.execute(_ONE, (id,)).fetchone()
    return None if row is None else _act(row)


def acts_on(cursor: Cursor, lot: UUID) -> list[ActRow]:
    """The suspensions that reach a lot, lifted ones too, and the acts that changed its accreditation."""
    return [_act(row) for row in cursor.execute(_OF_LOT, (lot, lot))]


def lots_suspended(cursor: Cursor, act: UUID) -> int:
    """How many lots a suspension reaches, those made since included."""
    return int(cursor.execute(_REACH, (act,)).fetchall()[0][0])


def _act(row: tuple[Any, ...]) -> ActRow:
    words = row[2] if isinstance(row[2], dict) else orjson.loads(row[2])
    verdict = bytes(row[10]) if row[10] is not None else None
    return ActRow(*(row[0], row[1], words, *row[3:10], verdict, row[11]))
