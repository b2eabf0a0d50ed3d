"""The sequencer: it gives every committed leaf its number in the log, once, without gaps (ADR 0063).

One process at a time, the holder of an advisory lock, numbers on the very session that holds it: a sequencer cut off
from the database has lost both at once. Others wait to take over. What commits later gets later numbers; of two groups
that touched one account the later took its id after the first had committed, so the order of ids is kept wherever it
means something. Numbers are the log's index, the feed's cursor and the meaning of "order".
"""

import logging
from collections.abc import Callable
from threading import Event
from typing import Any

import psycopg

from veta.storage.connection import plain_connection
from veta.transparency.services import CHANNEL

LOCK = 0x7665746100000001  # "veta", 1: the sequencer's advisory lock
POLL_SECONDS = 0.5
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

# Read before the groups are looked for: every transaction below this one has ended and been seen, or will never be.
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_NUMBER = """
WITH head AS (SELECT coalesce(max(end_index), 0) AS size FROM transparency_log_group)
INSERT INTO transparency_log_group (group_id, first_index, size)
SELECT g.id, head.size + sum(g.size) OVER (ORDER BY g.id) - g.size, g.size
FROM transparency_group AS g CROSS JOIN head
WHERE g.xid >= %s::text::xid8 AND NOT EXISTS (SELECT FROM transparency_log_group AS n WHERE n.group_id = g.id)
ORDER BY g.id
"""
_EVERYTHING = "0"

log = logging.getLogger(__name__)

Connect = Callable[[], psycopg.Connection[Any]]


def run(stop: Event | None = None, *, connect: Connect | None = None) -> None:
    """Number groups until `stop` is set; wait for the lock, and for the database when it is away.

    Effects: appends to `transparency_log_group`. Ends within a second of `stop`.
    """
    stop, failures = stop or Event(), 0
    while not stop.is_set():
        try:
            with (connect or _connect)() as session:
                if _hold_lock(session, stop):
                    failures = 0
                    _number_until(stop, session)
        except psycopg.OperationalError as error:
            pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
            failures += 1
            log.warning("sequencer: the database does not answer (%s); again in %.1f s", error, pause)
            stop.wait(pause)


def number_pending(session: psycopg.Connection[Any], *, since: str = _EVERYTHING) -> tuple[int, str]:
    """Number, in id order, the committed groups of transactions from `since` on; how many, and the next `since`.

    The caller holds the lock. With the default every group is compared with every number; later passes look only at
    what could not be seen, or had not ended, when the pass before began.
    """
    horizon = session.execute(_HORIZON, prepare=True).fetchone()
    assert horizon is not None
    return session.execute(_NUMBER, (since,), prepare=True).rowcount, horizon[0]


def _connect() -> psycopg.Connection[Any]:
    return plain_connection(autocommit=True)


def _hold_lock(session: psycopg.Connection[Any], stop: Event) -> bool:
    while not stop.is_set():
        row = session.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is not None and row[0]:
            return True
        stop.wait(POLL_SECONDS)
    return False


def _number_until(stop: Event, session: psycopg.Connection[Any]) -> None:
    session.execute(f"LISTEN {CHANNEL}")
    numbered, since = number_pending(session)
    log.info("sequencer: holds the lock; %d groups were waiting", numbered)
    while not stop.is_set():
        for _ in session.notifies(timeout=POLL_SECONDS, stop_after=1):
            pass
        _, since = number_pending(session, since=since)
