from django.db import migrations, models

from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("movements", "0006_lists")]

    operations = [
        migrations.CreateModel(
            name="PaperNumber",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "origin", "type", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("origin", models.UUIDField()),
                ("type", models.TextField()),
                ("number", models.TextField()),
                ("movement", models.UUIDField()),
            ],
            options={"indexes": [models.Index(fields=["movement"], name="movement_paper_number_of")]},
        ),
        append_only("movements_papernumber"),
    ]
