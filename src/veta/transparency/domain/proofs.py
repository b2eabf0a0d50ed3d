"""Proofs of RFC 6962 §2.1 over any source of subtree hashes: an entry is in a tree, a tree continues another."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache

from veta.transparency.domain.tiles import EMPTY_ROOT, hashes_of, node_hash

# The hash of the complete subtree of 2^height leaves that is number `index` of its height.
Subtree = Callable[[int, int], bytes]

PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def tree_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """The root over the leaves from `start` to just before `end`, where `start` is a multiple of the size's power."""
    if start == end:
        return EMPTY_ROOT
    parts = []
    while start < end:
        height = (end - start).bit_length() - 1
        parts.append(subtree(height, start >> height))
        start += 1 << height
    return _folded(parts)


def _folded(parts: list[bytes]) -> bytes:
    """Complete subtrees from the largest down, hashed together from the right."""
    node = parts[-1]
    for left in reversed(parts[:-1]):
        node = node_hash(left, node)
    return node


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]) (§2.1.1), from the leaf's sibling up. ValueError where the tree has no such leaf."""
    if not 0 <= index < size:
        raise ValueError("the tree has no such leaf")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(tree_hash(middle, end, subtree))
            end = middle
        else:
            path.append(tree_hash(start, middle, subtree))
            start = middle
    return path[::-1]


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[new]) (§2.1.2); empty where `old` is nothing or all. ValueError where `new` is the smaller."""
    if not 0 <= old <= new:
        raise ValueError("a tree continues a smaller one")
    if old in (0, new):
        return []
    proof, start, end, whole = [], 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(tree_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(tree_hash(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        proof.append(tree_hash(start, end, subtree))
    return proof[::-1]


def continues(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves continues that of `old` by this proof (RFC 9162 §2.1.4.2)."""
    if old > new or (old in (0, new) and proof):
        return False
    if old in (0, new):
        return (old_root == EMPTY_ROOT) if old == 0 else old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, node)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def tlog_proof(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """A proof that anyone checks offline, as C2SP tlog-proof writes it: index, path, and the checkpoint verbatim."""
    lines = [PROOF_HEADER, f"index {index}", *(b64encode(node).decode() for node in path)]
    return "\n".join(lines) + "\n\n" + checkpoint


@lru_cache(maxsize=256)
def complete_subtrees(tile: bytes) -> tuple[tuple[bytes, ...], ...]:
    """The hashes of every complete subtree of a tile, by height: its own hashes at 0. ValueError where it is cut.

    Kept by content for the tiles that many proofs share: those above the leaves' are a few.
    """
    levels = [hashes_of(tile)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([node_hash(last[i], last[i + 1]) for i in range(0, len(last) - 1, 2)])
    return tuple(map(tuple, levels))
