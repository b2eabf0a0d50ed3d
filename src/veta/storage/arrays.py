"""PostgreSQL array literals: text that the server casts, several times faster to make than psycopg's lists.

Measured for 2,000 rows of an entry: 15.1 ms as lists, 8.1 ms as literals; a COPY in binary takes 4.2 ms (ADR 0061).
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID


def uuids(values: Iterable[UUID]) -> str:
    """A literal for `::uuid[]`."""
    return "{" + ",".join([value.hex for value in values]) + "}"


def uuids_or_nulls(values: Iterable[UUID | None]) -> str:
    """A literal for `::uuid[]` in which some are missing."""
    return "{" + ",".join([value.hex if value is not None else "NULL" for value in values]) + "}"


def byteas(values: Iterable[bytes]) -> str:
    """A literal for `::bytea[]`."""
    return "{" + ",".join(['"\\\\x' + value.hex() + '"' for value in values]) + "}"


def instants(values: Iterable[datetime]) -> str:
    """A literal for `::timestamptz[]`, of aware instants."""
    return "{" + ",".join([value.isoformat() for value in values]) + "}"


def names(values: Iterable[str]) -> str:
    """A literal for `::text[]` of our own identifiers (ASCII letters, digits and `_`), which need no quoting."""
    return "{" + ",".join(values) + "}"


def integers(values: Iterable[int]) -> str:
    """A literal for `::bigint[]`."""
    return "{" + ",".join(map(str, values)) + "}"
