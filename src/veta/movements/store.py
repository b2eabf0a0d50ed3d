"""Writes of a group: one statement a table, in the transaction that decided it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from veta.ledger.domain.batch import (
    LedgerBatch,
    NewAccount,
    NewEntry,
    NewLift,
    NewLot,
    NewMark,
    NewParent,
    NewSuspension,
)
from veta.movements import raw
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import PendingFacts, World
from veta.registry.services.consents import Asserted
from veta.storage.arrays import byteas, instants, integers, names, uuids, uuids_or_nulls

Cursor = psycopg.Cursor[Any]

_CLAIM = """
INSERT INTO movements_movement
    (id, kind, operator, subject, author, counterparty, occurred_at, received_at, digest, request, place_in_request)
SELECT * FROM unnest(
    %s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[],
    %s::bytea[], %s::uuid[], %s::int[]
) AS c (id, kind, operator, subject, author, counterparty, occurred_at, received_at, digest, request, place)
ORDER BY id ON CONFLICT DO NOTHING RETURNING id
"""
_COPIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "verdicts": (
        "movements_verdict (movement_id, status, body, facts, \"group\", position)",
        ("uuid", "text", "bytea", "bytea", "int8", "int4"),
    ),
    "pending": (
        "movements_pending (movement_id, kind, author, counterparty, occurred_at, confirm_by, municipality, undoes)",
        ("uuid", "text", "uuid", "uuid", "timestamptz", "timestamptz", "text", "uuid"),
    ),
    "lines": (
        "movements_pendingline (movement, position, lot, amount, new_lot)", ("uuid", "int2", "uuid", "int8", "uuid"),
    ),
    "paper_numbers": ("movements_papernumber (origin, type, number, movement)", ("uuid", "text", "text", "uuid")),
    "ends": ("movements_pendingend (movement_id, step, outcome)", ("uuid", "uuid", "text")),
}  # fmt: skip
_WORDS = ("movements_rawitem (movement_id, key_seed, salt, ciphertext)", ("uuid", "bytea", "bytea", "bytea"))


@dataclass(frozen=True, slots=True)
class Claim:
    """An id that an operator asks for, with what identifies the words it stands for."""

    id: UUID
    kind: str
    operator: UUID
    subject: UUID | None
    author: UUID | None
    counterparty: UUID | None
    occurred_at: datetime
    received_at: datetime
    digest: bytes
    request: UUID | None
    place: int


@dataclass(slots=True)
class Rows:
    """The rows of a group, gathered while it is decided."""

    ledger: LedgerBatch = field(default_factory=LedgerBatch)
    verdicts: list[tuple[Any, ...]] = field(default_factory=list)
    pending: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    ends: list[tuple[Any, ...]] = field(default_factory=list)
    paper_numbers: list[tuple[Any, ...]] = field(default_factory=list)
    consents: list[tuple[UUID, UUID]] = field(default_factory=list)
    asserted: list[Asserted] = field(default_factory=list)
    papers: list[tuple[UUID, UUID, int]] = field(default_factory=list)  # (certificate, export, amount)
    undone: list[tuple[UUID, list[UUID]]] = field(default_factory=list)  # (reversal, the lots whose making it undid)
    made: dict[UUID, LotMade] = field(default_factory=dict)


def claim(cursor: Cursor, claims: Sequence[Claim]) -> set[UUID]:
    """Claim ids in order; returns those that nobody had. A conflicting claim in flight is waited for."""
    if not claims:
        return set()
    columns = (
        uuids(c.id for c in claims), names(c.kind for c in claims), uuids(c.operator for c in claims),
        uuids_or_nulls(c.subject for c in claims), uuids_or_nulls(c.author for c in claims),
        uuids_or_nulls(c.counterparty for c in claims), instants(c.occurred_at for c in claims),
        instants(c.received_at for c in claims), byteas(c.digest for c in claims),
        uuids_or_nulls(c.request for c in claims), integers(c.place for c in claims),
    )  # fmt: skip
    return {row[0] for row in cursor.execute(_CLAIM, columns, prepare=True, binary=True)}


def collect(rows: Rows, effects: Effects, *, movement: UUID, step: UUID, world: World) -> None:
    """Add what one accepted movement writes; `movement` is the one its entries belong to, `step` this item's id."""
    rows.ledger.entries += [
        NewEntry(movement, n, e.source, e.target, e.commodity, e.amount) for n, e in enumerate(effects.entries)
    ]
    rows.ledger.boundaries.update(effects.boundaries)
    for origin in effects.origins:
        rows.ledger.origins[origin.id] = origin
    rows.ledger.compositions.update(effects.compositions)
    for made in effects.lots:
        _collect_lot(rows, made, world)
    rows.ledger.suspensions += [NewSuspension(movement, lot) for lot in effects.suspended]
    rows.ledger.marks += [NewMark(lot, movement, accreditation) for lot, accreditation in effects.marks.items()]
    rows.paper_numbers += [(*paper, movement) for paper in effects.paper_numbers]
    if effects.lifted is not None:
        rows.ledger.lifts.append(NewLift(effects.lifted, movement))
    if effects.pending is not None:
        _collect_pending(rows, effects.pending)
    if effects.ended is not None:
        rows.ends.append((effects.ended[0], step, effects.ended[1]))
    if effects.consent is not None:
        rows.consents.append((effects.consent, step))
    rows.papers += [(certificate, movement, amount) for certificate, amount in effects.papers]
    if effects.undone is not None and (target := world.targets.get(effects.undone)) is not None:
        rows.undone.append((step, list(target.made)))


def _collect_lot(rows: Rows, made: LotMade, world: World) -> None:
    lot = made.facts
    rows.made[lot.id] = made
    rows.ledger.lots.append(
        NewLot(
            lot.id,
            lot.mineral,
            lot.origin,
            lot.composition,
            lot.accreditation,
            lot.municipality,
            made.facility,
            lot.movement,
            lot.occurred_at,
            made.fineness,
            lot.grade,
            lot.processed_by,
        )
    )
    rows.ledger.parents += [NewParent(parent, lot.id, lot.movement) for parent in made.parents]
    inherited = {act for parent in made.parents for act in world.lots[parent].suspended_by}
    rows.ledger.suspensions += [NewSuspension(act, lot.id) for act in sorted(inherited)]


def _collect_pending(rows: Rows, p: PendingFacts) -> None:
    rows.pending.append(
        (p.movement, p.kind, p.author, p.counterparty, p.occurred_at, p.confirm_by, p.municipality, p.undoes)
    )
    rows.lines += [(p.movement, n, line.lot, line.amount, line.new_lot) for n, line in enumerate(p.lines)]


def settle(rows: Rows, world: World, before: dict[UUID, tuple[int, int, int]]) -> None:
    """Turn the overlay's balances into rows: new lots with their last integers, deltas for accounts that existed.

    Args:
        before: (received, released, held) of the locked accounts as they were read.
    """
    for account, balance in world.balances.items():
        now = (balance.received, balance.released, balance.held)
        made = rows.made.get(account)
        if made is not None:
            rows.ledger.accounts.append(NewAccount(account, made.facts.mineral, "lot", made.facts.holder, *now))
        elif now != (was := before[account]):
            rows.ledger.deltas[account] = (now[0] - was[0], now[1] - was[1], now[2] - was[2])


def keep_words(cursor: Cursor, items: Sequence[tuple[UUID, bytes, bytes]]) -> None:
    """Store the words of claimed items, as (id, words, salt of the leaf), each sealed under a key of its own."""
    if items:
        sealed = raw.seal([words for _, words, _ in items])
        rows = zip(items, sealed, strict=True)
        _copy(cursor, _WORDS, ((id, seed, salt, ciphertext) for (id, _, salt), (seed, ciphertext) in rows))


def _copy(cursor: Cursor, into: tuple[str, tuple[str, ...]], rows: Iterable[tuple[Any, ...]]) -> None:
    """Binary COPY of rows into one of the movements' tables."""
    columns, types = into
    with cursor.copy(f"COPY {columns} FROM STDIN (FORMAT BINARY)") as copying:
        copying.set_types(types)
        for row in rows:
            copying.write_row(row)


def write(cursor: Cursor, rows: Rows) -> None:
    """Write the movements' own rows; the ledger's are `ledger.services.write`'s."""
    for table, into in _COPIES.items():
        if gathered := getattr(rows, table):
            _copy(cursor, into, gathered)
