"""psycopg as it is: bound by the server and prepared, which Django's own cursors never are."""

from typing import Any, cast

import psycopg
from django.db import connection


def plain_cursor() -> psycopg.Cursor[Any]:
    """A cursor on Django's own connection, in its transaction; errors come as psycopg's."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def plain_connection(*, autocommit: bool = False) -> psycopg.Connection[Any]:
    """Open a connection of its own to the deployment's database, in READ COMMITTED; the caller closes it.

    COPY and LISTEN work on it. It starts the embedded server where that is the database and it is down.
    """
    wrapper = cast(Any, connection.copy())
    given = {**wrapper.get_connection_params(), "cursor_factory": psycopg.Cursor, "context": None}
    made: psycopg.Connection[Any] = wrapper.get_new_connection({**given, "prepare_threshold": 2})
    made.autocommit = autocommit
    return made
