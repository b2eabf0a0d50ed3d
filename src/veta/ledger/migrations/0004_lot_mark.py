from django.db import migrations, models

from veta.ledger.domain.accounts import ACCREDITATIONS
from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_account_holder")]

    operations = [
        migrations.CreateModel(
            name="LotMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("lot", models.UUIDField()),
                ("act", models.UUIDField()),
                ("accreditation", models.TextField()),
            ],
            options={
                "db_table": "ledger_lot_mark",
                "indexes": [models.Index(fields=["lot", "id"], name="ledger_lot_mark_lot")],
                "constraints": [
                    models.UniqueConstraint(fields=["act", "lot"], name="ledger_lot_mark_once"),
                    models.CheckConstraint(
                        condition=models.Q(accreditation__in=ACCREDITATIONS), name="ledger_lot_mark_accreditation"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_lot_mark ADD CONSTRAINT ledger_lot_mark_lot_fk"
            " FOREIGN KEY (lot) REFERENCES ledger_lot (account)",
            "ALTER TABLE ledger_lot_mark DROP CONSTRAINT ledger_lot_mark_lot_fk",
        ),
        append_only("ledger_lot_mark"),
        # What an act reached is read by the act: to close it, to show it, to audit it.
        migrations.AddIndex(
            model_name="lotsuspension", index=models.Index(fields=["act"], name="ledger_lot_suspension_act")
        ),
    ]
