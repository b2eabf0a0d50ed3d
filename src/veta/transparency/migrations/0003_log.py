from hashlib import sha256

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import F, Q

from veta.storage.append_only import append_only

# The head moves forward or stays; the tree of nothing is where every log begins.
HEAD = f"""
INSERT INTO transparency_head (id, size, root, published) VALUES (1, 0, '\\x{sha256(b"").hexdigest()}', 0);
CREATE FUNCTION transparency_head_forward() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.size < OLD.size OR NEW.published < OLD.published OR (NEW.size = OLD.size AND NEW.root <> OLD.root) THEN
        RAISE EXCEPTION 'the head of the log never moves back nor to another tree of its size'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER forward BEFORE UPDATE ON transparency_head
    FOR EACH ROW EXECUTE FUNCTION transparency_head_forward();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON transparency_head
    FOR EACH STATEMENT EXECUTE FUNCTION veta_refuse_change();
ALTER TABLE transparency_head ADD CONSTRAINT transparency_head_root CHECK (octet_length(root) = 32);
"""
NO_HEAD = """
DROP TRIGGER kept ON transparency_head;
DROP TRIGGER forward ON transparency_head;
DROP FUNCTION transparency_head_forward();
ALTER TABLE transparency_head DROP CONSTRAINT transparency_head_root;
TRUNCATE transparency_head;
"""
ROOTS = "ALTER TABLE transparency_checkpoint ADD CONSTRAINT transparency_checkpoint_root CHECK (octet_length(root) = 32)"
NO_ROOTS = "ALTER TABLE transparency_checkpoint DROP CONSTRAINT transparency_checkpoint_root"


class Migration(migrations.Migration):
    dependencies = [("transparency", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="LogKey",
            fields=[
                ("number", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("vkey", models.TextField(unique=True)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={"db_table": "transparency_log_key"},
        ),
        migrations.CreateModel(
            name="LogKeyRetired",
            fields=[
                ("key", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to="transparency.logkey")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={"db_table": "transparency_log_key_retired"},
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("published", models.BigIntegerField()),
            ],
            options={
                "db_table": "transparency_head",
                "constraints": [
                    models.CheckConstraint(condition=Q(id=1), name="transparency_head_one"),
                    models.CheckConstraint(condition=Q(published__lte=F("size")), name="transparency_head_published"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("signed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={"db_table": "transparency_checkpoint"},
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("pk", models.CompositePrimaryKey("checkpoint_id", "witness", blank=True, editable=False, primary_key=True, serialize=False)),
                ("witness", models.TextField()),
                ("line", models.TextField()),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("checkpoint", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="cosignatures", to="transparency.checkpoint")),
            ],
            options={"db_table": "transparency_cosignature"},
        ),
        migrations.CreateModel(
            name="LeafIndex",
            fields=[
                ("pk", models.CompositePrimaryKey("prefix", "index", blank=True, editable=False, primary_key=True, serialize=False)),
                ("prefix", models.BigIntegerField()),
                ("index", models.BigIntegerField()),
            ],
            options={"db_table": "transparency_leaf_index"},
        ),
        migrations.RunSQL(HEAD, NO_HEAD),
        migrations.RunSQL(ROOTS, NO_ROOTS),
        *map(append_only, (
            "transparency_log_key", "transparency_log_key_retired", "transparency_checkpoint",
            "transparency_cosignature", "transparency_leaf_index",
        )),
    ]
