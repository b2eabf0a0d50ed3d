"""How rows enter the registry's tables: any number of them in one statement, for one act or for a whole file.

Rows are mappings; `spec` gives each column its PostgreSQL type. Nothing is validated here beyond what the tables hold
by constraint: services and importers do that, and say it in words.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db import connection
from psycopg import sql

Spec = Mapping[str, str]
Row = Mapping[str, object]

_VERSION: Spec = {
    "id": "uuid",
    "valid_from": "date",
    "valid_to": "date",
    "recorded_by": "text",
    "act": "text",
    "source": "text",
}

TABLES: Mapping[str, Spec] = {
    "registry_actor": {"id": "uuid", "kind": "text", "recorded_by": "text"},
    "registry_actordocument": {
        "hmac": "bytea",
        "actor_id": "uuid",
        "type": "text",
        "number_encrypted": "bytea",
        "source": "text",
        "recorded_by": "text",
    },
    "registry_actorname": {"id": "uuid", "actor_id": "uuid", "name_encrypted": "bytea", "recorded_by": "text"},
    "registry_actorcontact": {
        "id": "uuid",
        "actor_id": "uuid",
        "channel": "text",
        "value_encrypted": "bytea",
        "source": "text",
        "recorded_by": "text",
    },
    "registry_actorsourcekey": {"hmac": "bytea", "actor_id": "uuid", "source": "text"},
    "registry_municipality": {"code": "text"},
    "registry_municipalityversion": {
        "id": "uuid",
        "municipality_id": "text",
        "name": "text",
        "department": "text",
        "kind": "text",
        "latitude": "numeric",
        "longitude": "numeric",
        "source": "text",
    },
    "registry_title": {"id": "uuid", "code": "text", "kind": "text"},
    "registry_titleversion": {
        **_VERSION,
        "title_id": "uuid",
        "modality": "text",
        "stage": "text",
        "status": "text",
        "minerals": "text[]",
        "associated": "text[]",
        "municipalities": "text[]",
        "contract_date": "date",
        "inscription_date": "date",
        "end_date": "date",
        "environmental_instrument": "text",
        "scale": "text",
        "scale_act": "text",
        "approved_by": "text",
    },
    "registry_titleholder": {
        "id": "uuid",
        "version_id": "uuid",
        "position": "smallint",
        "actor_id": "uuid",
        "share": "text",
    },
    "registry_registration": {"id": "uuid", "actor_id": "uuid", "role": "text"},
    "registry_registrationversion": {
        **_VERSION,
        "registration_id": "uuid",
        "producer_class": "text",
        "title_code": "text",
        "minerals": "text[]",
        "municipalities": "text[]",
        "status": "text",
        "plant_published": "boolean",
        "rucom_number": "text",
    },
    "registry_worksplanversion": {
        **_VERSION,
        "title_id": "uuid",
        "kind": "text",
        "approved_on": "date",
        "heading_required_from": "date",
        "scale": "text",
        "duration_years": "smallint",
        "characteristics": "text",
        "approved_by": "text",
    },
    "registry_worksplanline": {
        "id": "uuid",
        "version_id": "uuid",
        "mineral": "text",
        "year_start": "date",
        "amount": "bigint",
    },
    "registry_mandateversion": {**_VERSION, "mandate_id": "uuid", "proposal_id": "uuid", "status": "text"},
    "registry_importedrow": {"hash": "bytea", "run_id": "uuid", "line": "integer"},
}


def insert(table: str, rows: Sequence[Row], *, ignore_existing: bool = False) -> int:
    """Insert rows in their order, in one statement; returns how many entered.

    Args:
        table: a key of TABLES; every row has exactly its columns.
        rows: values as Python has them (UUID, date, bytes, str, int, bool, None, lists of text, decimal text).
        ignore_existing: leave out rows whose key is there already, instead of failing.
    """
    if not rows:
        return 0
    spec = TABLES[table]
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in spec)
    typed = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in spec.items())
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_to_recordset(%s::jsonb) AS r({typed}) {conflict}"
    ).format(
        table=sql.Identifier(table),
        columns=columns,
        typed=typed,
        conflict=sql.SQL("ON CONFLICT DO NOTHING" if ignore_existing else ""),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [orjson.dumps([_plain(row, spec) for row in rows]).decode()])
        return int(cursor.rowcount)


def _plain(row: Row, spec: Spec) -> dict[str, object]:
    return {name: _value(row[name]) for name in spec}


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return value
