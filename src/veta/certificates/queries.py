"""Reads of the certificates: by id or token, with their state; the lists of states; what a certificate rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
import psycopg

from veta.certificates.domain.kinds import Ending, Kind, State, number_text, state_of
from veta.certificates.domain.status_list import PARTLY, UNUSED, WHOLLY
from veta.storage.arrays import uuids
from veta.storage.connection import plain_cursor

Cursor = psycopg.Cursor[Any]

_VIEW = """
SELECT c.id, c.kind, c.issuer, c.number, c.lot, c.movement, c.mineral, c.amount, c.token, c.status_index, c.operator,
    c.body_digest, c.signature, c.item, c.document, c.issued_at, c.group, c.salt, b.used, e.kind, e.reason, e.at,
    r.token, s.code, s.credential, s.key_id
FROM certificates_certificate AS c JOIN certificates_balance AS b ON b.certificate_id = c.id
LEFT JOIN certificates_ending AS e ON e.certificate_id = c.id
LEFT JOIN certificates_certificate AS r ON r.id = e.replaced_by
LEFT JOIN certificates_seal AS s ON s.certificate_id = c.id
"""
_UNSEALED = """
SELECT c.id FROM certificates_certificate AS c
WHERE NOT EXISTS (SELECT FROM certificates_seal AS s WHERE s.certificate_id = c.id)
    AND NOT EXISTS (SELECT FROM certificates_ending AS e WHERE e.certificate_id = c.id)
ORDER BY c.issued_at, c.id
"""
_STATES = """
SELECT c.status_index, e.kind IS NOT NULL, b.used, b.amount
FROM certificates_certificate AS c JOIN certificates_balance AS b ON b.certificate_id = c.id
LEFT JOIN certificates_ending AS e ON e.certificate_id = c.id
WHERE e.kind IS NOT NULL OR b.used > 0
"""
_SOURCES = """
WITH RECURSIVE seen (lot) AS (
    SELECT %(lot)s::uuid UNION SELECT p.parent FROM ledger_lot_parent AS p JOIN seen ON p.child = seen.lot
)
SELECT c.kind, c.number, c.issuer, c.id FROM certificates_certificate AS c JOIN seen ON seen.lot = c.lot
WHERE c.lot <> %(lot)s AND c.kind IN ('origin_certificate', 'production_declaration')
    AND NOT EXISTS (SELECT FROM certificates_ending AS e WHERE e.certificate_id = c.id)
ORDER BY c.kind, c.issued_at, c.id
"""
_USES = "SELECT movement, amount, at FROM certificates_use WHERE certificate = %s ORDER BY at, movement"
_USED_BY = "SELECT certificate FROM certificates_use WHERE movement = %s ORDER BY certificate"
_CERTIFIED = """
SELECT c.issuer, c.mineral, sum(c.amount)::bigint FROM certificates_certificate AS c
JOIN ledger_lot AS l ON l.account = c.lot JOIN ledger_origin AS o ON o.id = l.origin
JOIN movements_movement AS m ON m.id = c.movement AND m.kind = 'production'
WHERE o.kind = %(kind)s AND o.code = %(code)s AND c.kind = 'origin_certificate'
    AND (c.issued_at AT TIME ZONE 'America/Bogota')::date BETWEEN %(start)s AND %(end)s
    AND NOT EXISTS (SELECT FROM certificates_ending AS e WHERE e.certificate_id = c.id)
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate with its state. `code` and `credential` are None until it is sealed."""

    id: UUID
    kind: Kind
    issuer: UUID
    number: int
    lot: UUID
    movement: UUID
    mineral: str
    amount: int
    token: str
    status_index: int
    operator: UUID
    body_digest: bytes
    signature: bytes
    item: bytes
    document_bytes: bytes
    issued_at: datetime
    group: int
    salt: bytes
    used: int
    ending: Ending | None
    reason: str | None
    ended_at: datetime | None
    replaced_by: str | None  # its token
    code: str | None
    credential_bytes: bytes | None
    key_id: str | None

    @property
    def state(self) -> State:
        return state_of(ending=self.ending, used=self.used, amount=self.amount)

    @property
    def number_text(self) -> str:
        return number_text(self.kind, self.number)

    @property
    def left(self) -> int:
        return 0 if self.ending is not None else self.amount - self.used

    @property
    def document(self) -> dict[str, Any]:
        return cast(dict[str, Any], orjson.loads(self.document_bytes))

    @property
    def credential(self) -> dict[str, Any] | None:
        return None if self.credential_bytes is None else orjson.loads(self.credential_bytes)


class UseView(NamedTuple):
    """A use: the export that cited the certificate, smallest units, when the hub decided it."""

    movement: UUID
    amount: int
    at: datetime


class Source(NamedTuple):
    """A live certificate of what a lot was made of."""

    kind: Kind
    number: int
    issuer: UUID
    certificate: UUID


class Certified(NamedTuple):
    """What certificates of origin of one issuer and mineral say, in the mineral's smallest unit."""

    issuer: UUID
    mineral: str
    amount: int


def certificate(id: UUID) -> CertificateView | None:
    """The certificate of that id."""
    return _one("WHERE c.id = %s", id)


def by_token(token: str) -> CertificateView | None:
    """The certificate of a token as it is stored (`domain.token.normal`)."""
    return _one("WHERE c.token = %s", token)


def _one(where: str, value: Any) -> CertificateView | None:
    found = _views(f"{_VIEW} {where}", value)
    return found[0] if found else None


def certificates_of(ids: Collection[UUID]) -> list[CertificateView]:
    """The certificates of those ids, in the order of their ids."""
    return _views(f"{_VIEW} WHERE c.id = ANY (%s::uuid[]) ORDER BY c.id", uuids(ids))


def on_lots(lots: Collection[UUID]) -> list[CertificateView]:
    """Every certificate over those lots, oldest first."""
    return _views(f"{_VIEW} WHERE c.lot = ANY (%s::uuid[]) ORDER BY c.issued_at, c.id", uuids(lots))


def _views(statement: str, value: Any) -> list[CertificateView]:
    return [CertificateView(*row) for row in plain_cursor().execute(statement, (value,), prepare=True, binary=True)]


def unsealed() -> list[UUID]:
    """Certificates whose intent is stored and that were not signed yet: a power cut leaves them so."""
    return [row[0] for row in plain_cursor().execute(_UNSEALED)]


def states() -> tuple[Mapping[int, int], Mapping[int, int]]:
    """The values of the two status lists by index: ended or not; how much used. What is not there is 0."""
    rows = plain_cursor().execute(_STATES, binary=True).fetchall()
    ended = {index: 1 for index, over, _, _ in rows if over}
    return ended, {index: _message(used, amount) for index, _, used, amount in rows if used}


def _message(used: int, amount: int) -> int:
    return WHOLLY if used >= amount else PARTLY if used else UNUSED


def sources(cursor: Cursor, lot: UUID) -> list[Source]:
    """The live certificates and declarations over what a lot was made of, at any distance: what a plant annexes."""
    return [Source(*row) for row in cursor.execute(_SOURCES, {"lot": lot})]


def uses(certificate: UUID) -> list[UseView]:
    """The exports that cited a certificate."""
    return [UseView(*row) for row in plain_cursor().execute(_USES, (certificate,))]


def used_by(movement: UUID) -> list[UUID]:
    """The certificates that an export cited."""
    return [row[0] for row in plain_cursor().execute(_USED_BY, (movement,))]


def certified_of_title(code: str, *, start: date, end: date) -> dict[str, int]:
    """What live certificates of a title's mineral say, by mineral, issued between two Bogotá dates, both included."""
    sums: dict[str, int] = {}
    for row in certified(plain_cursor(), kind="title", code=code, start=start, end=end):
        sums[row.mineral] = sums.get(row.mineral, 0) + row.amount
    return sums


def certified(cursor: Cursor, *, kind: str, code: str, start: Any, end: Any) -> list[Certified]:
    """What the producer's live certificates of origin of one title say, issued between two Bogotá dates, both included.

    A plant's are of what it made, and annex the producer's: they are not counted again."""
    cursor.execute(_CERTIFIED, {"kind": kind, "code": code, "start": start, "end": end})
    return [Certified(*row) for row in cursor]
