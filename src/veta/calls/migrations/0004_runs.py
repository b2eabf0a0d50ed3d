"""The lines of a run of the test format that the platform follows: they are only added."""

from django.db import migrations, models

import veta.kernel.ids
from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_waiting")]

    operations = [
        migrations.CreateModel(
            name="CallRunLine",
            fields=[
                ("id", models.UUIDField(
                    default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("run", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("by", models.CharField(blank=True, max_length=150)),
                ("at", models.DateTimeField()),
                ("data", models.JSONField()),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["run", "place"], name="call_run_line_place"),
                    models.UniqueConstraint(fields=["run", "previous"], name="call_run_line_no_fork"),
                ],
            },
        ),
        append_only("calls_callrunline"),
    ]
