"""What names or numbers a person is sealed for its row (ADR 0108); rows that stand in clear are sealed on the way.

Every table that holds such rows loses its trigger while they are written anew, in one transaction, and has it again.
"""

import json
from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q

import veta.storage.sealed_field
from veta.kernel.identity import Document
from veta.node.domain.records import about
from veta.storage.append_only import append_only
from veta.storage.keys import require_same_keys
from veta.storage.sealed_field import json_bytes
from veta.storage.sealing import hmac_of, keyed, seal

AT_ONCE = 500


def _client(row: Any) -> dict[str, Any]:
    return {"document_digest": hmac_of(Document(row["document_type"], row["document_number"]))}


def _record(row: Any) -> dict[str, Any]:
    digest = row["source_digest"]
    return {"about": about(json.loads(row["payload"])), "source_digest": digest and keyed("veta-row-v1", digest).hex()}


def _event(row: Any) -> dict[str, Any]:
    verdict = json.loads(row["body"]).get("verdict") or {}
    return {"status": verdict.get("status", ""), "outcome": verdict.get("outcome") or ""}


def _row(row: Any) -> dict[str, Any]:
    return {"digest": row["digest"] and keyed("veta-row-v1", row["digest"]).hex()}


def _none(row: Any) -> dict[str, Any]:
    return {}


# Table, its key, what tells a row from others, its columns (each text, json or bytes; nothing of it is NULL where it
# may be), what else is read, and what follows from it.
SEALED: list[Any] = [
    ("node_client", "id", ["id"], {"name": "text", "document_number": "text", "check_digit": "text", "contact": "text"},
     ["document_type"], _client),
    ("node_clientpaper", "id", ["id"], {"number": "text"}, [], _none),
    ("node_businessrecord", "id", ["id"], {"payload": "json", "local_findings": "json", "late_reason": "text"},
     ["source_digest"], _record),
    ("node_hubevent", "number", ["number"], {"body": "json"}, [], _event),
    ("node_issueddocument", "id", ["id"], {"body": "json"}, [], _none),
    ("node_sheet", "id", ["id"], {"file_name": "text"}, [], _none),
    ("node_sheetfile", "sheet_id", ["sheet_id"], {"content": "bytes"}, [], _none),
    ("node_sheetrow", "id", ["sheet_id", "number"], {"item": "json", "marks": "json"}, ["digest"], _row),
    ("node_resolution", "record_id", ["record_id"], {"reason": "text"}, [], _none),
]
NULLABLE = {("node_sheetrow", "item"), ("node_sheetrow", "marks"), ("node_resolution", "reason")}
FROZEN = {
    "node_client": (
        "id", "kind", "document_type", "document_number", "document_digest", "check_digit", "created_by_id",
    ),
    "node_sheet": ("id", "client_id", "kind", "file_name", "digest", "uploaded_by_id"),
}


def seal_rows(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM node_client)")
        if cursor.fetchone()[0]:
            require_same_keys("node_identitykey", ("identity", "lookup"))
        for table, key, place, columns, others, derived in SEALED:
            cursor.execute(f"ALTER TABLE {table} " + ", ".join(f"ADD COLUMN {name}_sealed bytea" for name in columns))
            read = list(dict.fromkeys([key, *place, *columns, *others]))
            asked = ", ".join(f"{name}::text" if columns.get(name) == "json" else name for name in read)
            at_once = 1 if "bytes" in columns.values() else AT_ONCE
            query = f"SELECT {asked} FROM {table} {{}} ORDER BY {key} LIMIT {at_once}"
            cursor.execute(query.format(""))
            while rows := [dict(zip(read, row, strict=True)) for row in cursor.fetchall()]:
                for row in rows:
                    _seal_one(cursor, table, key, place, columns, row, derived(row))
                cursor.execute(query.format(f"WHERE {key} > %s"), [rows[-1][key]])
            for name in columns:
                cursor.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
                cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {name}_sealed TO {name}")
                if (table, name) not in NULLABLE:
                    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")


def _seal_one(cursor: Any, table: str, key: str, place: Any, columns: Any, row: Any, more: Any) -> None:
    at = ":".join(str(row[name]) for name in place)
    new = dict(more)
    for name, kind in columns.items():
        value = _plain(kind, row[name], empty=(table, name) in NULLABLE)
        new[f"{name}_sealed"] = None if value is None else seal(value, table=table, column=name, row=at)
    names = ", ".join(f"{name} = %s" for name in new)
    cursor.execute(f"UPDATE {table} SET {names} WHERE {key} = %s", [*new.values(), row[key]])


def _plain(kind: str, value: Any, *, empty: bool) -> bytes | None:
    """The bytes of a value; None for NULL, and for what is empty where NULL now says so."""
    if value is None or (empty and value in ("", "[]")):
        return None
    if kind == "bytes":
        return bytes(value)
    return json_bytes(json.loads(value) if kind == "json" else value)


def sealed(model: str, name: str, **kwargs: Any) -> Any:
    return migrations.AlterField(model, name, veta.storage.sealed_field.SealedJson(**kwargs))


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0007_documents'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentityKey',
            fields=[
                ('purpose', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        append_only("node_identitykey"),
        migrations.RunSQL([f"DROP TRIGGER append_only ON {table}" for table, *_ in SEALED]),
        migrations.RemoveConstraint(model_name='client', name='node_client_document'),
        migrations.RemoveConstraint(model_name='resolution', name='node_resolution_one'),
        migrations.AddField('client', 'document_digest', models.BinaryField(max_length=32, null=True)),
        migrations.AddField('businessrecord', 'about', models.UUIDField(null=True)),
        migrations.AddField('hubevent', 'status', models.CharField(blank=True, max_length=12, default=''), preserve_default=False),
        migrations.AddField('hubevent', 'outcome', models.CharField(blank=True, max_length=12, default=''), preserve_default=False),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(seal_rows)],
            state_operations=[
                sealed('client', 'name'),
                sealed('client', 'document_number'),
                sealed('client', 'check_digit', default=''),
                sealed('client', 'contact', default=''),
                sealed('clientpaper', 'number'),
                sealed('businessrecord', 'payload'),
                sealed('businessrecord', 'local_findings', default=list),
                sealed('businessrecord', 'late_reason', default=''),
                sealed('hubevent', 'body'),
                sealed('issueddocument', 'body'),
                sealed('sheet', 'file_name'),
                migrations.AlterField('sheetfile', 'content', veta.storage.sealed_field.SealedBytes()),
                sealed('sheetrow', 'item', null=True, row=('sheet_id', 'number')),
                sealed('sheetrow', 'marks', null=True, row=('sheet_id', 'number')),
                sealed('resolution', 'reason', null=True),
            ],
        ),
        migrations.AlterField('client', 'document_digest', models.BinaryField(max_length=32)),
        migrations.AddConstraint('client', models.UniqueConstraint(fields=['document_digest'], name='node_client_document')),
        migrations.AddConstraint(
            'resolution',
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=False, reason__isnull=True) | Q(replaced_by__isnull=True, reason__isnull=False),
                name='node_resolution_one',
            ),
        ),
        migrations.AddIndex(
            'businessrecord', models.Index(fields=['about'], name='node_record_about', condition=Q(about__isnull=False))
        ),
        *(append_only(table, frozen=FROZEN.get(table, ())) for table, *_ in SEALED),
    ]
