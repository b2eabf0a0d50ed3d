"""The words of each item, sealed under a key of their own: erasing one leaves the others, and the log, as they were."""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veta.storage.keys import key_of

SEED_BYTES = 32
_NONCE = bytes(12)  # each key seals one text, once


def seal(texts: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """Seal the bytes of items.

    Returns (key seed, ciphertext) of each: the key is derived from the hub's own and this seed, so that whoever
    destroys the seed destroys the words, and whoever steals the database alone reads none.
    """
    master, random = key_of("items"), os.urandom(SEED_BYTES * len(texts))
    seeds = [random[at : at + SEED_BYTES] for at in range(0, len(random), SEED_BYTES)]
    return [
        (seed, AESGCM(_key(master, seed)).encrypt(_NONCE, text, None)) for seed, text in zip(seeds, texts, strict=True)
    ]


def unseal(seed: bytes, ciphertext: bytes) -> bytes:
    """The item's bytes as received. Raises cryptography's InvalidTag where seed, key or ciphertext were altered."""
    return AESGCM(_key(key_of("items"), seed)).decrypt(_NONCE, ciphertext, None)


def _key(master: bytes, seed: bytes) -> bytes:
    return hmac.digest(master, b"veta-item-v1" + seed, "sha256")
