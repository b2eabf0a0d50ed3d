"""The digests that 0014 replaced are gone from their tables' files, too."""

from typing import Any

from django.db import migrations

TABLES = ("businessrecord", "device", "sheet", "signedrequest")


def rewrite(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT EXISTS (SELECT FROM node_{table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"VACUUM (FULL) node_{table}")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('node', '0014_keyed_digests'),
    ]

    operations = [migrations.RunPython(rewrite)]
