"""What Django's models cannot say: the order of recording, whose key may ask for a key, rows that never change."""

from django.db import migrations

from veta.storage.append_only import append_only

APPEND_ONLY = (
    "operators_operator",
    "operators_operatorversion",
    "operators_operatorkey",
    "operators_keyapproval",
    "operators_keyrevocation",
    "operators_noncefloor",
    "operators_signedrequest",
    "operators_hubkey",
)

SEQ = "ALTER TABLE operators_operatorversion ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY"
NO_SEQ = "ALTER TABLE operators_operatorversion DROP COLUMN seq"
SAME_OPERATOR = (
    "ALTER TABLE operators_operatorkey ADD CONSTRAINT operator_key_and_operator UNIQUE (id, operator_id)",
    "ALTER TABLE operators_operatorkey ADD CONSTRAINT operator_key_asked_by_its_own"
    " FOREIGN KEY (proposed_by_id, operator_id) REFERENCES operators_operatorkey (id, operator_id)",
)
NO_SAME_OPERATOR = (
    "ALTER TABLE operators_operatorkey DROP CONSTRAINT operator_key_asked_by_its_own",
    "ALTER TABLE operators_operatorkey DROP CONSTRAINT operator_key_and_operator",
)
# Nonces come in the order of time: a block range index finds those to sweep and costs next to nothing to keep.
SWEEP = "CREATE INDEX operators_nonce_seen_until ON operators_nonce USING brin (seen_until) WITH (pages_per_range = 16)"


class Migration(migrations.Migration):
    dependencies = [("operators", "0001_tables")]

    operations = [
        migrations.RunSQL(SEQ, NO_SEQ),
        migrations.RunSQL(list(SAME_OPERATOR), list(NO_SAME_OPERATOR)),
        migrations.RunSQL(SWEEP, "DROP INDEX operators_nonce_seen_until"),
        *map(append_only, APPEND_ONLY),
    ]
