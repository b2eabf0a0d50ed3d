"""Lots by record in clear (ADR 0108): of the rows that are there, read from what was captured and what the hub said."""

import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from veta.node.domain.lots import OWN, TAKING, of_payload, of_verdict
from veta.storage.append_only import append_only
from veta.storage.sealing import unseal

AT_ONCE = 500
INSERT = "INSERT INTO node_lotline (record_id, said, place, lot, mineral, quantity, grade) VALUES (%s, %s, %s, %s, %s, %s, %s)"
CAPTURED = """
SELECT id, kind, payload FROM node_businessrecord WHERE kind = ANY (%s) AND id > %s ORDER BY id LIMIT %s
"""
SAID = """
SELECT verdict.movement, verdict.body::text FROM node_verdict AS verdict
JOIN node_businessrecord AS record ON record.id = verdict.movement
WHERE jsonb_array_length(coalesce(verdict.body -> 'lots', '[]')) > 0 AND verdict.movement > %s
ORDER BY verdict.movement LIMIT %s
"""
FIRST = "00000000-0000-0000-0000-000000000000"


def fill(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        last = FIRST
        while rows := cursor.execute(CAPTURED, [sorted({*OWN, *TAKING}), last, AT_ONCE]).fetchall():
            for id, kind, sealed in rows:
                said = unseal(bytes(sealed), table="node_businessrecord", column="payload", row=str(id))
                _write(cursor, id, of_payload(kind, json.loads(said)))
            last = rows[-1][0]
        last = FIRST
        while rows := cursor.execute(SAID, [last, AT_ONCE]).fetchall():
            for id, body in rows:
                _write(cursor, id, of_verdict(json.loads(body)))
            last = rows[-1][0]


def _write(cursor: Any, record: Any, lines: Any) -> None:
    rows = [
        (record, line.said.value, place, line.lot, line.mineral, line.quantity, line.grade)
        for place, line in enumerate(lines)
    ]
    cursor.executemany(INSERT, rows)


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0012_signed_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='LotLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('said', models.CharField(max_length=6)),
                ('place', models.IntegerField()),
                ('lot', models.UUIDField()),
                ('mineral', models.CharField(blank=True, max_length=40)),
                ('quantity', models.CharField(blank=True, max_length=40)),
                ('grade', models.CharField(blank=True, max_length=40)),
                ('record', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lot_lines', to='node.businessrecord')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=['record', 'said', 'place'], name='node_lotline_once'),
                    models.CheckConstraint(condition=Q(said__in=['taken', 'stated', 'given']), name='node_lotline_said'),
                ],
            },
        ),
        append_only("node_lotline"),
        migrations.RunPython(fill),
    ]
