from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_lot_mark")]

    operations = [
        migrations.RemoveIndex(model_name="account", name="ledger_account_holder"),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(condition=Q(("kind", "lot")), fields=["holder", "id"], name="ledger_account_held"),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=Q(("origin__isnull", False)),
                fields=["origin", "occurred_at", "account"],
                name="ledger_lot_origin",
            ),
        ),
    ]
