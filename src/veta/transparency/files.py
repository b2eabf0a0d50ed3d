"""The log's tiles as files, laid out as they are addressed, so that any server of files or bucket can serve them.

Each is written beside its place, synchronised and renamed: a reader finds a tile whole or not at all, after a power cut
too. They hold nothing that the database does not: `veta log rebuild` makes them anew.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from veta.transparency.domain.proofs import Subtree, complete_subtrees
from veta.transparency.domain.tiles import ENTRIES, HEIGHT, WIDTH, Tile

CHECKPOINT = "checkpoint"
# Synchronising waits for the disk: several at once share its journal.
WRITERS = 8


def directory() -> Path:
    """Where this deployment keeps its tiles: VETA_LOG_DIR, else VETA_HOME/log."""
    return Path(os.environ.get("VETA_LOG_DIR") or Path(settings.VETA_HOME) / "log")


class TileFiles:
    """The tiles of one log under a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, tiles: Mapping[Tile, bytes]) -> None:
        """Put tiles in their places; on return all of them would outlive a power cut. Raises OSError."""
        self._write({self.root / tile.path: data for tile, data in tiles.items()})

    def write_checkpoint(self, note: str) -> None:
        """Put the checkpoint where it is served as a file."""
        self._write({self.root / CHECKPOINT: note.encode()})

    def _write(self, files: Mapping[Path, bytes]) -> None:
        made = _make_directories({path.parent for path in files})
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(_write_one, files, files.values()))
            list(pool.map(_synchronise, made | {path.parent for path in files}))

    def read(self, tile: Tile) -> bytes | None:
        """A tile of exactly this width, out of its own file or of a wider one's; None where there is none."""
        step = _bytes_each(tile)
        for candidate in (tile, Tile(tile.level, tile.number)):
            data = _read(self.root / candidate.path)
            if data is not None:
                return data[: tile.width * step]
        wider = [width for width in self._partials(tile) if width > tile.width]
        data = _read(self.root / tile._replace(width=min(wider)).path) if wider else None
        return data[: tile.width * step] if data is not None else None

    def _partials(self, tile: Tile) -> list[int]:
        folder = (self.root / tile._replace(width=1).path).parent
        try:
            return [int(name) for name in os.listdir(folder) if name.isascii() and name.isdigit()]
        except FileNotFoundError:
            return []

    def prune(self, tiles: Iterable[Tile]) -> None:
        """Remove what was kept of these tiles while they were partial: they are full, and published."""
        for tile in tiles:
            folder = self.root / tile._replace(width=1).path
            shutil.rmtree(folder.parent, ignore_errors=True)

    def subtrees(self, size: int) -> Subtree:
        """Complete subtrees' hashes in the tree of `size`, each tile read once. LookupError: a tile is missing."""
        read: dict[tuple[int, int], tuple[tuple[bytes, ...], ...]] = {}

        def subtree(height: int, index: int) -> bytes:
            level, rest = divmod(height, HEIGHT)
            number, offset = divmod(index << rest, WIDTH)
            if (level, number) not in read:
                width = min(WIDTH, (size >> HEIGHT * level) - number * WIDTH)
                data = self.read(Tile(level, number, width))
                if data is None or len(data) != width * 32:
                    raise LookupError(f"no tile {Tile(level, number, width).path}")
                read[level, number] = complete_subtrees(data)
            return read[level, number][rest][offset >> rest]

        return subtree


def _bytes_each(tile: Tile) -> int:
    return 34 if tile.level == ENTRIES else 32


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _write_one(path: Path, data: bytes) -> None:
    descriptor, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.rename(part, path)
    except BaseException:
        _forget(lambda: os.unlink(part))
        raise


def _forget(remove: Callable[[], None]) -> None:
    try:
        remove()
    except OSError:
        return


def _make_directories(wanted: set[Path]) -> set[Path]:
    """Make what is missing; returns the directories that got a new one, to be synchronised."""
    touched: set[Path] = set()
    for path in wanted:
        missing = []
        while not path.is_dir():
            missing.append(path)
            path = path.parent
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            touched.add(each.parent)
    return touched


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
