"""The tree of the log as tiles (C2SP tlog-tiles) of 256 hashes, and its right edge, which is all it needs to grow.

A tile at level L holds the hashes of subtrees of 256^L entries; a full tile's root is one hash of the level above. Only
the last tile of each level can be partial. Entries travel in bundles: each with its length in two bytes before it.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from veta.transparency.domain import HASH_BYTES

HEIGHT = 8
WIDTH = 1 << HEIGHT
EMPTY_ROOT = sha256(b"").digest()
ENTRIES = -1  # the level under the leaves' hashes: the entries themselves


class Tile(NamedTuple):
    """Which tile: `level` from 0 (leaf hashes) up, or ENTRIES; `number` in its level; `width` of 1 to 256 hashes."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its address under the log's prefix: «tile/1/x001/x234/067.p/8», «tile/entries/000»."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{name}" + (f".p/{self.width}" if self.width < WIDTH else "")


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry in the tree: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over subtree hashes, in order, at least one; the last may be of a smaller subtree than the rest."""
    level = list(hashes)
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as tlog-tiles serves them: each after its length in two bytes, most significant first."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def entries_of(data: bytes) -> list[bytes]:
    """The entries of a bundle. ValueError where it is cut, or holds one that is not 32 bytes long."""
    step = 2 + HASH_BYTES
    if len(data) % step or any(data[at : at + 2] != b"\x00\x20" for at in range(0, len(data), step)):
        raise ValueError("a bundle of this log holds entries of 32 bytes")
    return [data[at + 2 : at + step] for at in range(0, len(data), step)]


def hashes_of(data: bytes) -> list[bytes]:
    """The hashes of a tile. ValueError where it is cut."""
    if len(data) % HASH_BYTES:
        raise ValueError("a tile is cut")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def partial_tiles(size: int) -> list[Tile]:
    """The partial tiles of a tree of `size` leaves, its bundle of entries first."""
    found = []
    for level in range(64 // HEIGHT):
        if width := (size >> HEIGHT * level) % WIDTH:
            found.append(Tile(level, size >> HEIGHT * (level + 1), width))
    return [Tile(ENTRIES, t.number, t.width) for t in found if t.level == 0] + found


class Edge:
    """The right edge of the tree: what its partial tiles hold. It grows by entries and gives the tiles they fill."""

    def __init__(self) -> None:
        self.size = 0
        self._entries: list[bytes] = []
        self._levels: list[list[bytes]] = []

    def copy(self) -> "Edge":
        """Another edge that grows by itself."""
        made = Edge()
        made.size, made._entries = self.size, list(self._entries)
        made._levels = [list(level) for level in self._levels]
        return made

    def extend(self, entries: Sequence[bytes]) -> dict[Tile, bytes]:
        """Take entries, in their order; returns the tiles and bundles that are full now and were not before."""
        full: dict[Tile, bytes] = {}
        waiting, first = self._entries + list(entries), self.size >> HEIGHT
        whole = len(waiting) // WIDTH
        for number in range(whole):
            full[Tile(ENTRIES, first + number)] = bundle(waiting[number * WIDTH : (number + 1) * WIDTH])
        self._entries = waiting[whole * WIDTH :]
        self._add(0, [leaf_hash(entry) for entry in entries], full)
        self.size += len(entries)
        return full

    def _add(self, level: int, hashes: list[bytes], full: dict[Tile, bytes]) -> None:
        if level == len(self._levels):
            self._levels.append([])
        waiting, first = self._levels[level] + hashes, self.size >> HEIGHT * (level + 1)
        chunks = [waiting[at : at + WIDTH] for at in range(0, len(waiting) - WIDTH + 1, WIDTH)]
        full |= {Tile(level, first + number): b"".join(chunk) for number, chunk in enumerate(chunks)}
        self._levels[level] = waiting[len(chunks) * WIDTH :]
        if chunks:
            self._add(level + 1, [root_of(chunk) for chunk in chunks], full)

    def partial(self) -> dict[Tile, bytes]:
        """The partial tiles at this size, and the partial bundle of entries."""
        held = {ENTRIES: bundle(self._entries), **{n: b"".join(level) for n, level in enumerate(self._levels)}}
        return {tile: held[tile.level] for tile in partial_tiles(self.size)}

    def root(self) -> bytes:
        """The root of the tree at this size."""
        last: list[bytes] = []
        for level in self._levels:
            if level or last:
                last = [root_of(level + last)]
        return last[0] if last else EMPTY_ROOT
