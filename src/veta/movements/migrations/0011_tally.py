from datetime import UTC, datetime

import django.db.models.functions.datetime
from django.db import migrations, models

from veta.storage.append_only import append_only

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("movements", "0010_no_seller")]

    operations = [
        migrations.CreateModel(
            name="Tallied",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("until", models.BigIntegerField()),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("pk", models.CompositePrimaryKey("what", "day", "name", "detail")),
                ("what", models.TextField()),
                ("day", models.DateField()),
                ("name", models.TextField()),
                ("detail", models.TextField()),
                ("number", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                ("pk", models.CompositePrimaryKey("label", "received_at", "movement")),
                ("label", models.TextField()),
                ("received_at", models.DateTimeField()),
                ("movement", models.UUIDField()),
            ],
        ),
        append_only("movements_label"),
        migrations.RunSQL(
            f"INSERT INTO movements_tallied (id, until, since) VALUES (1, 0, '{LONG_AGO.isoformat()}')",
            "DELETE FROM movements_tallied",
        ),
    ]
