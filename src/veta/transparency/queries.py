"""Reads of the numbering: how long the log is, and where a leaf stands in it."""

from dataclasses import dataclass
from typing import Any

import psycopg

Cursor = psycopg.Cursor[Any]

_NUMBERING = """
SELECT (SELECT coalesce(sum(size), 0) FROM transparency_group), count(*), coalesce(sum(size), 0),
    count(*) FILTER (WHERE first_index <> before)
FROM (
    SELECT size, first_index, lag(end_index, 1, 0::bigint) OVER (ORDER BY first_index) AS before
    FROM transparency_log_group
) AS numbered
"""
_SIZE = "SELECT coalesce(max(end_index), 0) FROM transparency_log_group"
_INDEX = "SELECT first_index + %s FROM transparency_log_group WHERE group_id = %s AND %s BETWEEN 0 AND size - 1"
_LEAF = """
SELECT substring(g.leaves FROM 1 + 32 * (%(index)s - n.first_index)::int FOR 32)
FROM transparency_log_group AS n JOIN transparency_group AS g ON g.id = n.group_id
WHERE n.first_index <= %(index)s AND n.end_index > %(index)s ORDER BY n.first_index DESC LIMIT 1
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


def log_size(cursor: Cursor) -> int:
    """How many leaves have a number: they are 0 to this minus one."""
    row = cursor.execute(_SIZE, prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def log_index_of(cursor: Cursor, group: int, position: int) -> int | None:
    """The number in the log of the leaf at `position` (from 0) of a group; None until the sequencer gave it."""
    row = cursor.execute(_INDEX, (position, group, position), prepare=True).fetchone()
    return None if row is None else int(row[0])


def leaf_at(cursor: Cursor, index: int) -> bytes | None:
    """The 32 bytes of the leaf with that number; None beyond the end."""
    row = cursor.execute(_LEAF, {"index": index}, binary=True).fetchone()
    return None if row is None else bytes(row[0])
