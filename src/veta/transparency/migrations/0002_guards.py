"""What a Django model cannot say: the order of groups, the shape of their bytes, the chain of numbers, no change."""

from django.db import migrations

from veta.storage.append_only import append_only

GROUP = """
CREATE SEQUENCE transparency_group_seq AS bigint;
ALTER TABLE transparency_group ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
-- Hashes do not compress, and a group is read whole.
ALTER TABLE transparency_group ALTER COLUMN leaves SET STORAGE EXTERNAL;
ALTER TABLE transparency_group ADD CONSTRAINT transparency_group_bytes CHECK (
    octet_length(leaves) = 32 * size AND octet_length(root) = 32 AND octet_length(signature) = 64
);
"""
NO_GROUP = """
ALTER TABLE transparency_group DROP CONSTRAINT transparency_group_bytes;
ALTER TABLE transparency_group ALTER COLUMN xid DROP DEFAULT;
DROP SEQUENCE transparency_group_seq;
"""
# The first group follows none; every other one begins where some group ends.
CHAIN = """
ALTER TABLE transparency_log_group ADD COLUMN follows bigint GENERATED ALWAYS AS (nullif(first_index, 0)) STORED;
ALTER TABLE transparency_log_group ADD CONSTRAINT transparency_log_group_follows_fk
    FOREIGN KEY (follows) REFERENCES transparency_log_group (end_index);
"""
NO_CHAIN = "ALTER TABLE transparency_log_group DROP COLUMN follows"


class Migration(migrations.Migration):
    dependencies = [("transparency", "0001_initial")]

    operations = [
        migrations.RunSQL(GROUP, NO_GROUP),
        migrations.RunSQL(CHAIN, NO_CHAIN),
        append_only("transparency_group"),
        append_only("transparency_log_group"),
    ]
