"""Digests of words that name people are keyed or sealed (ADR 0108): a chain's, a workbook's, a signed request's."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import migrations, models

from veta.storage.append_only import append_only
from veta.storage.keys import require_same_keys
from veta.storage.sealed_field import SealedBytes, SealedJson, json_bytes
from veta.storage.sealing import keyed, seal

AT_ONCE = 5_000
FROZEN = {
    "node_businessrecord": (),
    "node_sheet": ("id", "client_id", "kind", "file_name", "digest", "uploaded_by_id"),
    "node_signedrequest": (),
}


def _record(row: Any) -> Sequence[object]:
    id, previous, digest = row
    return _sealed("businessrecord", "previous", id, previous), _chain(digest), _chain(previous)


def _device(row: Any) -> Sequence[object]:
    return (_sealed("device", "last_digest", *row),)


def _sheet(row: Any) -> Sequence[object]:
    return (keyed("veta-sheet-v1", row[1]).hex(),)


def _request(row: Any) -> Sequence[object]:
    id, digest, signature = row[0], bytes(row[1]), bytes(row[2])
    place = {"table": "node_signedrequest", "row": str(id)}
    return (
        keyed("veta-request-v1", digest.hex()), seal(digest, column="body_digest", **place),
        seal(signature, column="signature", **place),
    )  # fmt: skip


def _chain(digest: str) -> bytes:
    return keyed("veta-chain-v1", digest)


def _sealed(table: str, column: str, id: object, value: str) -> bytes:
    return seal(json_bytes(value), table=f"node_{table}", column=column, row=str(id))


# Table, what is read beside its id, what is written of it with its type, and how it is made.
CONVERTED: list[tuple[str, str, dict[str, str], Callable[[Any], Sequence[object]]]] = [
    ("node_businessrecord", "previous, digest", {"previous_sealed": "bytea", "link": "bytea", "follows": "bytea"}, _record),
    ("node_device", "last_digest", {"last_digest_sealed": "bytea"}, _device),
    ("node_sheet", "digest", {"digest": "text"}, _sheet),
    (
        "node_signedrequest", "digest, signature",
        {"digest": "bytea", "body_digest": "bytea", "signature": "bytea"}, _request,
    ),
]  # fmt: skip
ADD = """
ALTER TABLE node_businessrecord ADD COLUMN previous_sealed bytea, ADD COLUMN link bytea, ADD COLUMN follows bytea;
ALTER TABLE node_device ADD COLUMN last_digest_sealed bytea;
ALTER TABLE node_signedrequest ADD COLUMN body_digest bytea
"""
PUT = """
ALTER TABLE node_businessrecord DROP COLUMN previous, DROP COLUMN digest, ALTER COLUMN previous_sealed SET NOT NULL,
    ALTER COLUMN link SET NOT NULL, ALTER COLUMN follows SET NOT NULL;
ALTER TABLE node_businessrecord RENAME COLUMN previous_sealed TO previous;
ALTER TABLE node_device DROP COLUMN last_digest, ALTER COLUMN last_digest_sealed SET NOT NULL;
ALTER TABLE node_device RENAME COLUMN last_digest_sealed TO last_digest;
ALTER TABLE node_signedrequest ALTER COLUMN body_digest SET NOT NULL
"""


def convert(apps: Any, schema_editor: Any) -> None:
    """Batch by batch, a statement each. Raises KeyRefused where the keys are not those of this database."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ADD)
        for table, read, made, of in CONVERTED:
            columns = ", ".join(f"{name} = new.{name}" for name in made)
            given = ", ".join(["%s::uuid[]", *(f"%s::{kind}[]" for kind in made.values())])
            write = (
                f"UPDATE {table} AS old SET {columns} FROM unnest({given}) AS new(id, {', '.join(made)})"
                " WHERE old.id = new.id"
            )
            query = f"SELECT id, {read} FROM {table} {{}} ORDER BY id LIMIT {AT_ONCE}"
            rows = cursor.execute(query.format("")).fetchall()
            if rows:
                require_same_keys("node_identitykey", ("identity", "lookup"))
            while rows:
                cursor.execute(write, [[row[0] for row in rows], *map(list, zip(*map(of, rows), strict=True))])
                rows = cursor.execute(query.format("WHERE id > %s"), [rows[-1][0]]).fetchall()
        cursor.execute(PUT)


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0013_lot_lines'),
    ]

    operations = [
        migrations.RunSQL([f"DROP TRIGGER append_only ON {table}" for table in FROZEN]),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(convert)],
            state_operations=[
                migrations.RemoveField('businessrecord', 'digest'),
                migrations.AlterField('businessrecord', 'previous', SealedJson()),
                migrations.AddField('businessrecord', 'link', models.BinaryField(max_length=32), preserve_default=False),
                migrations.AddField('businessrecord', 'follows', models.BinaryField(max_length=32), preserve_default=False),
                migrations.AlterField('device', 'last_digest', SealedJson(default='')),
                migrations.AddField('signedrequest', 'body_digest', SealedBytes(), preserve_default=False),
                migrations.AlterField('signedrequest', 'signature', SealedBytes()),
            ],
        ),
        *(append_only(table, frozen=frozen) for table, frozen in FROZEN.items()),
    ]
