"""Nothing of a bond is rewritten: the trigger refuses it to whoever asks."""

from django.db import migrations

from veta.storage.append_only import append_only

TABLES = ("bonds_quotation", "bonds_bond", "bonds_bondevent")


class Migration(migrations.Migration):
    dependencies = [("bonds", "0001_initial"), ("ledger", "0002_guards")]

    operations = [append_only(table) for table in TABLES]
