"""Issue a certificate: its intent, with its consecutive, its cover and its leaf, in one transaction; then it is sealed.

Locks, always in this order: the lot's account, the cover of the lot, the issuer's series.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import transaction

from veta.certificates.domain.kinds import KINDS, Kind
from veta.certificates.domain.token import new_token
from veta.certificates.queries import CertificateView, certificate
from veta.certificates.services.facts import Basis, basis_of
from veta.certificates.services.facts import Refused as Refused
from veta.certificates.services.facts import refuse as refuse
from veta.certificates.services.written import Numbered, Sale, document_of
from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue
from veta.operators.services.hub_keys import HubSigner
from veta.storage.connection import plain_cursor
from veta.transparency.domain import SALT_BYTES, GroupTree, leaf, receipt_message
from veta.transparency.services import NewGroup, next_group_id, record

Cursor = psycopg.Cursor[Any]

TAKEN: Final = "Ese identificador ya se usó. Genere otro UUID versión 7 y vuelva a enviar."
_COVER = """
INSERT INTO certificates_cover (lot, kind, quantity) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
# Never a sum just read: the row decides, and its CHECK after it.
_TAKE = """
UPDATE certificates_cover SET covered = covered + %(amount)s
WHERE lot = %(lot)s AND kind = %(kind)s AND covered + %(amount)s <= quantity
"""
_LEFT = "SELECT quantity - covered FROM certificates_cover WHERE lot = %s AND kind = %s"
_SERIES = "INSERT INTO certificates_series (issuer, kind) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_NEXT = "UPDATE certificates_series SET last = last + 1 WHERE issuer = %s AND kind = %s RETURNING last"
_INSERT = """
INSERT INTO certificates_certificate (id, kind, issuer, number, lot, movement, mineral, amount, token, status_index,
    operator, body_digest, signature, item, document, issued_at, "group", salt)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, nextval('certificates_status_seq'), %s, %s, %s, %s, %s, %s, %s, %s)
"""
_BALANCE = "INSERT INTO certificates_balance (certificate_id, amount) VALUES (%s, %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What an operator asks for. `amount`: smallest units as the ledger counts (fine mg of a precious metal), all that
    is left where None; `item`: the request as it was read; `body_digest`, `signature`: of the signed request;
    `replaces`: the certificate that this one takes the place of."""

    id: UUID
    kind: Kind
    lot: UUID
    amount: int | None
    operator: UUID
    item: dict[str, Any]
    body_digest: bytes
    signature: bytes
    replaces: UUID | None = None
    sale: Sale | None = None


def issue(asked: Issue, *, clock: Clock, signer: HubSigner) -> CertificateView:
    """Store the intent of a certificate, with its leaf; `seal` then signs it. The same request again finds the first.

    Raises Refused (CER-0xx) where the lot cannot be certified so, or what is left of it does not reach; SCH-010 where
    the id stands for another request. Effects: one transaction; the lot's account, cover and series stay locked in it.
    """
    assert asked.kind in KINDS, asked.kind
    with transaction.atomic():
        known = certificate(asked.id)
        if known is not None:
            return _again(known, asked)
        cursor = plain_cursor()
        basis = basis_of(cursor, asked.kind, asked.lot, operator=asked.operator, now=clock.now())
        _replace(cursor, asked)
        amount = _cover(cursor, basis, asked)
        _store(cursor, basis, asked, amount=amount, now=clock.now(), signer=signer)
        stored = certificate(asked.id)
    assert stored is not None
    return stored


def _again(known: CertificateView, asked: Issue) -> CertificateView:
    if known.operator != asked.operator or known.item != canonical(asked.item):
        raise refuse("SCH-010", "id", TAKEN)
    return known


def _replace(cursor: Cursor, asked: Issue) -> None:
    """End the certificate that this one takes the place of, so that its quantity is free to be certified anew."""
    if asked.replaces is None:
        return
    from veta.certificates.services.ending import end_for

    before = certificate(asked.replaces)
    if before is None or (before.lot, before.kind) != (asked.lot, asked.kind):
        raise refuse("CER-009", "replaces", "El certificado que quiere reemplazar no es de ese lote y clase. Revíselo.")
    end_for(cursor, before, kind="replaced", reason=f"Reemplazado por {asked.id}.", replaced_by=asked.id)


def _cover(cursor: Cursor, basis: Basis, asked: Issue) -> int:
    """Take the quantity of what is left of the lot to certify; how much."""
    cursor.execute(_COVER, (asked.lot, asked.kind, basis.quantity))
    (left,) = cursor.execute(_LEFT + " FOR UPDATE", (asked.lot, asked.kind)).fetchall()[0]
    amount = left if asked.amount is None else asked.amount
    given = {"lot": asked.lot, "kind": asked.kind, "amount": amount}
    if amount <= 0 or cursor.execute(_TAKE, given).rowcount != 1:
        mineral = catalogue().mineral(basis.lot.commodity)
        factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
        message = (
            f"Del lote quedan {text_of(left, factor=factor)} {unit} por certificar. Pida a lo sumo esa cantidad, o "
            "retire un certificado sin usar."
        )
        raise refuse("CER-004", "quantity", message, left=text_of(left, factor=factor), unit=unit)
    return int(amount)


def _store(
    cursor: Cursor, basis: Basis, asked: Issue, *, amount: int, now: datetime, signer: HubSigner
) -> None:  # fmt: skip
    cursor.execute(_SERIES, (basis.issuer, asked.kind))
    (number,) = cursor.execute(_NEXT, (basis.issuer, asked.kind)).fetchall()[0]
    numbered = Numbered(asked.id, asked.kind, number, asked.operator, asked.sale)
    document = canonical(document_of(cursor, basis, numbered, amount=amount, now=now))
    item, salt = canonical(asked.item), os.urandom(SALT_BYTES)
    entry = leaf(
        salt=salt, item_canonical=item, verdict=document, request_digest=asked.body_digest, signature=asked.signature
    )
    group, tree = next_group_id(cursor), GroupTree([entry])
    signature = signer.sign(receipt_message(tree.root))
    record(cursor, NewGroup(group, now, 1, entry, tree.root, signature, signer.key_id))
    cursor.execute(
        _INSERT,
        (
            asked.id, asked.kind, basis.issuer, number, asked.lot, basis.lot.movement, basis.lot.commodity, amount,
            new_token(), asked.operator, asked.body_digest, asked.signature, item, document, now, group, salt,
        ),
    )  # fmt: skip
    cursor.execute(_BALANCE, (asked.id, amount))
