"""Consents by id: as they stand, and locked in id order for a group that is about to use them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from veta.registry.domain import Consent
from veta.storage.arrays import uuids

_CONSENT = """
SELECT c.id, c.purpose, c.party_id, c.counterparty, c.mineral, c.amount, c.method,
       ARRAY(SELECT DISTINCT coalesce(k.method, c.method) FROM registry_consentcheck k
             WHERE k.consent_id = c.id AND k.succeeded),
       c.expires_at,
       EXISTS (SELECT FROM registry_consentuse u WHERE u.consent_id = c.id)
FROM registry_consentrequest c WHERE c.id = ANY(%s::uuid[]) ORDER BY c.id"""

_LOCK = "SELECT id FROM registry_consentrequest WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"


def consents_by_id(ids: Collection[UUID]) -> dict[UUID, Consent]:
    """Consents as they stand now; an unknown id has no key. `checked`: what the hub verified, at some moment."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        return _read(cursor, ids)


def lock_consents(cursor: CursorWrapper, ids: Collection[UUID]) -> dict[UUID, Consent]:
    """Lock the consents in id order, then read them: what is read stays true until the transaction ends."""
    if not ids:
        return {}
    cursor.execute(_LOCK, [uuids(ids)])
    return _read(cursor, ids)


def consent_verified_for(used_by: UUID) -> bool:
    """Whether a movement rests on a consent that the hub itself verified: such a consent is spent on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM registry_consentuse WHERE used_by = %s)", [used_by])
        return bool(cursor.fetchone()[0])


def _read(cursor: CursorWrapper, ids: Collection[UUID]) -> dict[UUID, Consent]:
    cursor.execute(_CONSENT, [uuids(ids)])
    return {row[0]: _consent(row) for row in cursor.fetchall()}


def _consent(row: tuple[Any, ...]) -> Consent:
    return Consent(
        id=row[0],
        purpose=row[1],
        party=row[2],
        counterparty=row[3],
        mineral=row[4],
        amount=row[5],
        methods=tuple(row[6].split("+")),
        checked=tuple(sorted(row[7])),
        expires_at=row[8],
        used=row[9],
    )
