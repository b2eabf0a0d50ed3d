"""What names or numbers a person, at rest: encrypted for its own row, found by a keyed digest (ADR 0041).

AES-256-GCM with a random nonce for each value. The associated data names table, column and row, so that a ciphertext
moved to another row, column or person does not open.
"""

import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.kernel.identity import Document
from veta.storage.keys import KeyRefused, key_of

_SCHEME = b"\x01"
_NONCE = 12
_SEPARATOR = "\x1f"


def seal(plain: bytes, *, table: str, column: str, row: UUID | int | str) -> bytes:
    """Scheme byte, 12-byte nonce, ciphertext and tag; the same bytes never give the same ones twice."""
    return seal_under(key_of("identity"), plain, table=table, column=column, row=row)


def seal_under(key: bytes, plain: bytes, *, table: str, column: str, row: UUID | int | str) -> bytes:
    """The same, under a key that is not the one in use."""
    nonce = os.urandom(_NONCE)
    return _SCHEME + nonce + _cipher(key).encrypt(nonce, plain, _associated(table, column, row))


def unseal(sealed: bytes, *, table: str, column: str, row: UUID | int | str) -> bytes:
    """The bytes that were sealed for this very table, column and row. Raises KeyRefused for anything else."""
    return unseal_under(key_of("identity"), sealed, table=table, column=column, row=row)


def unseal_under(key: bytes, sealed: bytes, *, table: str, column: str, row: UUID | int | str) -> bytes:
    """The same, under a key that is not the one in use."""
    sealed = bytes(sealed)
    try:
        if sealed[:1] != _SCHEME:
            raise InvalidTag
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        return _cipher(key).decrypt(nonce, body, _associated(table, column, row))
    except (InvalidTag, ValueError):
        raise KeyRefused(
            "Un dato de identidad no abre: la clave no es la suya o la fila fue alterada. Restaure la clave de su copia"
            " y avise a quien administra la plataforma."
        ) from None


def hmac_of(document: Document) -> bytes:
    """The 32 bytes by which a document is looked up; without the key nobody can try the ten million known numbers."""
    return keyed("veta-document-v1", document.type, document.number)


def keyed(*parts: str) -> bytes:
    """The digest of texts under the key of look-ups; the first says what they are."""
    return hmac.digest(key_of("lookup"), _SEPARATOR.join(parts).encode(), "sha256")


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _associated(table: str, column: str, row: UUID | int | str) -> bytes:
    return f"{table}|{column}|{row}".encode()
