from django.db import migrations

from veta.storage.append_only import append_only

TABLE = "operators_signedrequest"
KEPT = ("id", "operator", "key_id", "method", "target_uri", "signature_input", "frame", "received_at")
# What stands for a signature and a digest that were erased: nobody finds it who does not have the signature.
FUNCTION = """
CREATE FUNCTION operators_erased_alone() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.signature = '' OR NEW.signature <> ''
        OR NEW.body_digest <> sha256('veta-request-v1'::bytea || OLD.signature || OLD.body_digest) THEN
        RAISE EXCEPTION 'UPDATE of operators_signedrequest refused: a signature is erased or stays'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$
"""
TRIGGER = """
CREATE TRIGGER erased_alone BEFORE UPDATE ON operators_signedrequest
FOR EACH ROW EXECUTE FUNCTION operators_erased_alone()
"""


class Migration(migrations.Migration):
    dependencies = [("operators", "0003_webhooks")]

    operations = [
        migrations.RunSQL(f"DROP TRIGGER append_only ON {TABLE}", append_only(TABLE).sql),
        append_only(TABLE, frozen=KEPT),
        migrations.RunSQL([FUNCTION, TRIGGER], "DROP FUNCTION operators_erased_alone() CASCADE"),
    ]
