"""What Django's models cannot say: nothing is rewritten, and a decision repeats its resolution's author truly."""

from django.db import migrations

TABLES = ("prices_resolution", "prices_baseprice", "prices_resolutiondecision", "prices_certificate")
FUNCTION = """
CREATE FUNCTION prices_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'prices: rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {0}
FOR EACH STATEMENT EXECUTE FUNCTION prices_refuse_change()"""
AUTHOR = """
ALTER TABLE prices_resolutiondecision ADD CONSTRAINT resolution_decision_of_its_author
FOREIGN KEY (resolution_id, entered_by) REFERENCES prices_resolution (id, entered_by)"""


class Migration(migrations.Migration):
    dependencies = [("prices", "0001_initial")]

    operations = [
        migrations.RunSQL(
            AUTHOR, "ALTER TABLE prices_resolutiondecision DROP CONSTRAINT resolution_decision_of_its_author"
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION prices_refuse_change() CASCADE"),
        *(migrations.RunSQL(TRIGGER.format(table), f"DROP TRIGGER append_only ON {table}") for table in TABLES),
    ]
