"""Who opened a run, or wrote a line of it, does not confirm it; a person's line names its account, the machine's none."""

from django.db import migrations, models
from django.db.models import Q

_FUNCTION = """
CREATE FUNCTION calls_refuse_own_run() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    waiting calls_callevent%ROWTYPE;
BEGIN
    SELECT * INTO waiting FROM calls_callevent
    WHERE application = NEW.application AND kind IN ('attempt_recorded', 'run_ended') ORDER BY place DESC LIMIT 1;
    IF waiting.kind = 'run_ended' AND (
        waiting.data->>'opened_by' = lower(NEW."by")
        OR EXISTS (
            SELECT FROM calls_callrunline line
            WHERE line.run = (waiting.data->>'run')::uuid AND line."by" <> '' AND (
                lower(line."by") = lower(NEW."by")
                OR EXISTS (SELECT FROM veta_site_user u WHERE u.id::text = line."by" AND u.email = lower(NEW."by"))
            )
        )
    ) THEN
        RAISE EXCEPTION 'who had a hand in a run does not confirm it'
            USING ERRCODE = 'restrict_violation', HINT = 'Another person of the team confirms it.';
    END IF;
    RETURN NEW;
END
$body$
"""
_TRIGGER = """
CREATE TRIGGER no_own_run BEFORE INSERT ON calls_callevent
    FOR EACH ROW WHEN (NEW.kind = 'attempt_confirmed') EXECUTE FUNCTION calls_refuse_own_run()
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_runs"), ("veta_site", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            "callrunline",
            models.CheckConstraint(
                condition=(Q(kind__in=["answered", "affirmed"]) & ~Q(by=""))
                | (~Q(kind__in=["answered", "affirmed"]) & Q(by="")),
                name="call_run_line_author",
            ),
        ),
        migrations.RunSQL([_FUNCTION, _TRIGGER], "DROP FUNCTION calls_refuse_own_run() CASCADE"),
    ]
