"""Nothing of royalties is rewritten: the trigger refuses it to whoever asks."""

from django.db import migrations

from veta.storage.append_only import append_only

TABLES = (
    "royalties_settlement", "royalties_settlementevent", "royalties_withholding", "royalties_reportedrun",
    "royalties_reported",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("royalties", "0001_initial"), ("ledger", "0002_guards")]

    operations = [append_only(table) for table in TABLES]
