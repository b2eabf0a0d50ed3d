"""What is kept sealed under the identity key, bound to the row it is in."""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.storage.keys import key_of

_NONCE = 12


def seal(table: str, id: UUID, plain: bytes) -> bytes:
    """Nonce and ciphertext of what only that row of that table opens."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key_of("identity")).encrypt(nonce, plain, f"{table}|{id}".encode())


def unseal(table: str, id: UUID, sealed: bytes) -> bytes:
    """What was sealed. Raises InvalidTag for another row's or for what was changed."""
    return AESGCM(key_of("identity")).decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{table}|{id}".encode())
