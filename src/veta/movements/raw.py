"""The words of each item, sealed under a key of their own: erasing one leaves the others, and the log, as they were."""

from __future__ import annotations

import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.storage.keys import key_of

SEED_BYTES = 32
_NONCE = bytes(12)  # each key seals one text, once


def seal(raw: bytes) -> tuple[bytes, bytes]:
    """Seal an item's bytes.

    Returns (key seed, ciphertext): the key is derived from the hub's own and this seed, so that whoever destroys the
    seed destroys the words, and whoever steals the database alone reads none.
    """
    seed = os.urandom(SEED_BYTES)
    return seed, AESGCM(_key(seed)).encrypt(_NONCE, raw, None)


def unseal(seed: bytes, ciphertext: bytes) -> bytes:
    """The item's bytes as received. Raises cryptography's InvalidTag where seed, key or ciphertext were altered."""
    return AESGCM(_key(seed)).decrypt(_NONCE, ciphertext, None)


def _key(seed: bytes) -> bytes:
    return hmac.digest(key_of("items"), b"veta-item-v1" + seed, "sha256")
