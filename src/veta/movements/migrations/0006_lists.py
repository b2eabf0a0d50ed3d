from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("movements", "0005_seller")]

    operations = [
        migrations.AddIndex(
            model_name="movement", index=models.Index(fields=["received_at", "id"], name="movement_received")
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=Q(("author__isnull", False)), fields=["author", "received_at", "id"], name="movement_author"
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=Q(("counterparty__isnull", False)),
                fields=["counterparty", "received_at", "id"],
                name="movement_counterparty",
            ),
        ),
    ]
