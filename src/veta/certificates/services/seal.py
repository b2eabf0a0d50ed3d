"""Sign what is stored: the code of the QR and the credential, once its intent is committed and never before."""

from __future__ import annotations

from uuid import UUID

import orjson
from django.conf import settings

from veta.certificates.domain.code import Code, CodeOrigin, signed_code
from veta.certificates.domain.credential import credential_of
from veta.certificates.domain.integrity import secured
from veta.certificates.domain.origins import digest, shares
from veta.certificates.domain.token import bytes_of
from veta.certificates.queries import CertificateView, certificate, unsealed
from veta.operators.services.hub_keys import HubSigner
from veta.storage.connection import plain_cursor

_SEAL = """
INSERT INTO certificates_seal (certificate_id, code, credential, key_id) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def seal(id: UUID, *, signer: HubSigner) -> CertificateView:
    """Sign a stored certificate, unless it is signed already or has ended; the certificate as it stands.

    LookupError where nothing was stored under that id: nothing is signed that the database does not have committed.
    Effects: one row. Two at once sign the same words, and the first row stays.
    """
    found = certificate(id)
    if found is None:
        raise LookupError(f"no certificate {id}")
    if found.code is None and found.ending is None:
        code = code_of(found, signer=signer)
        credential = orjson.dumps(secured(_credential(found, signer), private=signer.private, created=found.issued_at))
        plain_cursor().execute(_SEAL, (id, code, credential, signer.key_id))
        found = certificate(id)
        assert found is not None
    return found


def seal_pending(*, signer: HubSigner) -> int:
    """Sign what a power cut left stored and unsigned; how many."""
    waiting = unsealed()
    for id in waiting:
        seal(id, signer=signer)
    return len(waiting)


def code_of(found: CertificateView, *, signer: HubSigner) -> str:
    """The text of the certificate's QR."""
    document = found.document
    rows = document["origins"]
    parts = shares([int(row["weight"]) for row in rows])
    origins = [
        CodeOrigin(row["kind"], row["code"] or row["municipality"], part) for row, part in zip(rows, parts, strict=True)
    ]
    fineness = document["fineness"]
    code = Code(
        site=settings.PUBLIC_ORIGIN, issued_at=found.issued_at, token=found.token, kind=found.kind, number=found.number,
        issuer=document["issuer"]["name"] or "", mineral=found.mineral, quantity=found.amount,
        fineness=int(fineness.replace(".", "")) if fineness is not None else None,
        municipality=document["municipality"], accreditation=document["accreditation"], origins=tuple(origins),
        origins_in_all=len(rows), digest=digest(rows), status=found.status_index,
    )  # fmt: skip
    return signed_code(code, token=bytes_of(found.token), private=signer.private)


def _credential(found: CertificateView, signer: HubSigner) -> dict[str, object]:
    return credential_of(
        found.document, site=settings.PUBLIC_ORIGIN, token=found.token, index=found.status_index,
        public_key=signer.private.public_key().public_bytes_raw(), issued_at=found.issued_at,
    )  # fmt: skip
