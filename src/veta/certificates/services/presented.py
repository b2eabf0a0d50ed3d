"""The certificates side of a group of movements: what an export cites is locked, read, used; what is undone, withdrawn.

The group calls this in its own transaction, after it locked its accounts, so that a use and its export stand or fall
together. Of two exports that cite the last grams, the second finds nothing left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from veta.certificates.domain.token import normal
from veta.certificates.services.ending import LOCK, live_on, withdraw_all
from veta.movements.domain.papers import PaperFacts
from veta.storage.arrays import uuids

Cursor = psycopg.Cursor[Any]

_CITED = """
SELECT c.token, c.id, c.lot, c.kind FROM certificates_certificate AS c WHERE c.token = ANY (%s::text[])
"""
_STATE = """
SELECT b.certificate_id, b.amount - b.used, e.kind FROM certificates_balance AS b
LEFT JOIN certificates_ending AS e ON e.certificate_id = b.certificate_id WHERE b.certificate_id = ANY (%s::uuid[])
"""
# Which of the lots exported are the certificate's own, or were made of it.
_COVERED = """
WITH RECURSIVE seen (lot, ancestor) AS (
    SELECT lot, lot FROM unnest(%s::uuid[]) AS x (lot)
    UNION SELECT s.lot, p.parent FROM ledger_lot_parent AS p JOIN seen AS s ON p.child = s.ancestor
)
SELECT ancestor, array_agg(lot ORDER BY lot) FROM seen WHERE ancestor = ANY (%s::uuid[]) GROUP BY ancestor
"""
_USE = "UPDATE certificates_balance SET used = used + %s WHERE certificate_id = %s"
_RECORD = "INSERT INTO certificates_use (certificate, movement, amount, at) VALUES (%s, %s, %s, %s)"


class Certificates:
    """What `movements.domain.papers.Papers` asks for, of this slice's tables."""

    def read(self, cursor: Cursor, numbers: Collection[str], lots: Collection[UUID]) -> dict[str, PaperFacts]:
        """Lock the certificates cited, in id order, and say what is left of each and which of `lots` it covers."""
        spelt = {number: token for number in numbers if (token := _token(number)) is not None}
        rows = cursor.execute(_CITED, (list(set(spelt.values())),)).fetchall() if spelt else []
        cited = {row[0]: row for row in rows if row[3] == "origin_certificate"}
        if not cited:
            return {}
        ids = uuids([row[1] for row in cited.values()])
        cursor.execute(LOCK, (ids,))
        state = {row[0]: row for row in cursor.execute(_STATE, (ids,))}
        covered = dict(cursor.execute(_COVERED, (uuids(lots), uuids([row[2] for row in cited.values()]))).fetchall())
        return {
            number: PaperFacts(id, token, state[id][2] or "valid", state[id][1], tuple(covered.get(lot, ())))
            for number, token in spelt.items()
            if token in cited
            for _, id, lot, _ in (cited[token],)
        }

    def certified(self, cursor: Cursor, lots: Collection[UUID]) -> int:
        """How many live certificates stand over those lots."""
        return len(live_on(cursor, lots))

    def use(self, cursor: Cursor, uses: Iterable[tuple[UUID, UUID, int]], *, at: datetime) -> None:
        """Use so much of each certificate (certificate, export, smallest units); a CHECK decides last."""
        for certificate, movement, amount in sorted(uses):
            cursor.execute(_USE, (amount, certificate))
            cursor.execute(_RECORD, (certificate, movement, amount, at))

    def withdraw(self, cursor: Cursor, lots: Collection[UUID], *, movement: UUID) -> None:
        """Withdraw what was certified over lots whose making `movement` undid."""
        withdraw_all(cursor, lots, movement=movement)


def _token(number: str) -> str | None:
    try:
        return normal(number)
    except ValueError:
        return None
