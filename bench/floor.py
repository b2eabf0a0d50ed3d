"""The floor: the very rows that the service wrote, put by bare binary COPY into tables of the same shape.

The tables have the same columns, primary keys, indexes and CHECKs, no foreign keys and no triggers; a commit has as
many movements as a batch. What the service updates (the integers of quotas and lots) is not rewritten.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from bench.cpu import Used, used
from veta.config.postgres.cluster import OWNER

# Tables that a group writes, and how each is told apart by movement.
_BY_MOVEMENT = {
    "movements_movement": "t.id",
    "movements_verdict": "t.movement_id",
    "movements_rawitem": "t.movement_id",
    "movements_pending": "t.movement_id",
    "movements_pendingline": "t.movement",
    "ledger_entry": "t.movement",
    "ledger_lot": "t.movement",
}
_LOTS = "SELECT t.* FROM ledger_account AS t JOIN ledger_lot AS l ON l.account = t.id WHERE l.movement = ANY (%s)"
_REQUESTS = (
    "SELECT t.* FROM operators_signedrequest AS t WHERE t.id IN"
    " (SELECT m.request FROM movements_movement AS m WHERE m.id = ANY (%s))"
)
_NEWEST = "SELECT m.movement_id FROM movements_verdict AS m ORDER BY m.group DESC, m.position DESC LIMIT %s"


def run_floor(dsn: str, *, movements: int, batch: int, database: int) -> tuple[int, Used]:
    """Write again the newest `movements`, `batch` to a commit; returns how many, and what it used."""
    with psycopg.connect(dsn, user=OWNER, autocommit=True) as session:
        ids = [row[0] for row in session.execute(_NEWEST, (movements,))]
        tables = [*_BY_MOVEMENT, "ledger_account", "operators_signedrequest"]
        _make(session, tables)
        commits = [_rows(session, ids[at : at + batch]) for at in range(0, len(ids), batch)]
        session.autocommit = False
        cpu, before = time.process_time(), used(hub=None, database=database, client=0.0)
        for rows in commits:
            for table, data in rows.items():
                with session.cursor().copy(_into(table)) as copy:
                    copy.write(data)
            session.commit()
        after = used(hub=None, database=database, client=time.process_time() - cpu)
        session.execute("DROP SCHEMA floor CASCADE")
    return len(ids), after - before


def _make(session: psycopg.Connection[Any], tables: list[str]) -> None:
    session.execute("DROP SCHEMA IF EXISTS floor CASCADE")
    session.execute("CREATE SCHEMA floor")
    for table in tables:
        name = sql.Identifier(table)
        session.execute(sql.SQL("CREATE TABLE floor.{} (LIKE {} INCLUDING ALL)").format(name, name))


def _rows(session: psycopg.Connection[Any], ids: list[Any]) -> dict[str, bytes]:
    """One commit's rows by table, in COPY's binary form."""
    queries = {
        table: f"SELECT t.* FROM {table} AS t WHERE {column} = ANY (%s)" for table, column in _BY_MOVEMENT.items()
    }
    queries |= {"ledger_account": _LOTS, "operators_signedrequest": _REQUESTS}
    return {table: _read(session, query, ids) for table, query in queries.items()}


def _read(session: psycopg.Connection[Any], query: str, ids: list[Any]) -> bytes:
    cursor = psycopg.ClientCursor(session)
    with cursor.copy(f"COPY ({cursor.mogrify(query, (ids,))}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(part) for part in copy)


def _into(table: str) -> sql.Composed:
    return sql.SQL("COPY floor.{} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table))
