from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
import veta.transparency.models
from django.db import migrations, models

from veta.storage.append_only import append_only
from veta.storage.logged import logged

XID = "ALTER TABLE transparency_act ALTER COLUMN xid SET DEFAULT pg_current_xact_id()"
NO_XID = "ALTER TABLE transparency_act ALTER COLUMN xid DROP DEFAULT"
# What the authority decides and records of others: who somebody is, what they may do, by which act, and the prices.
LOGGED = {
    "registry_actor": "id",
    "registry_actordocument": "hmac",
    "registry_actorname": "id",
    "registry_actorcontact": "id",
    "registry_municipalityversion": "id",
    "registry_title": "id",
    "registry_titleversion": "id",
    "registry_titleholder": "id",
    "registry_worksplanversion": "id",
    "registry_worksplanline": "id",
    "registry_registration": "id",
    "registry_registrationversion": "id",
    "registry_mandate": "id",
    "registry_mandateversion": "id",
    "registry_actproposal": "id",
    "registry_actdecision": "proposal_id",
    "operators_operator": "id",
    "operators_operatorversion": "id",
    "operators_operatorkey": "id",
    "operators_keyapproval": "id",
    "operators_keyrevocation": "id",
    "operators_hubkey": "id",
    "prices_resolution": "id",
    "prices_baseprice": "id",
    "prices_resolutiondecision": "resolution_id",
    "veta_site_roleproposal": "id",
    "veta_site_roledecision": "id",
    "veta_site_rolerevocation": "id",
}


def one_to_one(to: str, **more: Any) -> Any:
    return models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to=f"transparency.{to}", **more)


def in_group() -> Any:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="transparency.group")


def one_of_checkpoints() -> Any:
    return models.OneToOneField(
        db_column="previous", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="next",
        to="transparency.checkpoint",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("transparency", "0003_log"),
        ("registry", "0002_append_only"),
        ("operators", "0002_append_only"),
        ("prices", "0002_append_only"),
        ("veta_site", "0002_two_persons_and_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("relation", models.TextField()),
                ("key", models.TextField()),
                ("xid", veta.transparency.models.TransactionIdField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                "db_table": "transparency_act",
                "indexes": [models.Index(fields=["xid"], name="transparency_act_xid")],
            },
        ),
        migrations.CreateModel(
            name="SealedGroup",
            fields=[("group", one_to_one("group"))],
            options={"db_table": "transparency_sealed_group"},
        ),
        migrations.CreateModel(
            name="SealedAct",
            fields=[("act", one_to_one("act")), ("group", in_group()), ("position", models.IntegerField())],
            options={"db_table": "transparency_sealed_act"},
        ),
        migrations.CreateModel(
            name="ActSalt",
            fields=[("act", one_to_one("act")), ("salt", models.BinaryField())],
            options={"db_table": "transparency_act_salt"},
        ),
        migrations.CreateModel(
            name="SealedRows",
            fields=[
                ("of", one_to_one("group", related_name="+")),
                ("digests", models.BinaryField()),
                ("salt", models.BinaryField()),
                ("group", in_group()),
                ("position", models.IntegerField()),
            ],
            options={"db_table": "transparency_sealed_rows"},
        ),
        migrations.AddField(
            model_name="checkpoint",
            name="previous",
            field=one_of_checkpoints(),
        ),
        migrations.RunSQL(XID, NO_XID),
        *map(append_only, (
            "transparency_act", "transparency_sealed_group", "transparency_sealed_act", "transparency_sealed_rows",
        )),
        *(logged(table, key) for table, key in LOGGED.items()),
    ]
