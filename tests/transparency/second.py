"""A second implementation of RFC 6962 and of our leaf and receipt, written from the texts; shares no code with veta."""

import base64
import hashlib
import json
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519


def hash_of(entry: bytes) -> bytes:
    return hashlib.sha256(bytes([0]) + entry).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(bytes([1]) + left + right).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n (RFC 6962 §2.1)."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(entries: list[bytes]) -> bytes:
    """MTH(D[n])."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hash_of(entries[0])
    k = split(len(entries))
    return node_of(root(entries[:k]), root(entries[k:]))


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), root(entries[k:])]
    return [*path(m - k, entries[k:]), root(entries[:k])]


def climb(entry_hash: bytes, m: int, n: int, proof: list[bytes]) -> bytes:
    """The root that a proof leads to, by the definition of PATH read backwards."""
    if n == 1:
        if proof:
            raise ValueError("too long")
        return entry_hash
    if not proof:
        raise ValueError("too short")
    k = split(n)
    if m < k:
        return node_of(climb(entry_hash, m, k, proof[:-1]), proof[-1])
    return node_of(proof[-1], climb(entry_hash, m - k, n - k, proof[:-1]))


def leaf(salt: bytes, item: object, verdict: object, digest: bytes, signature: bytes) -> bytes:
    """For documents of ASCII keys and integers below 2**53, Python's own sorted and compact JSON is RFC 8785."""
    document = {
        "verdict": verdict,
        "signature": base64.standard_b64encode(signature).decode(),
        "request_digest": base64.standard_b64encode(digest).decode(),
        "item": item,
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"veta-leaf-v1" + salt + text.encode()).digest()


def receipt_holds(entry: bytes, m: int, n: int, proof: list[bytes], signature: bytes, public_key: bytes) -> bool:
    try:
        signed = b"veta-receipt-v1\n" + climb(hash_of(entry), m, n, proof)
        ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (ValueError, InvalidSignature):
        return False
    return True


def text_line(letter: str, *columns: str | None) -> bytes:
    """A row in the digests' first forms."""
    return "\x1f".join([letter, *("∅" if column is None else column for column in columns)]).encode()


def binary_line(letter: str, *columns: tuple[int, bytes | None]) -> bytes:
    """A row in the digests' third form: (type, bytes on the wire) of each column."""
    whole = [(25, letter.encode()), *columns]
    parts = [
        struct.pack(">Ii", kind, -1) if value is None else struct.pack(">Ii", kind, len(value)) + value
        for kind, value in whole
    ]
    return struct.pack(">i", len(whole)) + b"".join(parts)
