"""Shorthand of the tests: movements written straight to the ledger, as `movements` would order them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg

from veta.kernel.ids import uuid7
from veta.ledger import queries, services
from veta.ledger.domain.accounts import quota_id, right
from veta.ledger.domain.batch import LedgerBatch, NewAccount, NewEntry, NewLot, NewParent, NewQuota, NewSuspension
from veta.ledger.domain.composition import Composition, mix
from veta.ledger.domain.origin import Origin

NOON = datetime(2026, 6, 1, 17, tzinfo=UTC)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@dataclass
class Book:
    """Writes one movement a transaction."""

    connection: psycopg.Connection[Any]
    holder: UUID = field(default_factory=uuid7)

    def produce(self, amount: int, *, code: str = "DEMO-001", mineral: str = "oro", quota: UUID | None = None) -> UUID:
        """Extraction → a new lot of the title `code`; the right is used too when a quota is named."""
        batch, movement, origin = LedgerBatch(), uuid7(), Origin("title", code=code)
        batch.origins[origin.id] = origin
        lot = self._lot(batch, movement, amount=amount, mineral=mineral, origin=origin.id)
        batch.entries.append(
            NewEntry(movement, 0, batch.boundary("extraction", mineral), lot, mineral, amount),
        )
        if quota is not None:
            used = batch.boundary("used", right("oro"))
            batch.entries.append(NewEntry(movement, 1, quota, used, right("oro"), amount))
            batch.add(quota, released=amount)
        self.write(batch)
        return lot

    def quota(self, granted: int) -> UUID:
        """A title's quota of the year with its grant."""
        subject = uuid7()
        account = quota_id(basis="title_year", subject=subject, quota_group="oro", period_start=YEAR[0])
        batch = LedgerBatch()
        with self.connection.transaction(), self.connection.cursor() as cursor:
            services.ensure_quotas(cursor, [NewQuota(account, subject, "title_year", "oro", *YEAR, "PTO 1")])
            services.lock(cursor, [account])
            grant = batch.boundary("grant", right("oro"))
            batch.entries.append(NewEntry(uuid7(), 0, grant, account, right("oro"), granted))
            batch.add(account, received=granted)
            services.write(cursor, batch)
        return account

    def sell(self, lot: UUID, amount: int) -> UUID:
        """Part of a lot → a lot of the same origin or composition."""
        row = self.lot(lot)
        batch, movement = LedgerBatch(), uuid7()
        sold = self._lot(
            batch, movement, amount=amount, mineral=row.commodity, origin=row.origin, composition=row.composition
        )
        batch.parents.append(NewParent(lot, sold, movement))
        batch.entries.append(NewEntry(movement, 0, lot, sold, row.commodity, amount))
        batch.add(lot, released=amount)
        self.write(batch)
        return sold

    def regroup(self, parts: list[tuple[UUID, int]]) -> UUID:
        """Parts of lots of one mineral → one lot of their mix."""
        batch, movement = LedgerBatch(), uuid7()
        rows, weights = self._sources(parts)
        mixed = Composition.of(mix(weights))
        batch.compositions[mixed.id] = mixed
        mineral = rows[parts[0][0]].commodity
        made = self._lot(batch, movement, amount=mixed.total, mineral=mineral, composition=mixed.id)
        for seq, (lot, amount) in enumerate(parts):
            batch.parents.append(NewParent(lot, made, movement))
            batch.entries.append(NewEntry(movement, seq, lot, made, mineral, amount))
            batch.add(lot, released=amount)
        self.write(batch)
        return made

    def transform(self, parts: list[tuple[UUID, int]], *, mineral: str, amount: int, lost: int = 0) -> UUID:
        """Parts of lots → process → one lot of another mineral, and a loss counted in that mineral."""
        batch, movement = LedgerBatch(), uuid7()
        rows, weights = self._sources(parts)
        mixed = Composition.of(mix(weights))
        batch.compositions[mixed.id] = mixed
        made = self._lot(batch, movement, amount=amount, mineral=mineral, composition=mixed.id)
        process = batch.boundary("process", mineral)
        entries = [(process, made, mineral, amount)]
        if lost:
            entries.append((process, batch.boundary("loss", mineral), mineral, lost))
        for lot, taken in parts:
            batch.parents.append(NewParent(lot, made, movement))
            commodity = rows[lot].commodity
            entries.append((lot, batch.boundary("process", commodity), commodity, taken))
            batch.add(lot, released=taken)
        batch.entries += [NewEntry(movement, seq, *entry) for seq, entry in enumerate(entries)]
        self.write(batch)
        return made

    def reverse(self, movement: UUID) -> None:
        """The movement's entries the other way round."""
        batch, undoing = LedgerBatch(), uuid7()
        rows = self.connection.execute(
            "SELECT e.source, e.target, e.commodity, e.amount, s.kind, t.kind FROM ledger_entry AS e "
            "JOIN ledger_account AS s ON s.id = e.source JOIN ledger_account AS t ON t.id = e.target "
            "WHERE e.movement = %s ORDER BY e.seq",
            (movement,),
        ).fetchall()
        for seq, (source, target, commodity, amount, source_kind, target_kind) in enumerate(rows):
            batch.entries.append(NewEntry(undoing, seq, target, source, commodity, amount))
            if target_kind in ("lot", "quota"):
                batch.add(target, released=amount)
            if source_kind in ("lot", "quota"):
                batch.add(source, received=amount)
        self.write(batch)

    def suspend(self, lot: UUID, *, lifted: bool = False) -> UUID:
        """An act over a lot, perhaps lifted."""
        batch, act = LedgerBatch(), uuid7()
        batch.suspensions.append(NewSuspension(act, lot))
        self.write(batch)
        if lifted:
            with self.connection.transaction():
                self.connection.execute(
                    "INSERT INTO ledger_suspension_lift (act, movement) VALUES (%s, %s)", (act, uuid7())
                )
        return act

    def export(self, lot: UUID, amount: int) -> None:
        """Part of a lot → out of the country."""
        row, batch, movement = self.lot(lot), LedgerBatch(), uuid7()
        target = batch.boundary("export", row.commodity)
        batch.entries.append(NewEntry(movement, 0, lot, target, row.commodity, amount))
        batch.add(lot, released=amount)
        self.write(batch)

    def lot(self, lot: UUID) -> queries.LotRow:
        with self.connection.cursor() as cursor:
            return queries.lots(cursor, [lot])[lot]

    def write(self, batch: LedgerBatch) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            services.lock(cursor, batch.deltas)
            services.write(cursor, batch)

    def _sources(
        self, parts: list[tuple[UUID, int]]
    ) -> tuple[dict[UUID, queries.LotRow], list[tuple[Mapping[UUID, int] | UUID, int]]]:
        with self.connection.cursor() as cursor:
            rows = queries.lots(cursor, [lot for lot, _ in parts])
            known = queries.compositions(cursor, [row.composition for row in rows.values() if row.composition])
        return rows, [(rows[lot].origin or known[rows[lot].composition].as_weights(), amount) for lot, amount in parts]

    def _lot(
        self,
        batch: LedgerBatch,
        movement: UUID,
        *,
        amount: int,
        mineral: str,
        origin: UUID | None = None,
        composition: UUID | None = None,
    ) -> UUID:
        lot = uuid7()
        batch.accounts.append(NewAccount(lot, mineral, "lot", self.holder, amount, 0, 0))
        batch.lots.append(
            NewLot(lot, mineral, origin, composition, "accredited", "05120", None, movement, NOON, 920_500, None, None)
        )
        return lot
