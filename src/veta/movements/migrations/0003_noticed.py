import django.db.models.functions.datetime
from django.db import migrations, models

from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("movements", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Noticed",
            fields=[
                ("until", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        append_only("movements_noticed"),
    ]
