"""The QR of a certificate: COSE_Sign1 over a small CBOR map, in base45, of at most 600 characters (version 15, M).

Read and verified with no network. What it says is what was true when it was signed; whether it was used, replaced or
withdrawn since is only known online, or from a status list that is fresh enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veta.certificates.domain import base45
from veta.certificates.domain.cose import CoseRefused, Sign1, decoded, read, sign1
from veta.certificates.domain.kinds import ACCREDITATIONS, KIND_OF_CODE, ORIGIN_KINDS, Kind
from veta.certificates.domain.token import BYTES, text_of

PREFIX: Final = "VETA1:"
MOST_CHARACTERS: Final = 600
MOST_ORIGINS: Final = 5
ISSUER_CHARACTERS: Final = 40
# Claims of CWT (RFC 8392) where one fits; ours in a map of their own.
ISSUER, ISSUED_AT, TOKEN, CLAIMS = 1, 6, 7, -65537


class CodeRefused(ValueError):
    """A text that is no code of a certificate, or that none of the known keys signed; `reason` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CodeOrigin:
    """One of the largest origins: its kind, its code or municipality, its parts in a thousand."""

    kind: str
    place: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What the QR states. `quantity`: smallest units of the mineral; `digest`: of the full table of origins;
    `status`: index in the status lists; `fineness`: thousandths of ‰, or None."""

    site: str
    issued_at: datetime
    token: str
    kind: Kind
    number: int
    issuer: str
    mineral: str
    quantity: int
    fineness: int | None
    municipality: str
    accreditation: str
    origins: tuple[CodeOrigin, ...]
    origins_in_all: int
    digest: bytes
    status: int

    def payload(self, token: bytes) -> bytes:
        """The CBOR that is signed."""
        codes = {kind: code for code, kind in KIND_OF_CODE.items()}
        claims: dict[int, Any] = {
            1: codes[self.kind], 2: self.number, 3: self.issuer, 4: self.mineral, 5: self.quantity,
            7: int(self.municipality or "0"), 8: [_packed(origin) for origin in self.origins],
            9: self.digest, 10: self.status, 11: ACCREDITATIONS.index(self.accreditation), 12: self.origins_in_all,
        }  # fmt: skip
        if self.fineness is not None:
            claims[6] = self.fineness
        moment = int(self.issued_at.timestamp())
        return cbor2.dumps({ISSUER: self.site, ISSUED_AT: moment, TOKEN: token, CLAIMS: claims})


def key_id(public_key: bytes) -> bytes:
    """How a code names the key that signed it: the first 8 bytes of its SHA-256."""
    return sha256(public_key).digest()[:8]


def signed_code(code: Code, *, token: bytes, private: Ed25519PrivateKey) -> str:
    """The text of the QR. Where five origins do not fit, as many as do; a firm's long name is cut."""
    named = key_id(private.public_key().public_bytes_raw())
    code = replace(code, issuer=code.issuer[:ISSUER_CHARACTERS].strip(), origins=code.origins[:MOST_ORIGINS])
    while True:
        text = PREFIX + base45.encode(sign1(code.payload(token), key_id=named, private=private))
        if len(text) <= MOST_CHARACTERS:
            return text
        if not code.origins:
            raise ValueError("a code without origins still does not fit")
        code = replace(code, origins=code.origins[:-1])


def read_code(text: str, keys: Sequence[bytes]) -> Code:
    """The code of a text that one of `keys` (32 raw bytes each) signed.

    Raises CodeRefused, whatever the text is: `shape`, not one of ours; `key`, signed by none of the keys; `claims`,
    signed, but not what this version says.
    """
    message = _message(text)
    public = next((key for key in keys if key_id(key) == message.key_id), None)
    if public is None:
        raise CodeRefused("key")
    try:
        message.verify(public)
    except CoseRefused as error:
        raise CodeRefused("key") from error
    try:
        return _code(decoded(message.payload))
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, OSError) as error:
        raise CodeRefused("claims") from error


def _message(text: str) -> Sign1:
    if len(text) > MOST_CHARACTERS or not text.startswith(PREFIX):
        raise CodeRefused("shape")
    try:
        return read(base45.decode(text.removeprefix(PREFIX)))
    except ValueError as error:
        raise CodeRefused("shape") from error


def _packed(origin: CodeOrigin) -> list[Any]:
    place: int | str = int(origin.place) if origin.place.isdigit() and len(origin.place) == 5 else origin.place
    return [ORIGIN_KINDS.index(origin.kind), place, origin.share]


def _code(value: Any) -> Code:
    if set(value) != {ISSUER, ISSUED_AT, TOKEN, CLAIMS}:
        raise ValueError("other claims than this version's")
    claims: Mapping[int, Any] = value[CLAIMS]
    if not {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12} <= set(claims) <= set(range(1, 13)):
        raise ValueError("other members than this version's")
    token, table = value[TOKEN], claims[9]
    if not isinstance(token, bytes) or len(token) != BYTES or not isinstance(table, bytes) or len(table) != 32:
        raise ValueError("token and digest have their lengths")
    return Code(
        site=_text(value[ISSUER]), issued_at=datetime.fromtimestamp(_number(value[ISSUED_AT]), UTC),
        token=text_of(token), kind=KIND_OF_CODE[claims[1]], number=_number(claims[2]), issuer=_text(claims[3]),
        mineral=_text(claims[4]), quantity=_number(claims[5]),
        fineness=_number(claims[6]) if 6 in claims else None, municipality=_place(claims[7]),
        accreditation=ACCREDITATIONS[_number(claims[11])], origins=tuple(_origin(row) for row in claims[8]),
        origins_in_all=_number(claims[12]), digest=table, status=_number(claims[10]),
    )  # fmt: skip


def _origin(row: Any) -> CodeOrigin:
    kind, place, share = row
    return CodeOrigin(ORIGIN_KINDS[_number(kind)], _place(place), _number(share))


def _place(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    return f"{_number(value):05d}" if value else ""


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a whole number is due")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100 or not value.isprintable():
        raise ValueError("a short printable text is due")
    return value
