"""What a *constancia de compra dentro de cupo* says of an accepted purchase (Ley 2250 de 2022 art. 15 par. 1 num. 2).

The system serves buyers as proof that what they bought does not exceed what was authorised: who sold, from where, the
quotas before and after, and where all this stands in the log. Its page, its PDF and its QR are the certificates'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg

from veta.kernel.period import bogota_date
from veta.ledger import queries as ledger
from veta.ledger.domain.origin import Origin
from veta.movements.answer import receipts_of
from veta.movements.domain.rights import person_quotas
from veta.movements.domain.submission import Receipt
from veta.movements.queries import stored
from veta.norms.catalogue import catalogue

Cursor = psycopg.Cursor[Any]

_BOUGHT = """
SELECT m.id, m.kind, m.author, m.counterparty, m.occurred_at, coalesce(e.step, m.id), d.body, d.facts,
    g.first_index + d.position, EXISTS (
        SELECT FROM movements_movement AS r JOIN movements_verdict AS w ON w.movement_id = r.id
        LEFT JOIN movements_pendingend AS f ON f.movement_id = r.id
        WHERE r.subject = m.id AND r.kind = 'reversal' AND coalesce(f.outcome, w.status) = 'accepted')
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id AND e.outcome = 'accepted'
JOIN movements_verdict AS d ON d.movement_id = coalesce(e.step, m.id) AND d.status = 'accepted'
LEFT JOIN transparency_log_group AS g ON g.group_id = d.group
WHERE m.id = %s AND m.kind IN ('subsistence_purchase', 'sale')
"""
_USED = """
SELECT q.account, q.basis, q.subject, q.quota_group, q.period_start, q.period_end, q.source,
    sum(x.amount) FILTER (WHERE t.kind = 'used')::bigint,
    coalesce(sum(x.amount) FILTER (WHERE s.kind = 'excess'), 0)::bigint
FROM ledger_entry AS x JOIN ledger_quota AS q ON q.account IN (x.source, x.target)
JOIN ledger_account AS s ON s.id = x.source JOIN ledger_account AS t ON t.id = x.target
WHERE x.movement = %s GROUP BY q.account ORDER BY q.basis, q.period_start, q.account
"""
_MADE = """
SELECT x.target, l.mineral, sum(x.amount)::bigint FROM ledger_entry AS x JOIN ledger_lot AS l ON l.account = x.target
WHERE x.movement = %s AND l.movement = %s GROUP BY x.target, l.mineral ORDER BY x.target
"""


class Source(NamedTuple):
    """An origin of what was bought: the share is weight ÷ total, exact."""

    origin: Origin
    weight: int
    total: int


class Bought(NamedTuple):
    """A lot that the purchase made, in the mineral's smallest unit, with where it comes from."""

    lot: UUID
    mineral: str
    amount: int
    sources: tuple[Source, ...]


class QuotaUse(NamedTuple):
    """A quota that the purchase used: before it, by it, and after, in smallest units of `unit` (`factor` in one).

    `limit` is what was authorised for the period; `excess`, what a mere warning let pass over it.
    """

    basis: str
    subject: UUID
    group: str
    start: date
    end: date
    source: str
    limit: int
    before: int
    amount: int
    excess: int
    unit: str
    factor: int

    @property
    def after(self) -> int:
        return self.before + self.amount

    @property
    def left(self) -> int:
        return max(self.limit - self.after, 0)


@dataclass(frozen=True, slots=True)
class PurchaseProof:
    """The data of a *constancia*. `decided`: the movement whose verdict accepted it (a sale's confirmation). `receipt`
    ties it to the log and is signed, None once its words were erased; `number` is its place in the log, None for the
    seconds until it is numbered. `within`: no quota was exceeded. `undone`: it was reversed since, and proves nothing.
    """

    movement: UUID
    kind: str
    seller: UUID
    buyer: UUID | None
    occurred_at: datetime
    decided: UUID
    verdict: bytes
    lots: tuple[Bought, ...]
    quotas: tuple[QuotaUse, ...]
    receipt: Receipt | None
    number: int | None
    undone: bool

    @property
    def within(self) -> bool:
        return not any(quota.excess for quota in self.quotas)


def purchase_proof(cursor: Cursor, movement: UUID) -> PurchaseProof | None:
    """The *constancia*'s data of an accepted purchase or sale; None where there is none of that id."""
    row = cursor.execute(_BOUGHT, (movement,)).fetchone()
    if row is None:
        return None
    id, kind, author, counterparty, occurred_at, decided, body, facts, number, undone = row
    seller, buyer = (counterparty, author) if kind == "subsistence_purchase" else (author, counterparty)
    kept = stored(cursor, [decided])
    return PurchaseProof(
        movement=id, kind=kind, seller=seller, buyer=buyer, occurred_at=occurred_at, decided=decided,
        verdict=bytes(body), lots=_lots(cursor, id),
        quotas=_quotas(cursor, id, orjson.loads(facts)["balances"], on=bogota_date(occurred_at)),
        receipt=receipts_of(cursor, kept.values()).get(decided), number=number, undone=undone,
    )  # fmt: skip


def _quotas(cursor: Cursor, movement: UUID, balances: dict[str, list[int]], *, on: date) -> tuple[QuotaUse, ...]:
    rows = cursor.execute(_USED, (movement,)).fetchall()
    return tuple(_quota(row, balances.get(str(row[0]), [0, 0, 0]), limit=_limit(cursor, row, on)) for row in rows)


def _limit(cursor: Cursor, row: tuple[Any, ...], on: date) -> int:
    """What was authorised: a person's by the norm of the day, a title's by its grant. What an account received besides,
    of reversals and excess, is none of it."""
    account, basis, subject, group, *_ = row
    if basis.startswith("person"):
        return next(right.grant for right in person_quotas(subject, group, on) if right.basis == basis)
    return sum(each.amount for each in ledger.granted(cursor, [account]))


def _quota(row: tuple[Any, ...], balance: list[int], *, limit: int) -> QuotaUse:
    _, basis, subject, group, start, end, source, amount, excess = row
    received, released, _ = balance
    left = received - released if received else limit
    before = limit - left if left > 0 else released
    mineral = catalogue().mineral(group)
    unit, factor = (mineral.unit, mineral.factor) if mineral is not None else ("", 1)
    return QuotaUse(basis, subject, group, start, end, source, limit, before, amount, excess, unit, factor)


def _lots(cursor: Cursor, movement: UUID) -> tuple[Bought, ...]:
    made = cursor.execute(_MADE, (movement, movement)).fetchall()
    return tuple(Bought(lot, mineral, amount, _sources(cursor, lot)) for lot, mineral, amount in made)


def _sources(cursor: Cursor, lot: UUID) -> tuple[Source, ...]:
    found = ledger.origins_of(cursor, lot)
    if found is None:
        return ()
    known = ledger.origins(cursor, found.origins)
    weighed = zip(found.origins, found.weights, strict=True)
    return tuple(Source(known[origin], weight, found.total) for origin, weight in weighed)
