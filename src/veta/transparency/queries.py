"""Reads of the numbering."""

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
