"""What Django's models cannot say: the decision repeats its proposal truly, nothing is rewritten, and the cache's table."""

from django.db import migrations

APPEND_ONLY = ("roleproposal", "roledecision", "rolerevocation", "accessrecord")

SAME_PROPOSAL = """
    ALTER TABLE veta_site_roleproposal
        ADD CONSTRAINT role_proposal_whole UNIQUE (id, user_id, proposed_by_id);
    ALTER TABLE veta_site_roledecision
        ADD CONSTRAINT role_decision_of_its_proposal FOREIGN KEY (proposal_id, user_id, proposed_by_id)
        REFERENCES veta_site_roleproposal (id, user_id, proposed_by_id);
    CREATE FUNCTION veta_site_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON veta_site_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION veta_site_refuse_change();"
    for table in APPEND_ONLY
)
# As `createcachetable` would make it; unlogged, since a count of failed sign-ins need not outlive the server.
CACHE = """
    CREATE UNLOGGED TABLE veta_site_cache (
        cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
    );
    CREATE INDEX veta_site_cache_expires ON veta_site_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("veta_site", "0001_initial")]

    operations = [
        migrations.RunSQL(SAME_PROPOSAL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(CACHE, migrations.RunSQL.noop),
    ]
