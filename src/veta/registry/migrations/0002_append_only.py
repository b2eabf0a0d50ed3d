"""What Django's models cannot say: the order of recording, rows that never change, and who a decision is about."""

from django.db import migrations

from veta.storage.append_only import append_only

ORDERED = (
    "registry_titleversion",
    "registry_registrationversion",
    "registry_worksplanversion",
    "registry_mandateversion",
    "registry_municipalityversion",
    "registry_actorname",
    "registry_actorcontact",
)
# Identity rows (documents, names, contacts, source keys) may one day be erased by an act; nothing else ever changes.
APPEND_ONLY = (
    "registry_actor",
    "registry_municipality",
    "registry_municipalityversion",
    "registry_title",
    "registry_titleversion",
    "registry_titleholder",
    "registry_worksplanversion",
    "registry_worksplanline",
    "registry_registration",
    "registry_registrationversion",
    "registry_mandate",
    "registry_mandateproposal",
    "registry_mandateversion",
    "registry_card",
    "registry_cardrevocation",
    "registry_cardattempt",
    "registry_consentrequest",
    "registry_consentcheck",
    "registry_consentuse",
    "registry_assertedconsent",
    "registry_actproposal",
    "registry_actdecision",
    "registry_importrun",
    "registry_importedrow",
    "registry_identitykey",
)

SEQ = "ALTER TABLE {0} ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY"
NO_SEQ = "ALTER TABLE {0} DROP COLUMN seq"
DECISION = """
ALTER TABLE registry_actdecision ADD CONSTRAINT act_decision_of_its_author
FOREIGN KEY (proposal_id, proposed_by) REFERENCES registry_actproposal (id, proposed_by)"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_tables")]

    operations = [
        *(migrations.RunSQL(SEQ.format(table), NO_SEQ.format(table)) for table in ORDERED),
        migrations.RunSQL(
            "CREATE INDEX registration_version_title ON registry_registrationversion (title_code)",
            "DROP INDEX registration_version_title",
        ),
        migrations.RunSQL(DECISION, "ALTER TABLE registry_actdecision DROP CONSTRAINT act_decision_of_its_author"),
        *map(append_only, APPEND_ONLY),
    ]
