"""Check a certificate with no network: the text of a QR, a credential, or both as a PDF carries them.

Pure, over the keys that the verifier trusts. It says that the hub signed these words; whether the certificate was used,
replaced or withdrawn since then is only known online, or from a status list, as of its date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veta.certificates.domain.code import Code, CodeRefused, read_code
from veta.certificates.domain.credential import PURPOSES
from veta.certificates.domain.integrity import ProofRefused, verify
from veta.certificates.domain.origins import digest
from veta.certificates.domain.status_list import value_at


class NotAuthentic(ValueError):
    """What is shown was not signed by a trusted key, or its parts are not of one certificate; `reason` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Status:
    """What the lists say: `ended`, withdrawn or replaced; `used`: 0 nothing, 1 a part, 2 all; true at `at`."""

    ended: bool
    used: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Authentic:
    """What was signed: the code's claims, the credential's document, or both."""

    token: str
    index: int
    code: Code | None
    document: Mapping[str, Any] | None


def check_code(text: str, keys: Sequence[bytes]) -> Authentic:
    """The text of a QR. Raises NotAuthentic: `shape`, `key` or `claims`."""
    try:
        code = read_code(text, keys)
    except CodeRefused as refused:
        raise NotAuthentic(refused.reason) from None
    return Authentic(code.token, code.status, code, None)


def check_credential(credential: Mapping[str, Any], keys: Sequence[bytes]) -> Authentic:
    """A credential. Raises NotAuthentic: `shape` where it is none of these, `key` where no trusted key made its proof,
    `origins` where its table is not the one whose digest it states."""
    if not any(_proved(credential, key) for key in keys):
        raise NotAuthentic("key")
    try:
        document = credential["credentialSubject"]
        token = str(credential["id"]).rpartition("/v/")[2]
        index = int(credential["credentialStatus"][0]["statusListIndex"])
        whole = digest(document["origins"]).hex() == document["origins_digest"]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise NotAuthentic("shape") from error
    if not whole:
        raise NotAuthentic("origins")
    return Authentic(token, index, None, document)


def check_both(text: str, credential: Mapping[str, Any], keys: Sequence[bytes]) -> Authentic:
    """A QR and the credential beside it, of one certificate. Raises NotAuthentic; `parts` where they differ."""
    code, paper = check_code(text, keys), check_credential(credential, keys)
    assert code.code is not None and paper.document is not None
    same = (code.token, code.index) == (paper.token, paper.index)
    if not same or code.code.digest.hex() != paper.document["origins_digest"]:
        raise NotAuthentic("parts")
    return Authentic(code.token, code.index, code.code, paper.document)


def status_in(lists: Mapping[str, Mapping[str, Any]], index: int, keys: Sequence[bytes]) -> Status:
    """The state of a certificate in both status lists (credentials by purpose). Raises NotAuthentic `status`."""
    values, moments = {}, []
    for purpose, bits in PURPOSES.items():
        credential = lists.get(purpose)
        if credential is None or not any(_proved(credential, key) for key in keys):
            raise NotAuthentic("status")
        try:
            subject = credential["credentialSubject"]
            if subject["statusPurpose"] != purpose:
                raise NotAuthentic("status")
            values[purpose] = value_at(subject["encodedList"], index, bits=bits)
            moments.append(datetime.fromisoformat(credential["validFrom"]))
        except (KeyError, TypeError, ValueError) as error:
            raise NotAuthentic("status") from error
    return Status(bool(values["revocation"]), values["message"], min(moments))


def _proved(credential: Mapping[str, Any], key: bytes) -> bool:
    try:
        verify(credential, key)
    except ProofRefused:
        return False
    return True
