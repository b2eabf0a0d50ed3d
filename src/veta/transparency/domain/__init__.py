"""Leaves, groups and receipts: what ties a verdict to the public log, and what a party can check alone (ADR 0064).

A leaf is SHA-256("veta-leaf-v1" ‖ salt ‖ RFC 8785 of {item, request_digest, signature, verdict}); digest and signature
stand there as base64 text (RFC 4648 §4, with padding), an act without an operator's signature has the empty text. These
32 bytes are the log's entry: its hash in a tree is SHA-256(0x00 ‖ entry), a node is SHA-256(0x01 ‖ left ‖ right) (RFC
6962 §2.1). A receipt is one signature over "veta-receipt-v1\\n" and the root of the leaves of a group; with its leaf's
index, the group's size and the path, whoever holds the salt and both documents can tie them to that signature.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SALT_BYTES = 16
HASH_BYTES = 32
_LEAF = b"veta-leaf-v1"
_ACT = b"veta-act-v1"
_ROWS = b"veta-rows-v3"
_RECEIPT = b"veta-receipt-v1\n"


def leaf(*, salt: bytes, item_canonical: bytes, verdict: bytes, request_digest: bytes, signature: bytes) -> bytes:
    """The 32 bytes that commit to an item, its verdict and who asked for it, and reveal none of them.

    `salt`: 16 random bytes of this item alone (a fixed length, so that no byte of it can be taken for the document).
    `item_canonical`, `verdict`: RFC 8785 bytes. `request_digest`: the raw SHA-256 of the request's body. `signature`:
    the operator's raw signature, or nothing. ValueError on a salt or digest of another length.
    """
    if len(salt) != SALT_BYTES or len(request_digest) != HASH_BYTES:
        raise ValueError("a leaf takes a salt of 16 bytes and a digest of 32")
    digest, signed = b64encode(request_digest), b64encode(signature)
    document = b'{"item":%b,"request_digest":"%b","signature":"%b","verdict":%b}'
    return sha256(_LEAF + salt + document % (item_canonical, digest, signed, verdict)).digest()


def act_leaf(*, salt: bytes, document: bytes) -> bytes:
    """The leaf of an act of the authority: SHA-256("veta-act-v1" ‖ salt ‖ RFC 8785 of the act with its row)."""
    return _salted(_ACT, salt, document)


def rows_leaf(*, salt: bytes, document: bytes) -> bytes:
    """The leaf over what a group wrote: SHA-256("veta-rows-v3" ‖ salt ‖ RFC 8785 of {digests, group})."""
    return _salted(_ROWS, salt, document)


def _salted(kind: bytes, salt: bytes, document: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError("a leaf takes a salt of 16 bytes")
    return sha256(kind + salt + document).digest()


class GroupTree:
    """The Merkle tree of a group's leaves, in their order; at least one."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves or any(len(entry) != HASH_BYTES for entry in leaves):
            raise ValueError("a group has at least one leaf, each of 32 bytes")
        level = [sha256(b"\x00" + entry).digest() for entry in leaves]
        self._levels = [level]
        while len(level) > 1:
            # A last node without a sibling rises as it is: the RFC's split at the largest power of two, from below.
            above = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            level = above + level[len(above) * 2 :]
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The group's root: what the receipt signs."""
        return self._levels[-1][0]

    def path(self, index: int) -> list[bytes]:
        """The audit path of the leaf at `index` (from 0), from its sibling up; empty for a group of one."""
        if not 0 <= index < len(self._levels[0]):
            raise IndexError("no leaf at that place of the group")
        path = []
        for level in self._levels[:-1]:
            if (sibling := index ^ 1) < len(level):
                path.append(level[sibling])
            index >>= 1
        return path


def root_from(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that `path` leads to from the leaf at `index` of `size`; ValueError on a path of another length."""
    if not 0 <= index < size:
        raise ValueError("the index is outside the group")
    node, last, rest = sha256(b"\x00" + leaf).digest(), size - 1, list(path)
    while last:
        if index & 1 or index < last:
            if not rest:
                raise ValueError("the path is too short")
            sibling = rest.pop(0)
            node = _node(sibling, node) if index & 1 else _node(node, sibling)
        index, last = index >> 1, last >> 1
    if rest:
        raise ValueError("the path is too long")
    return node


def receipt_message(root: bytes) -> bytes:
    """What the hub signs for a group: "veta-receipt-v1\\n" and the 32 bytes of the root."""
    if len(root) != HASH_BYTES:
        raise ValueError("a root has 32 bytes")
    return _RECEIPT + root


def verify_receipt(
    leaf: bytes, *, index: int, size: int, path: Sequence[bytes], signature: bytes, public_key: bytes
) -> bool:
    """Whether the hub's key (32 raw bytes, Ed25519) signed the group of which `leaf` is number `index` of `size`."""
    try:
        root = root_from(leaf, index=index, size=size, path=path)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, receipt_message(root))
    except (InvalidSignature, ValueError):
        return False
    return True


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
