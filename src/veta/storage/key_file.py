"""Files of secrets: whole or not at all, readable by their owner only, never written over."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_new(path: Path, secret: bytes) -> None:
    """Write a secret (0600, in a directory of 0700) where no file is yet. Raises FileExistsError where one is.

    It is written beside its place and linked there when whole: nobody reads half a secret, and of two processes that
    write at once one wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    finally:
        os.unlink(part)


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret in a file, made by `make` the first time it is asked for: the same one for every process."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            write_new(path, make())
    return path.read_bytes()
