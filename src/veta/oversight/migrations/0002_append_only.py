"""Nothing of a validation is rewritten: the trigger refuses it to whoever asks."""

from django.db import migrations

from veta.storage.append_only import append_only

TABLES = ("oversight_validation", "oversight_validationevent")


class Migration(migrations.Migration):
    dependencies = [("oversight", "0001_initial"), ("ledger", "0002_guards")]

    operations = [append_only(table) for table in TABLES]
