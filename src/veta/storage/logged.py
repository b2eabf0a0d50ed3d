"""Tables whose every new row is an act of the public log: the database itself notes them, whoever writes (ADR 0068).

A column added later must be empty on the rows that exist: what is empty is not part of an act's leaf.
"""

from django.db.migrations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION veta_note_act() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format(
        'INSERT INTO transparency_act (relation, key) SELECT %L, (n.%I)::text FROM noted AS n',
        TG_TABLE_NAME, TG_ARGV[0]
    );
    RETURN NULL;
END
$body$
"""


def logged(table: str, key: str = "id") -> RunSQL:
    """Note each row that enters `table`, by its primary key, as an act of the public log; those there are too."""
    trigger = (
        f"CREATE TRIGGER logged AFTER INSERT ON {table} REFERENCING NEW TABLE AS noted "
        f"FOR EACH STATEMENT EXECUTE FUNCTION veta_note_act('{key}')"
    )
    standing = f"INSERT INTO transparency_act (relation, key) SELECT '{table}', {key}::text FROM {table}"  # noqa: S608
    return RunSQL([_FUNCTION, trigger, standing], f"DROP TRIGGER logged ON {table}")
