"""Rows that stood in clear are gone from their tables' files, too: what a migration replaces stays there until then."""

from typing import Any

from django.db import migrations

TABLES = (
    "client", "clientpaper", "businessrecord", "hubevent", "issueddocument", "sheet", "sheetfile", "sheetrow", "resolution",
)


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT EXISTS (SELECT FROM node_{table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"VACUUM (FULL) node_{table}")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('node', '0008_sealed'),
    ]

    operations = [migrations.RunPython(rewrite)]
