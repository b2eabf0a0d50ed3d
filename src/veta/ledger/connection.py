"""A plain psycopg connection to the deployment's database, beside Django's own."""

from typing import Any, cast

import psycopg
from django.db import connection


def plain_connection(*, autocommit: bool = False) -> psycopg.Connection[Any]:
    """Open a connection with server-side binding and prepared statements, in READ COMMITTED; the caller closes it.

    The ledger's statements, COPY and LISTEN work on it; Django's cursors bind on the client and never prepare. It
    starts the embedded server where that is the database and it is down.
    """
    wrapper = cast(Any, connection.copy())
    given = {**wrapper.get_connection_params(), "cursor_factory": psycopg.Cursor, "context": None}
    made: psycopg.Connection[Any] = wrapper.get_new_connection({**given, "prepare_threshold": 2})
    made.autocommit = autocommit
    return made
