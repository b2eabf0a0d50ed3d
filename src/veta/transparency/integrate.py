"""The integrator: numbered leaves become tiles, the head moves, and the log signs it (ADR 0067).

In this order: tiles to the disk; the root computed again from what is stored there; one transaction that moves the head
by compare-and-swap, signs and keeps the checkpoint. Nothing signed leaves before it is committed, and one size has one
checkpoint by its primary key, so that whoever is cut off, or runs twice, never shows two trees.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from veta.kernel.errors import DomainError
from veta.transparency.domain.notes import Checkpoint, Signer
from veta.transparency.domain.tiles import EMPTY_ROOT, ENTRIES, HEIGHT, WIDTH, Edge, Tile, entries_of
from veta.transparency.files import TileFiles

MOST_AT_ONCE = 1 << 16
REMEDY = "Ejecute «veta log verify --database», que nombra lo alterado, antes de hacer nada más."
Session = psycopg.Connection[Any]

_END = "SELECT coalesce(max(end_index), 0) FROM transparency_log_group"
_HEAD = "SELECT size, root, published FROM transparency_head"
_ENTRIES = """
SELECT n.first_index, g.leaves FROM transparency_log_group AS n JOIN transparency_group AS g ON g.id = n.group_id
WHERE n.first_index >= (
    SELECT first_index FROM transparency_log_group WHERE end_index > %s ORDER BY end_index LIMIT 1
) AND n.first_index < %s ORDER BY n.first_index
"""
_MOVE = "UPDATE transparency_head SET size = %s, root = %s WHERE size = %s AND root = %s"
_KEEP = "INSERT INTO transparency_checkpoint (size, previous, root, note) VALUES (%s, %s, %s, %s)"
_INDEX = "COPY transparency_leaf_index (prefix, index) FROM STDIN (FORMAT BINARY)"

log = logging.getLogger(__name__)


class LogBroken(DomainError):
    """What is stored does not give the tree that was signed: the log signs nothing more until somebody looked."""

    code = "LOG-001"


class HeadMoved(Exception):
    """Somebody else moved the head meanwhile."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the tree goes, and how far what is served."""

    size: int
    root: bytes
    published: int


@dataclass(slots=True)
class Integrator:
    """The tree's right edge in memory, over the session's database and the files."""

    session: Session
    files: TileFiles
    signers: Sequence[Signer]
    edge: Edge = field(default_factory=Edge)

    def load(self, head: Head) -> None:
        """Compute the whole tree from the stored entries. LogBroken where it is not the tree of the head."""
        self.edge = Edge()
        for chunk in read_entries(self.session, 0, head.size):
            self.edge.extend(chunk)
        if (self.edge.size, self.edge.root()) != (head.size, head.root):
            raise LogBroken(f"Las hojas guardadas hasta {head.size} no dan la raíz firmada. {REMEDY}")

    def step(self) -> int:
        """Integrate what was numbered and sign the new head; how many leaves it took in.

        Raises LogBroken and HeadMoved. Effects: tiles, the head, a checkpoint; nothing is published yet.
        """
        head, end = read_head(self.session), numbered(self.session)
        if (self.edge.size, self.edge.root()) != (head.size, head.root):
            raise HeadMoved
        end = min(end, head.size + MOST_AT_ONCE)
        if end == head.size and (end or has_checkpoint(self.session, 0)):
            return 0
        entries = [entry for chunk in read_entries(self.session, head.size, end) for entry in chunk]
        if len(entries) != end - head.size:
            raise LogBroken(f"Se numeraron {end - head.size} hojas y hay {len(entries)}. {REMEDY}")
        grown = self.edge.copy()
        full = grown.extend(entries)
        self.files.write({**full, **grown.partial()})
        root = self._root_stored(grown.size, len(entries))
        if root != grown.root():
            raise LogBroken(f"Los archivos hasta {grown.size} no dan la raíz de sus hojas. {REMEDY}")
        self._move(head, Checkpoint(self.signers[0].name, grown.size, root), entries)
        self.edge = grown
        return len(entries)

    def _root_stored(self, size: int, added: int) -> bytes:
        """The root by the entries as the files hold them now, over the edge that the last head was signed with."""
        again, at = self.edge.copy(), size - added
        if size == 0:
            return EMPTY_ROOT
        for number in range(at >> HEIGHT, (size - 1 >> HEIGHT) + 1):
            width = min(WIDTH, size - number * WIDTH)
            stored = entries_of(self.files.read(Tile(ENTRIES, number, width)) or b"")
            if len(stored) != width:
                raise LogBroken(f"El archivo de hojas {number} no se guardó. {REMEDY}")
            full = again.extend(stored[again.size - number * WIDTH :])
            self._compare(full)
        self._compare(again.partial())
        return again.root()

    def _compare(self, tiles: dict[Tile, bytes]) -> None:
        for tile, data in tiles.items():
            if self.files.read(tile) != data:
                raise LogBroken(f"{tile.path} no se guardó como se calculó. {REMEDY}")

    def _move(self, head: Head, checkpoint: Checkpoint, entries: Sequence[bytes]) -> None:
        with self.session.transaction(), self.session.cursor() as cursor:
            cursor.execute(_MOVE, (checkpoint.size, checkpoint.root, head.size, head.root))
            if cursor.rowcount != 1:
                raise HeadMoved
            note = checkpoint.text + "\n" + "".join(signer.line(checkpoint.text) for signer in self.signers)
            previous = head.size if has_checkpoint(self.session, head.size) else None
            cursor.execute(_KEEP, (checkpoint.size, previous, checkpoint.root, note))
            index(cursor, entries, first=head.size)


def index(cursor: psycopg.Cursor[Any], entries: Sequence[bytes], *, first: int) -> None:
    """Note where entries stand, for whoever asks by leaf."""
    with cursor.copy(_INDEX) as copying:
        copying.set_types(("int8", "int8"))
        for number, entry in enumerate(entries, start=first):
            copying.write_row((prefix_of(entry), number))


def prefix_of(entry: bytes) -> int:
    """The first eight bytes of an entry, as PostgreSQL's signed integer."""
    return int.from_bytes(entry[:8], "big", signed=True)


def read_head(session: Session) -> Head:
    """The head's row."""
    row = session.execute(_HEAD).fetchone()
    assert row is not None
    return Head(row[0], bytes(row[1]), row[2])


def numbered(session: Session) -> int:
    """How many leaves have a number."""
    row = session.execute(_END).fetchone()
    assert row is not None
    return int(row[0])


def has_checkpoint(session: Session, size: int) -> bool:
    """Whether the tree of that size was signed."""
    return session.execute("SELECT FROM transparency_checkpoint WHERE size = %s", (size,)).fetchone() is not None


def read_entries(session: Session, start: int, end: int) -> Iterator[list[bytes]]:
    """The stored entries from `start` to just before `end`, in the log's order, some at a time."""
    at = start
    while at < end:
        stop, chunk = min(end, at + MOST_AT_ONCE), []
        for first, leaves in session.execute(_ENTRIES, (at, stop), binary=True):
            own = [leaves[place : place + 32] for place in range(0, len(leaves), 32)]
            chunk += own[max(0, at - first) : stop - first]
        if not chunk:
            return
        yield chunk
        at += len(chunk)
