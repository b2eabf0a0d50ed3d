"""The contacts of a firm, each time it gives them: sealed, and only added."""

from django.db import migrations, models

import veta.kernel.ids
from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_hands")]

    operations = [
        migrations.CreateModel(
            name="CallContacts",
            fields=[
                (
                    "id",
                    models.UUIDField(default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("application", models.UUIDField(db_index=True)),
                ("sealed", models.BinaryField()),
            ],
        ),
        append_only("calls_callcontacts"),
    ]
