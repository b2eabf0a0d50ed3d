"""A nonce counts once: in one call, between calls, between transactions, after a sweep and after a restore."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.operators.signing import NOW, at, message, verify
from veta.operators import keyring
from veta.operators.models import Nonce
from veta.operators.queries import nonce_floor
from veta.operators.services.nonces import record_restore, remember, sweep

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


def of(*names: str, key: str = "k") -> list[tuple[str, str, datetime]]:
    return [(key, name, UNTIL) for name in names]


def pairs(*names: str, key: str = "k") -> set[tuple[str, str]]:
    return {(key, name) for name in names}


def plain_cursor() -> psycopg.Cursor[Any]:
    """As the group's: bound by the server, in the test's transaction."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


@pytest.mark.django_db
def test_those_that_are_new() -> None:
    cursor = plain_cursor()
    assert remember(cursor, []) == set()
    assert remember(cursor, of("b", "a", "b", "c", "a")) == pairs("a", "b", "c")
    assert remember(cursor, of("a", "d", "c")) == pairs("d")
    assert remember(cursor, of("a", "d", "c", key="other")) == pairs("a", "c", "d", key="other")


def test_until_when() -> None:
    assert verify(message(lifetime=60)).nonce_until == at(NOW + 60) + timedelta(seconds=60)


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "kept"), [(59, True), (60, True), (61, False)])
def test_a_sweep_forgets_what_expired_an_hour_ago_and_closes_that_hour(minutes: int, kept: bool) -> None:
    remember(plain_cursor(), of("a"))
    now = UNTIL + timedelta(minutes=minutes)
    assert sweep(now) == (0 if kept else 1)
    assert Nonce.objects.count() == (1 if kept else 0)
    assert nonce_floor() == now - timedelta(hours=1)
    keyring.forget()
    assert keyring.live_keys(now).not_before == (now - timedelta(hours=1)).timestamp()
    keyring.forget()


@pytest.mark.django_db
def test_the_floor_never_falls() -> None:
    record_restore(UNTIL, by="it@anm")
    sweep(UNTIL - timedelta(days=2))
    assert nonce_floor() == UNTIL
    later = UNTIL + timedelta(days=1)
    remember(plain_cursor(), [("k", "later", later)])
    sweep(later)
    assert nonce_floor() == UNTIL + timedelta(hours=23)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ahead", "swept"), [(timedelta(hours=2), 1), (timedelta(hours=2, seconds=1), 0), (timedelta(days=400), 0)]
)
def test_a_clock_far_ahead_of_the_last_nonce_sweeps_nothing_and_closes_nothing(ahead: timedelta, swept: int) -> None:
    remember(plain_cursor(), of("a"))
    assert sweep(UNTIL + ahead) == swept
    assert (nonce_floor() is not None) == bool(swept)


def test_of_two_transactions_one_wins(fresh_database: Any) -> None:
    with psycopg.connect(fresh_database.dsn) as first, psycopg.connect(fresh_database.dsn) as second:
        won: list[set[tuple[str, str]]] = []
        assert remember(first.cursor(), of("a", "b")) == pairs("a", "b")
        waiting = threading.Thread(target=lambda: won.append(remember(second.cursor(), of("b", "a", "c"))))
        waiting.start()
        first.commit()
        waiting.join(10)
        assert won == [pairs("c")]


def test_a_rollback_gives_it_back(fresh_database: Any) -> None:
    with psycopg.connect(fresh_database.dsn) as first, psycopg.connect(fresh_database.dsn) as second:
        remember(first.cursor(), of("a"))
        first.rollback()
        assert remember(second.cursor(), of("a")) == pairs("a")


def test_sixteen_at_once_one_wins(fresh_database: Any) -> None:
    won: list[set[int]] = []
    barrier = threading.Barrier(16)

    def attempt() -> None:
        with psycopg.connect(fresh_database.dsn) as own:
            barrier.wait()
            for number in range(20):
                won.append({number} if remember(own.cursor(), of(f"n{number}")) else set())
                own.commit()

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(won) == 320
    assert sorted(number for winners in won for number in winners) == list(range(20))
