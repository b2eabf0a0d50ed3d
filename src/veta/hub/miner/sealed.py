"""Words of one size, under a key that the database does not have: a row says neither who, nor what, nor how much."""

import hmac
import os
from collections.abc import Mapping

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.storage.keys import key_of

SIZE = 1024
_NONCE = 12


def seal(words: Mapping[str, str], *, table: str) -> bytes:
    """Seal a small record of texts, filled up to 1,024 bytes. ValueError where it is larger."""
    plain = orjson.dumps(dict(words))
    if len(plain) > SIZE:
        raise ValueError(f"{len(plain)} bytes do not fit in {SIZE}")
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, plain.ljust(SIZE), table.encode())


def unseal(sealed: bytes | memoryview, *, table: str) -> dict[str, str]:
    """The record. Raises cryptography's InvalidTag where key, table or bytes are others."""
    sealed = bytes(sealed)
    words: dict[str, str] = orjson.loads(AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], table.encode()))
    return words


def _key() -> bytes:
    return hmac.digest(key_of("items"), b"veta-miner-answers-v1", "sha256")
