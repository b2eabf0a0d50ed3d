"""Tables that only grow: the database refuses UPDATE, DELETE and TRUNCATE, to their owner too (ADR 0060).

Grants keep the application's role from asking; these statement-level triggers stop whoever asks all the same, and fire
for `INSERT … ON CONFLICT DO UPDATE` and `MERGE` too. Only who may switch a table's triggers off can pass, and what such
a hand changes is for the audit and the log to find.
"""

from collections.abc import Sequence

from django.db.migrations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION veta_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% of % refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a reversing entry, or append a new row.';
END
$body$
"""


def append_only(table: str, *, frozen: Sequence[str] = ()) -> RunSQL:
    """Refuse DELETE and TRUNCATE on `table`, and UPDATE of the columns `frozen` (of any column when none is named)."""
    columns = f" OF {', '.join(frozen)}" if frozen else ""
    trigger = (
        f"CREATE TRIGGER append_only BEFORE UPDATE{columns} OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION veta_refuse_change()"
    )
    # Each table brings the function along, so that no slice's migrations wait for another's.
    return RunSQL([_FUNCTION, trigger], f"DROP TRIGGER append_only ON {table}")
