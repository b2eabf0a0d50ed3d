"""The database's roles: one owns the tables, another runs the application and may only what it is granted."""

from typing import LiteralString

import psycopg
from psycopg import sql

from veta.config.postgres.cluster import APP, DATABASE, OWNER, SUPERUSER


def prepare(sockets: str) -> None:
    """Create the roles and the database where they are missing; idempotent."""
    with psycopg.connect(host=sockets, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        for role in (OWNER, APP):
            if not _any(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not _any(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            create_database(connection, DATABASE)


def create_database(
    connection: psycopg.Connection, name: str, *, template: str = "template0", as_files: bool = False
) -> None:
    """Create a database owned by the owner role, that only our two roles may enter.

    `as_files`: copy the template's files instead of passing it through the log; faster where files are in memory.
    """
    strategy = sql.SQL("FILE_COPY" if as_files else "WAL_LOG")
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(OWNER), "app": sql.Identifier(APP)}
    connection.execute(
        sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY {strategy}").format(
            template=sql.Identifier(template), strategy=strategy, **names
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {app}").format(**names))


def _any(connection: psycopg.Connection, query: LiteralString, value: str) -> bool:
    return connection.execute(query, [value]).fetchone() is not None
