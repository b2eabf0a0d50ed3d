"""The one table of what the application's role may do in the database; what is not here is refused.

Every table: SELECT and INSERT. The exceptions are below, each with its reason. A slice that needs another one
adds its row here and in the test, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.db import connection, transaction
from psycopg import sql

from veta.config.postgres.cluster import APP


@dataclass(frozen=True, slots=True)
class Grant:
    """What the application may do with a table: whole privileges, and columns that it may update."""

    privileges: frozenset[str] = frozenset({"SELECT", "INSERT"})
    update: tuple[str, ...] = ()


APPEND = Grant()
FULL = Grant(frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}))
READ = Grant(frozenset({"SELECT"}))

# Rows of the registry that somebody locks before writing beside them.
LATCHED = (
    "actor", "title", "registration", "mandate", "card", "consentrequest", "actproposal", "importproposal",
)  # fmt: skip
# Pattern of the table's name → grant; the first that matches holds.
EXCEPTIONS: Mapping[str, Grant] = {
    # The three integers are the only thing in the ledger that is ever updated (ADR 0060).
    "ledger_account": Grant(update=("received", "released", "held")),
    # Locking a row takes the right to update a column of it; `latch` is 0 by CHECK, so that nothing can change.
    **{f"registry_{table}": Grant(update=("latch",)) for table in LATCHED},
    # The log's head moves forward by compare-and-swap (ADR 0067); a trigger keeps it from going back.
    "transparency_head": Grant(frozenset({"SELECT"}), update=("size", "root", "published")),
    # Counts of a day and how far they go, made of the log's rows and made again from them (ADR 0114).
    "movements_tally": Grant(update=("number", "amount")),
    "movements_tallied": Grant(update=("until", "since", "at")),
    # Rows that decide, each under its CHECK: what of a lot is certified, what of a certificate used, the last number.
    "certificates_cover": Grant(update=("covered",)),
    "certificates_balance": Grant(update=("used",)),
    "certificates_series": Grant(update=("last",)),
    # That a database is a simulation is said by its owner alone.
    "calls_simulateddatabase": READ,
    # A question until it is answered or dropped; credentials until the firm opened them.
    "calls_callquestion": Grant(frozenset({"SELECT", "INSERT", "DELETE"})),
    "calls_callcredential": Grant(frozenset({"SELECT", "INSERT", "DELETE"})),
    # A nonce is kept until its signature has expired, then swept.
    "operators_nonce": Grant(frozenset({"SELECT", "INSERT", "DELETE"})),
    # A file that waited is deleted once somebody decided on it.
    "registry_importfile": Grant(frozenset({"SELECT", "INSERT", "DELETE"})),
    # A link to a miner's page is forgotten once it has lapsed.
    "miner_link": Grant(frozenset({"SELECT", "INSERT", "DELETE"})),
    # An account is never deleted: its acts point to it. Its password, last entry and state change.
    "veta_site_user": Grant(frozenset({"SELECT", "INSERT", "UPDATE"})),
    # Django's cache in the database: counts of failed sign-ins and codes already used.
    "veta_site_cache": FULL,
    # The node: who a client is told by, the end of a device's chain, an item's way out, the feed's place, and how a
    # question stands.
    "node_client": Grant(update=("name", "municipality", "contact")),
    "node_device": Grant(update=("last_sequence", "last_digest")),
    "node_outboxitem": Grant(update=("state", "attempts", "next_at", "sent_at", "answered_at", "cause", "fix")),
    "node_feedcursor": Grant(update=("cursor", "read_at")),
    "node_documentrequest": Grant(update=("state", "cause", "tried_at")),
    # A workbook's progress; who uploaded what never changes.
    "node_sheet": Grant(
        update=(
            "state",
            "rows",
            "seen",
            "repaired",
            "rejected",
            "known",
            "applied",
            "through",
            "applied_by_id",
            "cause",
        )
    ),
    # Only migrations, run by the owner, write this one.
    "django_migrations": READ,
    # Tables of libraries, which update and delete by nature: sessions, users, second factors, jobs.
    "auth_*": FULL,
    "account_email*": FULL,
    "mfa_authenticator": FULL,
    "usersessions_*": FULL,
    "django_session": FULL,
    "django_site": FULL,
    "django_content_type": FULL,
    "procrastinate_*": FULL,
}


EVERYWHERE = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}",
)
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname
"""


def grant_of(table: str) -> Grant:
    """The grant of a table: its exception, else SELECT and INSERT."""
    return next((grant for pattern, grant in EXCEPTIONS.items() if fnmatchcase(table, pattern)), APPEND)


def apply_grants() -> int:
    """Give the application's role exactly this table's privileges, and return how many tables it covers.

    Run as the owner after each migration, in one transaction. Everything else is revoked, from PUBLIC too; a
    privilege revoked from a table is revoked from its columns.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in EVERYWHERE:
            cursor.execute(statement.format(app=APP))
        cursor.execute(TABLES)
        tables = [str(name) for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(_statement(table, grant_of(table)))
    return len(tables)


def _statement(table: str, grant: Grant) -> sql.Composed:
    privileges: list[sql.Composable] = [sql.SQL(name) for name in sorted(grant.privileges)]
    if grant.update:
        columns = sql.SQL(", ").join(map(sql.Identifier, grant.update))
        privileges.append(sql.SQL("UPDATE ({})").format(columns))
    return sql.SQL("GRANT {} ON {} TO {}").format(
        sql.SQL(", ").join(privileges), sql.Identifier(table), sql.Identifier(APP)
    )
