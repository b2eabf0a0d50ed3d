"""What a Django model cannot say: foreign keys of the double entry, room for hot updates, rows that never change."""

from django.db import migrations

from veta.storage.append_only import append_only

WEIGHTS = """
CREATE FUNCTION ledger_weights_sum(weights bigint[]) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT sum(weight) FROM unnest(weights) AS weight);
ALTER TABLE ledger_composition ADD CONSTRAINT ledger_composition_weights CHECK (
    array_ndims(origins) = 1 AND array_ndims(weights) = 1 AND cardinality(origins) = cardinality(weights)
    AND array_position(origins, NULL) IS NULL AND array_position(weights, NULL) IS NULL
    AND 0 < ALL (weights) AND ledger_weights_sum(weights) = total
);
"""
NO_WEIGHTS = """
ALTER TABLE ledger_composition DROP CONSTRAINT ledger_composition_weights;
DROP FUNCTION ledger_weights_sum(bigint[]);
"""
# Entries name the account with its commodity, so that no entry can turn one commodity into another.
REFERENCES = (
    ("ledger_entry", "source", "source, commodity", "ledger_account (id, commodity)"),
    ("ledger_entry", "target", "target, commodity", "ledger_account (id, commodity)"),
    ("ledger_quota", "account", "account", "ledger_account (id)"),
    ("ledger_lot", "account", "account, mineral", "ledger_account (id, commodity)"),
    ("ledger_lot", "origin", "origin", "ledger_origin (id)"),
    ("ledger_lot", "composition", "composition", "ledger_composition (id)"),
    ("ledger_lot_parent", "parent", "parent", "ledger_lot (account)"),
    ("ledger_lot_parent", "child", "child", "ledger_lot (account)"),
    ("ledger_lot_suspension", "lot", "lot", "ledger_lot (account)"),
)


def reference(table: str, name: str, columns: str, target: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_fk FOREIGN KEY ({columns}) REFERENCES {target}",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_fk",
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        # One page keeps room for the next versions of its accounts: their integers change, no index holds them.
        migrations.RunSQL(
            "ALTER TABLE ledger_account SET (fillfactor = 80)", "ALTER TABLE ledger_account RESET (fillfactor)"
        ),
        migrations.RunSQL(WEIGHTS, NO_WEIGHTS),
        *(reference(*row) for row in REFERENCES),
        append_only("ledger_account", frozen=("id", "commodity", "kind", "holder")),
        append_only("ledger_quota"),
        append_only("ledger_entry"),
        append_only("ledger_origin"),
        append_only("ledger_composition"),
        append_only("ledger_lot"),
        append_only("ledger_lot_parent"),
        append_only("ledger_lot_suspension"),
        append_only("ledger_suspension_lift"),
    ]
