"""What a leaf commits to, put together again from what is stored: docs/log.md says how."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SALT = 16


class Sealed(ValueError):
    """Words that do not open with the key and seed that are stored."""


def opened(items_key: bytes, seed: bytes, ciphertext: bytes) -> bytes:
    """An item's own bytes. Raises Sealed where key, seed or ciphertext are not theirs."""
    key = hmac.new(items_key, b"veta-item-v1" + seed, hashlib.sha256).digest()
    try:
        return AESGCM(key).decrypt(b"\x00" * 12, ciphertext, None)
    except (InvalidTag, ValueError) as cause:
        raise Sealed("sus palabras no abren") from cause


def item_form(raw: bytes, kind: str, subject: object) -> bytes:
    """The canonical form that the leaf covers: an answer to a pending movement says of which, and what kind it is."""
    value = json.loads(raw, parse_float=Decimal)
    if kind in ("confirmation", "withdrawal"):
        value = {**value, "kind": kind, "movement": str(subject)}
    return canonical(value)


def canonical(value: Any) -> bytes:
    """RFC 8785: by Python's own sorted JSON, six times faster and the same for text and integers in the basic plane."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except TypeError:  # a number with a fraction
        return rfc8785.dumps(json.loads(json.dumps(value, default=float)))
    return text.encode() if max(text) <= "\uffff" else rfc8785.dumps(value)


def claims(salt: bytes, item: bytes) -> tuple[bytes, bytes]:
    """What a movement's id may be claimed with: the digest of its words under their salt, or of old by itself."""
    plain = hashlib.sha256(item).digest()
    return hashlib.sha256(b"veta-claim-v1" + salt + plain).digest(), plain


def verdict_leaf(salt: bytes, item: bytes, verdict: bytes, digest: bytes, signature: bytes) -> bytes:
    """The leaf of a verdict."""
    parts = (b'{"item":', item, b',"request_digest":"', base64.b64encode(digest), b'","signature":"',
             base64.b64encode(signature), b'","verdict":', verdict, b"}")  # fmt: skip
    return hashlib.sha256(b"veta-leaf-v1" + salt + b"".join(parts)).digest()


def act_leaf(salt: bytes, document: dict[str, Any]) -> bytes:
    """The leaf of an act of the authority."""
    return hashlib.sha256(b"veta-act-v1" + salt + canonical(document)).digest()


def rows_leaf(salt: bytes, group: int, digests: bytes, *, form: int) -> bytes:
    """The leaf of what a group of movements wrote."""
    document = {"digests": base64.b64encode(digests).decode(), "group": str(group)}
    return hashlib.sha256(b"veta-rows-v%d" % form + salt + canonical(document)).digest()
