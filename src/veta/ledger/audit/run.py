"""Runs every check on one snapshot of the database, and says what it checked."""

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import psycopg

from veta.ledger.audit import balances, genealogy, identities
from veta.ledger.domain.check import Check, Result, registered

Cursor = psycopg.Cursor[Any]

SHOWN = 20


class BoundarySum(NamedTuple):
    """What a boundary gave to the ledger and took from it, in the commodity's smallest unit."""

    kind: str
    commodity: str
    given: int
    taken: int


def begin(cursor: Cursor) -> None:
    """Open the audit's transaction: all checks see one instant, and can change nothing."""
    cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute("SET LOCAL work_mem = '64MB'")


OWN: tuple[Check, ...] = (*balances.CHECKS, *identities.CHECKS, *genealogy.CHECKS)


def checks() -> tuple[Check, ...]:
    """Every check: the ledger's own, then those of the slices above it."""
    return (*OWN, *registered())


def run(cursor: Cursor, chosen: Iterable[Check], *, shown: int = SHOWN) -> Iterator[Result]:
    """Run the checks in turn; each result names at most `shown` of the rows that are wrong, and counts them all."""
    for check in chosen:
        started = perf_counter()
        examined = _first(cursor, check.examined)[0]
        cursor.execute(f"SELECT f.*, count(*) OVER () FROM ({check.faults}) AS f ORDER BY 1, 2 LIMIT {int(shown)}")  # noqa: S608
        rows = cursor.fetchall()
        wrong = rows[0][2] if rows else 0
        yield Result(check, examined, wrong, [(row[0], row[1]) for row in rows], perf_counter() - started)


def boundary_sums(cursor: Cursor) -> list[BoundarySum]:
    """What crossed each boundary, by kind and commodity."""
    cursor.execute(balances.BOUNDARY_SUMS)
    return [BoundarySum(kind, commodity, int(given), int(taken)) for kind, commodity, given, taken in cursor]


def _first(cursor: Cursor, query: str) -> tuple[Any, ...]:
    rows: list[tuple[Any, ...]] = cursor.execute(query).fetchall()
    return rows[0]
