"""Writes of the log's groups. The caller owns the transaction, and takes its group's id after its locks."""

from datetime import datetime
from typing import Any, NamedTuple

import psycopg

CHANNEL = "transparency_group"

Cursor = psycopg.Cursor[Any]

_RECORD = """
INSERT INTO transparency_group (id, received_at, size, leaves, root, signature, key_id)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


class NewGroup(NamedTuple):
    """A group ready to be stored: leaves in order, one after the other, 32 bytes each; `signature` over the receipt."""

    id: int
    received_at: datetime
    size: int
    leaves: bytes
    root: bytes
    signature: bytes
    key_id: str


def next_group_id(cursor: Cursor) -> int:
    """Draw the group's id. After the locks, so that of two groups that touch one account the later has the larger."""
    row = cursor.execute("SELECT nextval('transparency_group_seq')", prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def record(cursor: Cursor, group: NewGroup) -> None:
    """Store the group; the sequencer numbers it once it is committed. `announce` afterwards spares it the wait."""
    cursor.execute(_RECORD, group, prepare=True, binary=True)


def announce(cursor: Cursor) -> None:
    """Wake the sequencer when the current transaction commits (PostgreSQL lets such commits pass one at a time)."""
    cursor.execute("SELECT pg_notify(%s, '')", (CHANNEL,), prepare=True)
