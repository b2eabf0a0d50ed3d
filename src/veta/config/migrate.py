"""Bring the database's tables up to date, as their owner, and grant the application what it may."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from veta.config.grants import apply_grants
from veta.config.postgres.cluster import OWNER


def migrate(*, verbosity: int = 1) -> int:
    """Run the migrations that are missing and apply the table of grants; returns how many tables it covers.

    The connection must be the owner's (`VETA_DB_ROLE=veta_owner` before the settings are read), else this raises
    PermissionError and nothing is changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (user,) = cursor.fetchone()
    if user != OWNER:
        raise PermissionError(f"migrations are {OWNER}'s, and this connection is {user}'s")
    if not is_current():
        call_command("migrate", interactive=False, verbosity=verbosity)
    return apply_grants()


def is_current() -> bool:
    """Whether every migration of this version of Veta has been run."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
