"""Identities at rest: numbers, names and contacts encrypted; documents found by a keyed hash (ADR 0041).

AES-256-GCM with a random nonce for each value. The associated data names table, column and actor, so that a ciphertext
moved to another row, column or person does not open.
"""

import hmac
import os
import unicodedata
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.kernel.identity import Document
from veta.storage.keys import KeyRefused, key_of

_SCHEME = b"\x01"
_NONCE = 12
_SEPARATOR = "\x1f"


def hmac_of(document: Document) -> bytes:
    """The 32 bytes by which a document is looked up; without the key nobody can try the ten million known numbers."""
    return _keyed("veta-document-v1", document.type, document.number)


def hmac_of_source_name(source: str, name: str) -> bytes:
    """The key by which a source without documents names an actor; case, accents' form and blanks do not count."""
    return _keyed("veta-source-name-v1", source, " ".join(unicodedata.normalize("NFC", name).upper().split()))


def _keyed(*parts: str) -> bytes:
    return hmac.digest(key_of("lookup"), _SEPARATOR.join(parts).encode(), "sha256")


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _associated(table: str, column: str, row: UUID) -> bytes:
    return f"{table}|{column}|{row}".encode()


def encrypt(text: str, *, table: str, column: str, actor: UUID) -> bytes:
    """Scheme byte, 12-byte nonce, ciphertext and tag; the same text never gives the same bytes twice."""
    return seal(text.encode(), table=table, column=column, row=actor)


def decrypt(sealed: bytes, *, table: str, column: str, actor: UUID) -> str:
    """The text that was encrypted for this very table, column and actor. Raises KeyRefused for anything else."""
    return unseal(sealed, table=table, column=column, row=actor).decode()


def seal(plain: bytes, *, table: str, column: str, row: UUID) -> bytes:
    """Bytes encrypted for one row of a table, as `encrypt` does a text for one actor."""
    nonce = os.urandom(_NONCE)
    return _SCHEME + nonce + _cipher(key_of("identity")).encrypt(nonce, plain, _associated(table, column, row))


def unseal(sealed: bytes, *, table: str, column: str, row: UUID) -> bytes:
    """The bytes that were sealed for this very table, column and row. Raises KeyRefused for anything else."""
    sealed = bytes(sealed)
    try:
        if sealed[:1] != _SCHEME:
            raise InvalidTag
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        return _cipher(key_of("identity")).decrypt(nonce, body, _associated(table, column, row))
    except (InvalidTag, ValueError):
        raise KeyRefused(
            "Un dato de identidad no abre: la clave no es la suya o la fila fue alterada. Restaure la clave de su copia"
            " y avise a quien administra la plataforma."
        ) from None
