"""The table of grants holds in the real database: every table × every privilege."""

import psycopg
import pytest
from django.db import connection

from veta.config.grants import APPEND, grant_of

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

# Written by hand, beside the table of grants: whoever lets the application update or delete says it twice.
MAY_UPDATE_OR_DELETE = {
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "auth_user",
    "auth_user_groups",
    "auth_user_user_permissions",
    "calls_callcredential",
    "calls_callquestion",
    "django_content_type",
    "django_session",
    "django_site",
    "mfa_authenticator",
    "miner_link",
    "operators_nonce",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
    "registry_importfile",
    "veta_site_cache",
    "veta_site_user",
}
MAY_UPDATE_COLUMNS = {
    "ledger_account": {"received", "released", "held"},
    # The log's one head moves forward; a trigger refuses any step back.
    "transparency_head": {"size", "root", "published"},
    # Only so that a row can be locked: a CHECK holds it at 0.
    "registry_actor": {"latch"},
    "registry_title": {"latch"},
    "registry_registration": {"latch"},
    "registry_mandate": {"latch"},
    "registry_card": {"latch"},
    "registry_consentrequest": {"latch"},
    "registry_actproposal": {"latch"},
    "registry_importproposal": {"latch"},
    # Counts of a day and how far they go: they decide nothing, and are made of the log's rows.
    "movements_tally": {"number", "amount"},
    "movements_tallied": {"until", "since", "at"},
    # Each under a CHECK: what of a lot is certified, what of a certificate was used, an issuer's last number.
    "certificates_cover": {"covered"},
    "certificates_balance": {"used"},
    "certificates_series": {"last"},
    # The node: who a client is told by, the end of a device's chain, an item's way out, the feed's place, and how a
    # question stands.
    "node_client": {"name", "municipality", "contact"},
    "node_device": {"last_sequence", "last_digest"},
    "node_outboxitem": {"state", "attempts", "next_at", "sent_at", "answered_at", "cause", "fix"},
    "node_feedcursor": {"cursor", "read_at"},
    "node_documentrequest": {"state", "cause", "tried_at"},
    # A workbook's progress; who uploaded what never changes.
    "node_sheet": {
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
    },
}

# Rows that an act may one day destroy, so that the others still verify: who a person is, the words of each item, the
# salts of their leaves.
ERASABLE = {
    "movements_rawitem",
    "registry_actorcontact",
    "registry_actordocument",
    "registry_actorname",
    "registry_actorsourcekey",
    "transparency_act_salt",
}


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        return [name for (name,) in cursor.fetchall()]


def holds(query: str, *values: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("privilege", PRIVILEGES)
def test_every_table_has_exactly_the_privilege_granted(privilege: str) -> None:
    query = "SELECT has_table_privilege('veta_app', quote_ident(%s), %s)"
    wrong = [name for name in tables() if holds(query, name, privilege) != (privilege in grant_of(name).privileges)]
    assert tables()
    assert wrong == []


@pytest.mark.django_db
def test_only_the_listed_tables_can_be_updated_or_deleted_from() -> None:
    query = "SELECT has_table_privilege('veta_app', quote_ident(%s), 'UPDATE, DELETE, TRUNCATE')"
    assert {name for name in tables() if holds(query, name)} <= MAY_UPDATE_OR_DELETE


@pytest.mark.django_db
def test_only_the_listed_columns_can_be_updated() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped "
            "AND has_column_privilege('veta_app', c.oid, a.attnum, 'UPDATE') "
            "AND NOT has_table_privilege('veta_app', c.oid, 'UPDATE')"
        )
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    assert found.items() <= MAY_UPDATE_COLUMNS.items()


@pytest.mark.django_db
def test_the_application_signs_in_as_its_own_role_and_cannot_become_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == ("veta_app", "veta_app")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("SET ROLE veta_owner")


def test_the_application_cannot_make_tables(fresh_database) -> None:
    with psycopg.connect(fresh_database.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (id int)")


def test_a_privilege_given_by_hand_is_revoked_by_the_next_application(fresh_database) -> None:
    from veta.config.grants import apply_grants

    with psycopg.connect(fresh_database.dsn, user="veta_owner") as owner:
        owner.execute("GRANT UPDATE (name) ON django_migrations TO veta_app")
    assert may_update(fresh_database.dsn)
    connection.close()
    connection.settings_dict.update(USER="veta_owner")
    connection.settings_dict["OPTIONS"]["options"] = "-c role=veta_owner"
    apply_grants()
    assert not may_update(fresh_database.dsn)


def may_update(dsn: str) -> bool:
    with psycopg.connect(dsn) as connection:
        query = "SELECT has_any_column_privilege('django_migrations', 'UPDATE')"
        return bool(connection.execute(query).fetchone()[0])


@pytest.mark.django_db
def test_what_is_only_added_to_is_kept_from_its_owner_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        guarded = {name for (name,) in cursor.fetchall()}
    assert {table for table in tables() if grant_of(table) == APPEND} - guarded == ERASABLE
