from importlib import import_module

from django.db import migrations

# A request goes with the last of its items that has words: its digest and signature are of their bytes. Not one whose
# seal covers both plainly (forms 1 and 2).
ERASE = """
CREATE OR REPLACE FUNCTION movements_erase(asked uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
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
        IF item.relation = 'movements_rawitem' THEN
            UPDATE operators_signedrequest AS q
            SET signature = '', body_digest = sha256('veta-request-v1'::bytea || q.signature || q.body_digest)
            WHERE q.signature <> ''
                AND q.id IN (SELECT m.request FROM movements_movement AS m WHERE m.id = ANY (item.keys::uuid[]))
                AND NOT EXISTS (
                    SELECT FROM movements_movement AS m LEFT JOIN movements_rawitem AS r ON r.movement_id = m.id
                    LEFT JOIN movements_verdict AS v ON v.movement_id = m.id
                    LEFT JOIN transparency_sealed_rows AS s ON s.of_id = v."group"
                    WHERE m.request = q.id AND (r.movement_id IS NOT NULL OR s.form < 3)
                );
        END IF;
    END LOOP;
    RETURN gone;
END
$body$
"""
BEFORE = import_module("veta.movements.migrations.0008_erasure").ERASE


class Migration(migrations.Migration):
    dependencies = [
        ("movements", "0011_tally"), ("operators", "0004_erased_requests"), ("transparency", "0005_more_acts"),
    ]  # fmt: skip

    operations = [migrations.RunSQL(ERASE, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
