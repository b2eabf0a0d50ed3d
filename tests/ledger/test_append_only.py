"""Nothing but the three integers of an account is ever updated, nothing is deleted: for the owner as for the rest."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from veta.config.postgres.cluster import APP, OWNER, SUPERUSER

TABLES = {
    "ledger_account": "commodity",
    "ledger_quota": "source",
    "ledger_entry": "amount",
    "ledger_origin": "kind",
    "ledger_composition": "total",
    "ledger_lot": "accreditation",
    "ledger_lot_parent": "movement",
    "ledger_lot_suspension": "act",
    "ledger_lot_mark": "accreditation",
    "ledger_suspension_lift": "movement",
}
REFUSED = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "MERGE INTO {table} AS t USING (SELECT 1) AS s (one) ON true WHEN MATCHED THEN UPDATE SET {column} = t.{column}",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ON CONSTRAINT {table}_pkey "
    "DO UPDATE SET {column} = EXCLUDED.{column}",
)

Connections = dict[str, psycopg.Connection[Any]]


@pytest.fixture(scope="module")
def roles(cluster: Any) -> Iterator[Connections]:
    """One database for all: what is tried here leaves nothing behind, unless a test fails."""
    dsn = cluster.clone(f"test_{os.getpid()}_append_only")
    yield {role: psycopg.connect(dsn, user=role, autocommit=True) for role in (APP, OWNER, SUPERUSER)}
    cluster.drop(f"test_{os.getpid()}_append_only")


@pytest.mark.parametrize("statement", REFUSED, ids=lambda statement: statement.split()[0])
@pytest.mark.parametrize("table", TABLES)
def test_rows_never_change(table: str, statement: str, roles: Connections) -> None:
    asked = statement.format(table=table, column=TABLES[table])
    with pytest.raises(errors.InsufficientPrivilege):
        roles[APP].execute(asked)
    for role in (OWNER, SUPERUSER):
        with pytest.raises(errors.RestrictViolation, match="refused: its rows are never changed"):
            roles[role].execute(asked)


@pytest.mark.parametrize("column", ["id", "commodity", "kind", "holder"])
def test_of_an_account_only_the_integers_change(column: str, roles: Connections) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        roles[APP].execute(f"UPDATE ledger_account SET {column} = {column}")
    with pytest.raises(errors.RestrictViolation):
        roles[OWNER].execute(f"UPDATE ledger_account SET received = 1, {column} = {column}")


def test_the_integers_do_change(roles: Connections) -> None:
    roles[APP].execute("UPDATE ledger_account SET received = received, released = released, held = held")


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER TABLE ledger_entry DISABLE TRIGGER USER",
        "DROP TRIGGER append_only ON ledger_entry",
        "CREATE OR REPLACE FUNCTION veta_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "SET ROLE veta_owner",
        "DROP TABLE ledger_entry",
        "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_over_released",
    ],
)
def test_the_application_cannot_switch_the_guards_off(attempt: str, roles: Connections) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        roles[APP].execute(attempt)


ALTERING = (
    "ALTER TABLE {table} ADD COLUMN extra int",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} OWNER TO veta_app",
    "DROP TRIGGER append_only ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION veta_refuse_change()",
    "CREATE INDEX mine ON {table} ({column})",
    "DROP TABLE {table} CASCADE",
)


@pytest.mark.parametrize("table", TABLES)
def test_the_application_changes_no_table_and_updates_no_column_but_the_three_integers(
    table: str, roles: Connections
) -> None:
    """T26: each attempt on each table of the ledger, and an UPDATE of each of its columns."""
    for attempt in ALTERING:
        with pytest.raises(errors.InsufficientPrivilege):
            roles[APP].execute(attempt.format(table=table, column=TABLES[table]))
    roles[APP].execute(f"GRANT UPDATE, DELETE, TRUNCATE ON {table} TO veta_app")  # said to be done, and gives nothing
    asked = "SELECT has_table_privilege(%s, 'UPDATE') OR has_table_privilege(%s, 'DELETE, TRUNCATE')"
    assert roles[APP].execute(asked, (table, table)).fetchone() == (False,)
    columns = roles[OWNER].execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", (table,)
    )
    free = {"received", "released", "held"} if table == "ledger_account" else set()
    for (column,) in columns.fetchall():
        if column not in free:
            with pytest.raises((errors.InsufficientPrivilege, errors.GeneratedAlways)):
                roles[APP].execute(f"UPDATE {table} SET {column} = {column}")


def test_every_table_of_the_ledger_is_guarded(roles: Connections) -> None:
    found = roles[OWNER].execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ledger\\_%'").fetchall()
    assert {name for (name,) in found} == set(TABLES)
