"""The origins of a lot: one look-up, however many lots there are and however many origins are mixed in it.

Lots are put by COPY into the ledger's own tables, as rows of their shape with the database's constraints on; no
movement made them, so what is measured is the look-up and nothing of how lots come to be.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from veta.kernel.ids import uuid7
from veta.ledger import queries
from veta.ledger.domain.composition import Composition

_LOTS_PER_MIX = 50
_AT_ONCE = 50_000
_ACCOUNT = "COPY ledger_account (id, commodity, kind, holder, received, released, held) FROM STDIN (FORMAT BINARY)"
_LOT = (
    "COPY ledger_lot (account, mineral, origin, composition, accreditation, movement, occurred_at)"
    " FROM STDIN (FORMAT BINARY)"
)
_ORIGIN = "COPY ledger_origin (id, kind, code) FROM STDIN (FORMAT BINARY)"
_MIX = "COPY ledger_composition (id, origins, weights, total) FROM STDIN (FORMAT BINARY)"


@dataclass(frozen=True, slots=True)
class Looked:
    """Look-ups of lots of `origins` origins in a ledger of `lots` lots, in seconds."""

    lots: int
    origins: int
    p50: float
    p99: float


def run_origins(dsn: str, *, lots: Sequence[int], origins: Sequence[int], lookups: int) -> Iterator[Looked]:
    """Fill the ledger up to each count of `lots`, and look up lots of each count of `origins`."""
    known = [uuid7() for _ in range(max(origins))]
    here: dict[int, list[UUID]] = {count: [] for count in origins}
    with psycopg.connect(dsn) as session:
        _copy(session, _ORIGIN, ("uuid", "text", "text"), ((o, "title", f"BENCH-{o}") for o in known))
        mixes = {count: _mixes(session, known, count) for count in origins if count > 1}
        there = 0
        for count in lots:
            while there < count:
                there += _fill(session, min(_AT_ONCE, count - there), known, mixes, here)
            session.commit()
            _settle(dsn)
            for each in origins:
                yield _measured(session, here[each], count, each, lookups)


def _mixes(session: psycopg.Connection, known: list[UUID], count: int) -> list[Composition]:
    weights = (1_000,) * count
    made = [Composition(uuid7(), tuple(random.sample(known, count)), weights, sum(weights)) for _ in range(20)]
    rows = ((m.id, list(m.origins), list(m.weights), m.total) for m in made)
    _copy(session, _MIX, ("uuid", "uuid[]", "int8[]", "int8"), rows)
    return made


def _fill(
    session: psycopg.Connection,
    count: int,
    known: list[UUID],
    mixes: dict[int, list[Composition]],
    here: dict[int, list[UUID]],
) -> int:
    """Most lots have one origin; of every fifty, one for each mixed size."""
    now, movement, holder = datetime.now(UTC), uuid7(), uuid7()
    ids = [uuid7() for _ in range(count)]
    made = []
    for n, lot in enumerate(ids):
        size = list(mixes)[n % _LOTS_PER_MIX] if n % _LOTS_PER_MIX < len(mixes) else 1
        origin, mix = (random.choice(known), None) if size == 1 else (None, random.choice(mixes[size]).id)
        made.append((lot, "oro", origin, mix, "accredited", movement, now))
        if size > 1 or n % _LOTS_PER_MIX == len(mixes):  # of those of one origin a share is looked up too
            here[size].append(lot)
    _copy(
        session, _ACCOUNT, ("uuid", "text", "text", "uuid", "int8", "int8", "int8"),
        ((lot, "oro", "lot", holder, 1_000_000, 0, 0) for lot in ids),
    )  # fmt: skip
    _copy(session, _LOT, ("uuid", "text", "uuid", "uuid", "text", "uuid", "timestamptz"), made)
    return count


def _copy(session: psycopg.Connection, statement: str, types: Sequence[str], rows: Iterator | list) -> None:
    with session.cursor().copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _settle(dsn: str) -> None:
    """Let the planner know the tables, and the disk have them, before anything is timed."""
    with psycopg.connect(dsn, user="postgres", autocommit=True) as session:
        session.execute("VACUUM (ANALYZE) ledger_lot, ledger_account, ledger_composition, ledger_origin")
        session.execute("CHECKPOINT")


def _measured(session: psycopg.Connection, lots: list[UUID], there: int, origins: int, lookups: int) -> Looked:
    cursor, seconds = session.cursor(), []
    wanted = [random.choice(lots) for _ in range(lookups + 20)]
    for lot in wanted:
        started = time.perf_counter()
        found = queries.origins_of(cursor, lot)
        seconds.append(time.perf_counter() - started)
        assert found is not None
        assert len(found.origins) == origins
    session.rollback()
    ordered = sorted(seconds[20:])
    return Looked(there, origins, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)])
