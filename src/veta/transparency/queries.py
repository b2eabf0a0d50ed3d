"""Reads of the log: its numbering, its checkpoint and keys, and proofs."""

import re
from dataclasses import dataclass
from typing import Any

import psycopg

from veta.storage.connection import plain_cursor
from veta.transparency.domain.proofs import consistency, inclusion, tlog_proof
from veta.transparency.domain.tiles import ENTRIES, WIDTH, Tile
from veta.transparency.files import TileFiles, directory
from veta.transparency.integrate import prefix_of
from veta.transparency.keys import every_key

Cursor = psycopg.Cursor[Any]

_NUMBERING = """
SELECT (SELECT coalesce(sum(size), 0) FROM transparency_group), count(*), coalesce(sum(size), 0),
    count(*) FILTER (WHERE first_index <> before)
FROM (
    SELECT size, first_index, lag(end_index, 1, 0::bigint) OVER (ORDER BY first_index) AS before
    FROM transparency_log_group
) AS numbered
"""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The whole log at a glance: leaves committed, groups and leaves that have numbers, and gaps between groups."""

    committed: int
    groups: int
    numbered: int
    gaps: int


def numbering(cursor: Cursor) -> Numbering:
    """How the numbering stands; it reads every group, so it is for checks and not for requests."""
    row = cursor.execute(_NUMBERING).fetchone()
    assert row is not None
    return Numbering(*map(int, row))


_PLACE = re.compile(r"(?P<n>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<w>[1-9][0-9]{0,2}))?")
_SERVED = """
SELECT c.size, c.note || coalesce((
    SELECT string_agg(s.line, '' ORDER BY s.witness) FROM transparency_cosignature AS s WHERE s.checkpoint_id = c.size
), '') FROM transparency_head AS h JOIN transparency_checkpoint AS c ON c.size = h.published
"""
# One question for a whole proof: each question more waits for the processor twice.
_FOUND = """
SELECT c.size, c.note || coalesce((
    SELECT string_agg(s.line, '' ORDER BY s.witness) FROM transparency_cosignature AS s WHERE s.checkpoint_id = c.size
), ''), (
    SELECT i.index FROM transparency_leaf_index AS i
    CROSS JOIN LATERAL (
        SELECT n.group_id, n.first_index FROM transparency_log_group AS n
        WHERE n.first_index <= i.index ORDER BY n.first_index DESC LIMIT 1
    ) AS n JOIN transparency_group AS g ON g.id = n.group_id
    WHERE i.prefix = %s AND i.index < c.size
        AND substring(g.leaves FROM (i.index - n.first_index)::int * 32 + 1 FOR 32) = %s
    ORDER BY i.index LIMIT 1
) FROM transparency_head AS h JOIN transparency_checkpoint AS c ON c.size = h.published
"""
_INDEX_OF = """
SELECT n.first_index + %s FROM transparency_log_group AS n WHERE n.group_id = %s AND %s < n.size
"""


@dataclass(frozen=True, slots=True)
class Served:
    """The checkpoint that is served: its size, and the signed note with the witnesses' cosignatures."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf is in the tree of a checkpoint; `text` is the whole as C2SP tlog-proof writes it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Served

    @property
    def text(self) -> str:
        return tlog_proof(self.index, self.path, self.checkpoint.note)


def checkpoint(cursor: Cursor | None = None) -> Served | None:
    """The checkpoint that is served now; None before the publisher's first round."""
    row = (cursor or plain_cursor()).execute(_SERVED, prepare=True).fetchone()
    return Served(int(row[0]), row[1]) if row is not None else None


def proof(leaf: bytes, cursor: Cursor | None = None) -> Proof | None:
    """The proof of a leaf (the 32 bytes of a receipt) in the checkpoint that is served now; None where it is not there.

    Raises LookupError where a tile is missing.
    """
    given = (prefix_of(leaf), leaf)
    row = (cursor or plain_cursor()).execute(_FOUND, given, prepare=True, binary=True).fetchone()
    if row is None or row[2] is None:
        return None
    return _proof(int(row[2]), Served(int(row[0]), row[1]))


def proof_at(group: int, position: int, cursor: Cursor | None = None) -> Proof | None:
    """The proof of the leaf at `position` of a group, as a verdict names it; None while it is not in the checkpoint."""
    cursor = cursor or plain_cursor()
    served = checkpoint(cursor)
    row = cursor.execute(_INDEX_OF, (position, group, position), prepare=True).fetchone()
    if served is None or row is None or row[0] >= served.size:
        return None
    return _proof(int(row[0]), served)


def _proof(index: int, served: Served) -> Proof:
    path = inclusion(index, served.size, TileFiles(directory()).subtrees(served.size))
    return Proof(index, tuple(path), served)


def consistency_proof(old: int, new: int, cursor: Cursor | None = None) -> list[bytes] | None:
    """PROOF(old, D[new]) of RFC 6962 between two sizes up to the checkpoint's; None where they are not.

    Raises LookupError where a tile is missing.
    """
    served = checkpoint(cursor)
    if served is None or not 0 <= old <= new <= served.size:
        return None
    return consistency(old, new, TileFiles(directory()).subtrees(new))


def log_keys() -> list[str]:
    """The vkeys (C2SP signed-note) of every key that the log ever signed with, oldest first: what a verifier trusts."""
    return every_key()


def tile(level: str, place: str) -> bytes | None:
    """A tile or bundle by its address under `tile/`: `level` a number or «entries», `place` as tlog-tiles writes it.

    None where the address is written in another way or the published tree has no such tile.
    """
    match = _PLACE.fullmatch(place)
    if match is None or not (level == "entries" or (level.isascii() and level.isdigit() and len(level) < 3)):
        return None
    number = int("".join(part.removeprefix("x") for part in match["n"].split("/")))
    asked = Tile(ENTRIES if level == "entries" else int(level), number, int(match["w"] or WIDTH))
    return TileFiles(directory()).read(asked) if asked.path == f"tile/{level}/{place}" else None
