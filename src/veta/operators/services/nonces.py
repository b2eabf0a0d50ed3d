"""Nonces: a request counts once. Those of writes are stored in the write's own transaction (ADR 0031)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor

from veta.operators.models import NonceFloor

KEPT_FOR = timedelta(hours=1)

_REMEMBER = """
INSERT INTO operators_nonce (key_id, nonce, seen_until)
SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS n (key_id, nonce, seen_until)
ON CONFLICT DO NOTHING RETURNING key_id, nonce
"""


def remember(cursor: "Cursor[Any]", nonces: Sequence[tuple[str, str, datetime]]) -> set[tuple[str, str]]:
    """Store nonces in the caller's transaction, in one statement; returns the (key id, nonce) never seen before.

    Args: `nonces`, (key id, nonce, until when it must be remembered). One that stands twice in a call is returned once:
    the caller gives it to the first request that carries it and to no other.
    Rows go in sorted order, so that two groups which share nonces wait for each other but never in a circle. A
    transaction that rolls back gives its nonces free.
    """
    if not nonces:
        return set()
    until = {(key_id, nonce): moment for key_id, nonce, moment in nonces}
    pairs = sorted(until)
    moments = [until[pair] for pair in pairs]
    cursor.execute(_REMEMBER, ([pair[0] for pair in pairs], [pair[1] for pair in pairs], moments), prepare=True)
    return {(key_id, nonce) for key_id, nonce in cursor.fetchall()}


def sweep(now: datetime) -> int:
    """Forget nonces that expired an hour ago, and refuse from now on whatever was signed before that hour.

    The floor is stored with the sweep: a clock set back later cannot make a forgotten nonce usable again. Nothing is
    swept, and no floor is set, by a clock that stands far ahead of the last nonce seen: the hub may be idle, or its
    clock wrong, and a floor in the future would refuse every operator until then.
    Returns how many were forgotten.
    """
    horizon = now - KEPT_FOR
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(seen_until) FROM operators_nonce")
        (newest,) = cursor.fetchone()
        if newest is None or now - newest > 2 * KEPT_FOR:
            return 0
        NonceFloor.objects.get_or_create(instant=horizon, defaults={"cause": "sweep", "recorded_by": "veta"})
        cursor.execute("DELETE FROM operators_nonce WHERE seen_until < %s", [horizon])
        return int(cursor.rowcount)


def record_restore(now: datetime, *, by: str) -> None:
    """Record that the database was restored from a backup: what was signed before is refused, its nonce may be lost."""
    NonceFloor.objects.get_or_create(instant=now, defaults={"cause": "restore", "recorded_by": by})
