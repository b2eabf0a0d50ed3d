"""Rows that never change. The raw words are not among them: after the legal term an act may destroy them."""

from django.db import migrations

from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("movements", "0001_initial")]

    operations = [
        append_only("movements_movement"),
        append_only("movements_verdict"),
        append_only("movements_pending"),
        append_only("movements_pendingline"),
        append_only("movements_pendingend"),
    ]
