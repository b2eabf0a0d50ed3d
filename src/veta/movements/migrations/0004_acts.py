import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower, Trim
from django.db.models.lookups import Exact

from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("movements", "0003_noticed"), ("ledger", "0004_lot_mark")]

    operations = [
        migrations.CreateModel(
            name="ActProposal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("words", models.JSONField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=("suspension", "lift", "seizure", "accredit")), name="movement_act_kind"
                    ),
                    models.UniqueConstraint(fields=["id", "proposed_by"], name="movement_act_author"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActDecision",
            fields=[
                ("proposal", models.UUIDField(primary_key=True, serialize=False)),
                ("proposed_by", models.TextField()),
                ("decided_by", models.TextField()),
                ("decision", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(decision__in=("approved", "refused")), name="movement_act_decision"
                    ),
                    models.CheckConstraint(
                        condition=~Exact(Lower(Trim(F("decided_by"))), Lower(Trim(F("proposed_by")))),
                        name="movement_act_two_persons",
                    ),
                ],
            },
        ),
        # The decision repeats its proposal's author truly, so that its CHECK is about two persons.
        migrations.RunSQL(
            "ALTER TABLE movements_actdecision ADD CONSTRAINT movement_act_decision_author_fk"
            " FOREIGN KEY (proposal, proposed_by) REFERENCES movements_actproposal (id, proposed_by)",
            "ALTER TABLE movements_actdecision DROP CONSTRAINT movement_act_decision_author_fk",
        ),
        append_only("movements_actproposal"),
        append_only("movements_actdecision"),
    ]
