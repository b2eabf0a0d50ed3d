"""A connection whose server was killed is noticed at the next request, by whatever kind of cursor it is used."""

from typing import Any

import psycopg
from django.db import close_old_connections, connection

from veta.config.postgres.cluster import SUPERUSER


def through_a_plain_cursor() -> tuple[Any, ...] | None:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection).execute("SELECT 1").fetchone()


def test_a_dead_connection_is_replaced_though_only_plain_cursors_use_it(fresh_database: Any) -> None:
    assert through_a_plain_cursor() == (1,)
    with psycopg.connect(fresh_database.dsn, user=SUPERUSER, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [fresh_database.name],
        )
    close_old_connections()  # what Django does as a request begins
    assert through_a_plain_cursor() == (1,)


def test_a_request_that_uses_no_database_does_not_ask_it_anything(fresh_database: Any) -> None:
    connection.ensure_connection()
    assert connection.health_check_enabled
    close_old_connections()
    assert not connection.health_check_done
    connection.ensure_connection()
    assert connection.health_check_done
