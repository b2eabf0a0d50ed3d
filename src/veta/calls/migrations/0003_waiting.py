"""What waits and is deleted once it served: questions until they are answered, credentials until they are opened."""

import django.db.models.deletion
from django.db import migrations, models

import veta.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="CallCredential",
            fields=[
                ("application", models.UUIDField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="CallQuestion",
            fields=[
                ("id", models.UUIDField(
                    default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=1000)),
                ("at", models.DateTimeField()),
                ("call", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, to="calls.operatorcall")),
            ],
        ),
    ]
