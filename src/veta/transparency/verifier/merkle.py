"""RFC 6962 §2.1 a second time: a tree that only grows, its root at any size it passes, and proofs checked."""

import hashlib
from collections.abc import Iterable, Sequence

NOTHING = hashlib.sha256().digest()


def of_entry(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def of_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree as the stack of its complete subtrees, largest first: what MTH needs and no more."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        self._subtrees.append(leaf)
        self.size += 1
        rest = self.size
        while rest % 2 == 0:
            right = self._subtrees.pop()
            self._subtrees[-1] = of_pair(self._subtrees[-1], right)
            rest //= 2

    def root(self) -> bytes:
        """MTH of what was added."""
        if not self._subtrees:
            return NOTHING
        node = self._subtrees[-1]
        for larger in self._subtrees[-2::-1]:
            node = of_pair(larger, node)
        return node


def mth(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """RFC 9162 §2.1.3.2: the root that an inclusion path leads to; None where it has not the path's length."""
    if index >= size:
        return None
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            node = of_pair(sibling, node)
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            node = of_pair(node, sibling)
        place, last = place // 2, last // 2
    return node if last == 0 else None


def follows(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 6962 §2.1.2, by its definition read backwards: whether the proof rebuilds both roots."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == NOTHING
    try:
        before, after, rest = _rebuilt(old, new, proof, old_root, whole=True)
    except IndexError:
        return False
    return not rest and before == old_root and after == new_root


def _rebuilt(old: int, new: int, proof: list[bytes], known: bytes, *, whole: bool) -> tuple[bytes, bytes, list[bytes]]:
    """Both roots of SUBPROOF(old, new, whole), and what of the proof is left."""
    if old == new:
        return (known, known, proof) if whole else (proof[0], proof[0], proof[1:])
    half = 1
    while half * 2 < new:
        half *= 2
    if old <= half:
        before, left, rest = _rebuilt(old, half, proof, known, whole=whole)
        return before, of_pair(left, rest[0]), rest[1:]
    before, right, rest = _rebuilt(old - half, new - half, proof, known, whole=False)
    return of_pair(rest[0], before), of_pair(rest[0], right), rest[1:]
