"""The history only grows and is in the public log; a document's bytes are those of its hash; a simulation is no call's."""

from django.db import migrations

from veta.storage.append_only import append_only
from veta.storage.logged import logged

TABLES = (
    "calls_operatorcall", "calls_callevent", "calls_calldocument", "calls_callreceipt", "calls_callperson",
    "calls_simulateddatabase", "calls_clocksetting",
)
_DOCUMENT = """
ALTER TABLE calls_calldocument ALTER COLUMN content SET STORAGE EXTERNAL,
    ADD CONSTRAINT call_document_content
        CHECK (octet_length(content) = size AND encode(sha256(content), 'hex') = digest)
"""
_SIMULATION = """
CREATE FUNCTION calls_refuse_simulation() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM calls_operatorcall) THEN
        RAISE EXCEPTION 'a database with calls in it is no simulation'
            USING ERRCODE = 'restrict_violation', HINT = 'Mark a new database.';
    END IF;
    RETURN NEW;
END
$body$
"""
_TRIGGER = """
CREATE TRIGGER no_simulation BEFORE INSERT ON calls_simulateddatabase
    FOR EACH ROW EXECUTE FUNCTION calls_refuse_simulation()
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_tables"), ("transparency", "0004_acts")]

    operations = [
        *(append_only(table) for table in TABLES),
        logged("calls_callevent"),
        migrations.RunSQL(_DOCUMENT, "ALTER TABLE calls_calldocument DROP CONSTRAINT call_document_content"),
        migrations.RunSQL([_SIMULATION, _TRIGGER], "DROP FUNCTION calls_refuse_simulation() CASCADE"),
    ]
