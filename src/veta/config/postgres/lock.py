"""A lock between processes on one file; the kernel lets it go when its holder dies."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def held(path: Path, *, waiting: Callable[[], None] = lambda: None, every: float = 5.0) -> Iterator[None]:
    """Hold the lock of `path`; `waiting` is called every so many seconds while another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told = time.monotonic()
        while not _taken(descriptor):
            if time.monotonic() - told > every:
                told = time.monotonic()
                waiting()
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
