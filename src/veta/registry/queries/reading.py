"""How the registry is read on the way of a movement: bound by the server and prepared, in Django's own transaction.

Django's cursors bind on the client: the server parses and plans each text anew, a millisecond for the five reads that
every group of movements makes.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from veta.storage.connection import plain_cursor


def read_rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement; errors come as Django's, as from its cursors."""
    with connection.wrap_database_errors:
        return plain_cursor().execute(statement, parameters, prepare=True, binary=True).fetchall()
