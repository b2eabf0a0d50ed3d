"""The W3C Verifiable Credential 2.0 of a certificate, and of the status lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from veta.certificates.domain.integrity import instant
from veta.certificates.domain.kinds import FORMS, Kind
from veta.certificates.domain.multibase import did_of
from veta.certificates.domain.status_list import MESSAGES

CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://veta.example/ns/certificates#"}]
PURPOSES: Final[Mapping[str, int]] = {"revocation": 1, "message": 2}
AUTHORITY: Final = "Plataforma de Trazabilidad de Minerales"


def page_of(site: str, token: str) -> str:
    """The public page of a certificate."""
    return f"{site}/v/{token}"


def list_address(site: str, purpose: str) -> str:
    """Where a status list is published."""
    return f"{site}/v/estado/{purpose}"


def credential_of(
    document: Mapping[str, Any], *, site: str, token: str, index: int, public_key: bytes, issued_at: datetime
) -> dict[str, Any]:
    """The credential, unsigned: the certificate's own public document as its subject.

    The hub is its issuer, for it attests what the ledger holds; who issued the certificate stands in the document.
    """
    kind: Kind = document["kind"]
    return {
        "@context": CONTEXT, "id": page_of(site, token), "type": ["VerifiableCredential", FORMS[kind].type],
        "issuer": {"id": did_of(public_key), "name": AUTHORITY}, "validFrom": instant(issued_at),
        "credentialStatus": [_entry(site, index, purpose, bits) for purpose, bits in PURPOSES.items()],
        "credentialSubject": dict(document),
    }  # fmt: skip


def _entry(site: str, index: int, purpose: str, bits: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": f"{list_address(site, purpose)}#{index}", "type": "BitstringStatusListEntry",
        "statusPurpose": purpose, "statusListIndex": str(index), "statusListCredential": list_address(site, purpose),
    }  # fmt: skip
    if bits > 1:
        entry["statusSize"] = bits
        entry["statusMessage"] = [{"status": hex(value), "message": text} for value, text in MESSAGES.items()]
    return entry


def status_credential(encoded: str, *, site: str, purpose: str, public_key: bytes, at: datetime) -> dict[str, Any]:
    """A status list as a credential, unsigned; `validFrom` is the instant it is true of."""
    address = list_address(site, purpose)
    subject = {"id": f"{address}#list", "type": "BitstringStatusList", "statusPurpose": purpose, "encodedList": encoded}
    return {
        "@context": CONTEXT, "id": address, "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": did_of(public_key), "name": AUTHORITY}, "validFrom": instant(at),
        "credentialSubject": subject,
    }  # fmt: skip
