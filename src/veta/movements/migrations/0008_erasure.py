import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower, Trim
from django.db.models.lookups import Exact

from veta.storage.append_only import append_only
from veta.storage.logged import logged

AUTHOR = """
ALTER TABLE movements_erasuredecision ADD CONSTRAINT movement_erasure_decision_author_fk
    FOREIGN KEY (erasure, proposed_by) REFERENCES movements_erasure (id, proposed_by);
ALTER TABLE movements_erasureitem ADD CONSTRAINT movement_erasure_item_fk
    FOREIGN KEY (erasure) REFERENCES movements_erasure (id);
"""
NO_AUTHOR = """
ALTER TABLE movements_erasureitem DROP CONSTRAINT movement_erasure_item_fk;
ALTER TABLE movements_erasuredecision DROP CONSTRAINT movement_erasure_decision_author_fk;
"""
# The one way by which such rows are destroyed: the application may delete none of them by itself.
ERASE = """
CREATE FUNCTION movements_erase(asked uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $body$
DECLARE
    item record;
    primary_key name;
    gone bigint := 0;
    lost bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM movements_erasuredecision WHERE erasure = asked AND decision = 'approved') THEN
        RAISE EXCEPTION 'no erasure % was approved by a second person', asked USING ERRCODE = 'restrict_violation';
    END IF;
    FOR item IN SELECT relation, array_agg(key) AS keys FROM movements_erasureitem WHERE erasure = asked GROUP BY 1 LOOP
        SELECT attname INTO STRICT primary_key FROM pg_index JOIN pg_attribute
            ON attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = item.relation::regclass AND indisprimary;
        EXECUTE format('DELETE FROM %I WHERE %I::text = ANY ($1)', item.relation, primary_key) USING item.keys;
        GET DIAGNOSTICS lost = ROW_COUNT;
        gone := gone + lost;
        DELETE FROM transparency_act_salt WHERE act_id IN (
            SELECT id FROM transparency_act WHERE relation = item.relation AND key = ANY (item.keys)
        );
    END LOOP;
    RETURN gone;
END
$body$
"""
ALLOWED = (
    "REVOKE ALL ON FUNCTION movements_erase(uuid) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION movements_erase(uuid) TO veta_app",
)
NO_ERASE = "DROP FUNCTION movements_erase(uuid)"


class Migration(migrations.Migration):
    dependencies = [
        ("movements", "0007_paper_numbers"), ("ledger", "0004_lot_mark"), ("transparency", "0004_acts"),
        ("registry", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("actor", models.UUIDField(null=True)),
                ("act", models.TextField()),
                ("reason", models.TextField()),
                ("proposed_by", models.TextField()),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["id", "proposed_by"], name="movement_erasure_author")],
            },
        ),
        migrations.CreateModel(
            name="ErasureItem",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("erasure", models.UUIDField()),
                ("relation", models.TextField()),
                ("key", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["erasure", "relation", "key"], name="movement_erasure_item_once"),
                    models.CheckConstraint(
                        condition=Q(relation__in=(
                            "movements_rawitem", "registry_actordocument", "registry_actorname",
                            "registry_actorcontact", "registry_actorsourcekey",
                        )),
                        name="movement_erasure_relation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureDecision",
            fields=[
                ("erasure", models.UUIDField(primary_key=True, serialize=False)),
                ("proposed_by", models.TextField()),
                ("decided_by", models.TextField()),
                ("decision", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(decision__in=("approved", "refused")), name="movement_erasure_decision"
                    ),
                    models.CheckConstraint(
                        condition=~Exact(Lower(Trim(F("decided_by"))), Lower(Trim(F("proposed_by")))),
                        name="movement_erasure_two_persons",
                    ),
                ],
            },
        ),
        migrations.RunSQL(AUTHOR, NO_AUTHOR),
        *map(append_only, ("movements_erasure", "movements_erasureitem", "movements_erasuredecision")),
        *(logged(table, key) for table, key in (
            ("movements_erasure", "id"), ("movements_erasureitem", "id"), ("movements_erasuredecision", "erasure"),
            ("movements_actproposal", "id"), ("movements_actdecision", "proposal"),
            ("ledger_lot_mark", "id"), ("ledger_suspension_lift", "act"),
        )),
        # As a list: it is not to be cut at its semicolons.
        migrations.RunSQL([ERASE, *ALLOWED], NO_ERASE),
    ]
