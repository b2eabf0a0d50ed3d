"""A certificate stops being valid: withdrawn by its issuer, replaced, or withdrawn because its movement was undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import transaction

from veta.certificates.domain.kinds import Ending
from veta.certificates.queries import CertificateView, certificate, certificates_of
from veta.certificates.services.facts import refuse
from veta.kernel.clock import Clock
from veta.kernel.period import bogota_date
from veta.ledger import services as ledger
from veta.movements.queries import targets
from veta.registry.queries import clients_among, kinds_of, names_of
from veta.storage.arrays import uuids
from veta.storage.connection import plain_cursor

Cursor = psycopg.Cursor[Any]

# What can be a person's document: 7 to 10 digits, or as many in groups of three.
DOCUMENT: Final = re.compile(r"(?<![\d-])(?:\d{7,10}|\d{1,3}(?:[.\s]\d{3}){2,3})(?![\d-])")
LOCK: Final = """
SELECT certificate_id, amount, used FROM certificates_balance WHERE certificate_id = ANY (%s::uuid[])
ORDER BY certificate_id FOR NO KEY UPDATE
"""
_END = """
INSERT INTO certificates_ending (certificate_id, kind, reason, movement, replaced_by) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_FREE = "UPDATE certificates_cover SET covered = covered - %s WHERE lot = %s AND kind = %s"
_LIVE = """
SELECT c.id FROM certificates_certificate AS c WHERE c.lot = ANY (%s::uuid[])
    AND NOT EXISTS (SELECT FROM certificates_ending AS e WHERE e.certificate_id = c.id)
ORDER BY c.id
"""


def withdraw(id: UUID, *, operator: UUID, reason: str, clock: Clock) -> CertificateView:
    """Withdraw a certificate that was not used, for its issuer; what it covered can be certified again.

    Raises Refused: CER-002 no such certificate of a client of the operator; CER-010 it was used, so it stays;
    CER-011 it ended already; CER-012 no reason was given; CER-017 the reason, which is public, tells who somebody is.
    """
    with transaction.atomic():
        found = certificate(id)
        if found is None or found.issuer not in clients_among([found.issuer], operator, on=bogota_date(clock.now())):
            raise refuse("CER-002", "id", "No hay un certificado con ese identificador de un cliente de este operador.")
        if not reason.strip():
            raise refuse("CER-012", "reason", "Diga por qué se retira: queda en la página pública del certificado.")
        cursor = plain_cursor()
        _require_nobody_named(cursor, reason, found)
        ledger.lock(cursor, [found.lot])
        end_for(cursor, found, kind="withdrawn", reason=reason.strip())
        ended = certificate(id)
    assert ended is not None
    return ended


def _require_nobody_named(cursor: Cursor, reason: str, found: CertificateView) -> None:
    """The reason stands on a public page: no document's number in it, and no name of a person who took part."""
    made = targets(cursor, [found.movement])[found.movement]
    parties = {actor for actor in (found.issuer, made.author, made.counterparty) if actor is not None}
    persons = [actor for actor, kind in kinds_of(parties).items() if kind == "person"]
    said = set(_words(reason))
    named = [name for name in names_of(persons).values() if said >= set(_words(name))] if persons else []
    if named or DOCUMENT.search(reason):
        message = "La razón es pública: escríbala sin nombres de personas ni números de documento."
        raise refuse("CER-017", "reason", message, norm="Ley 1581 de 2012 art. 4")


def _words(text: str) -> list[str]:
    """The words of a text in capitals, without accents."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.findall(r"\w+", bare.upper())


def end_for(
    cursor: Cursor, found: CertificateView, *, kind: Ending, reason: str, replaced_by: UUID | None = None
) -> None:  # fmt: skip
    """End one unused certificate, its lot locked already. Raises Refused CER-010, CER-011."""
    _, amount, used = cursor.execute(LOCK, (uuids([found.id]),)).fetchall()[0]
    if used:
        raise refuse("CER-010", "id", "El certificado ya se usó, y lo usado no se retira. Acuda a la autoridad.")
    if cursor.execute(_END, (found.id, kind, reason, None, replaced_by)).rowcount != 1:
        raise refuse("CER-011", "id", "El certificado ya se había retirado o reemplazado.")
    cursor.execute(_FREE, (amount, found.lot, found.kind))


def live_on(cursor: Cursor, lots: Collection[UUID]) -> list[UUID]:
    """The certificates over those lots that have not ended."""
    return [row[0] for row in cursor.execute(_LIVE, (uuids(lots),))] if lots else []


def withdraw_all(cursor: Cursor, lots: Collection[UUID], *, movement: UUID) -> int:
    """Withdraw every live certificate over lots whose making was undone, whatever was used of them; how many.

    The lots are locked by the caller. `movement`: the reversal.
    """
    ids = live_on(cursor, lots)
    if not ids:
        return 0
    cursor.execute(LOCK, (uuids(ids),))
    for found in certificates_of(ids):
        reason = "Se deshizo el movimiento que hizo el lote."
        cursor.execute(_END, (found.id, "withdrawn", reason, movement, None))
        cursor.execute(_FREE, (found.amount - found.used, found.lot, found.kind))
    return len(ids)
