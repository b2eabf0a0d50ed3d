"""How the node's processes wake each other: PostgreSQL's own notices, and one process of a kind at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from veta.storage.connection import plain_connection

LOOK = 0.5


class Waker:
    """Waits for a notice on a channel, or for a time. A lost connection is only a wait without notices."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Waker:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def wait(self, seconds: float, told: threading.Event) -> None:
        """Return at the first notice, when told to end, or after so many seconds."""
        end = time.monotonic() + seconds
        while not told.is_set() and time.monotonic() < end:
            try:
                if self._notified(min(LOOK, max(0.01, end - time.monotonic()))):
                    return
            except psycopg.Error:
                self._drop()
                told.wait(LOOK)

    def _notified(self, seconds: float) -> bool:
        if self._connection is None:
            self._connection = plain_connection(autocommit=True)
            self._connection.execute(f"LISTEN {self.channel}")  # our own constant
            return True  # what was said before we listened is looked for at once
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


@contextlib.contextmanager
def alone(name: str, told: threading.Event) -> Iterator[None]:
    """Hold a lock of the database's own while inside, waiting for it; a dead holder's lock is free at once."""
    held: psycopg.Connection[Any] | None = None
    try:
        while not told.is_set():
            try:
                held = held or plain_connection(autocommit=True)
                row = held.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
                if row is not None and row[0]:
                    break
            except psycopg.Error:
                held = None
            told.wait(LOOK)
        yield
    finally:
        if held is not None:
            with contextlib.suppress(psycopg.Error):
                held.close()
