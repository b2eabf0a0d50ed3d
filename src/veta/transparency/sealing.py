"""What is logged after it was written, off the path of any verdict: the authority's acts, and what each group wrote.

An act is a row that entered the registry; the database noted it in the same transaction. What a group wrote (movements,
entries, lots) is one digest for each movement, all of them one leaf. Both become groups like those of verdicts, signed
by the hub, numbered by the sequencer (ADR 0068).
"""

import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from psycopg import sql

from veta.kernel.canonical_json import canonical
from veta.operators.services.hub_keys import HubSigner
from veta.transparency.domain import SALT_BYTES, GroupTree, act_leaf, receipt_message, rows_leaf
from veta.transparency.services import NewGroup, announce, next_group_id, record

MOST_ACTS, MOST_GROUPS = 2000, 200
# How rows are digested: the first form left out accounts, quotas, suspensions and papers, the first two could not tell
# every text from what stands between columns.
ROWS_FORM = 3
Session = psycopg.Connection[Any]
Cursor = psycopg.Cursor[Any]
# The digests of what these groups of movements wrote, by group: 32 bytes a movement, in their order.
RowDigests = Callable[[Cursor, Sequence[int]], dict[int, bytes]]

# Whatever the role or the database was told, an act's row is written the same.
_TEXTS = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'"
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_ACTS = """
SELECT a.id, a.relation, a.key, to_jsonb(a.recorded_at) #>> '{}' FROM transparency_act AS a
WHERE a.xid >= %s::text::xid8 AND NOT EXISTS (SELECT FROM transparency_sealed_act AS s WHERE s.act_id = a.id)
ORDER BY a.id LIMIT %s
"""
_PRIMARY = """
SELECT attname, format_type(atttypid, NULL)
FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE indrelid = %s::regclass AND indisprimary
"""
_ROWS = """
SELECT t.{key}::text, (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(to_jsonb(t)) AS e
    WHERE e.value IS NOT NULL)::text
FROM {table} AS t WHERE t.{key} = ANY (%s::{type}[])
"""
_NEXT_GROUPS = """
SELECT n.group_id, n.end_index FROM transparency_log_group AS n
WHERE n.first_index >= %s AND NOT EXISTS (SELECT FROM transparency_sealed_group AS s WHERE s.group_id = n.group_id)
ORDER BY n.first_index LIMIT %s
"""
_SEALED_UNTIL = """
SELECT coalesce(max(n.end_index), 0) FROM transparency_sealed_rows AS r
JOIN transparency_log_group AS n ON n.group_id = r.of_id
"""


class Sealer:
    """Seals on one session, which nobody else seals on."""

    def __init__(self, session: Session, signer: HubSigner, *, row_digests: RowDigests) -> None:
        self._session, self._signer, self._row_digests = session, signer, row_digests
        self._since = "0"
        session.execute(_TEXTS)
        self._until = _one(session, _SEALED_UNTIL)

    def step(self) -> int:
        """Seal what waits, some at a time; how many leaves it made. Effects: a group, and what each leaf stands for."""
        with self._session.transaction(), self._session.cursor() as cursor:
            horizon = _one(cursor, _HORIZON)
            acts = cursor.execute(_ACTS, (self._since, MOST_ACTS)).fetchall()
            rows, until = self._rows_written(cursor)
            salts = [os.urandom(SALT_BYTES) for _ in range(len(acts) + len(rows))]
            documents = [*_act_documents(cursor, acts), *(_rows_document(*each) for each in rows)]
            kinds = [act_leaf] * len(acts) + [rows_leaf] * len(rows)
            leaves = [
                kind(salt=salt, document=document) for kind, salt, document in zip(kinds, salts, documents, strict=True)
            ]
            if leaves:
                group = self._group(cursor, leaves)
                _keep_acts(cursor, [act[0] for act in acts], salts, group)
                _keep_rows(cursor, rows, salts[len(acts) :], group, first=len(acts))
        # Where as many came as were asked for, others of the same transactions may wait.
        self._since = horizon if len(acts) < MOST_ACTS else self._since
        self._until = until
        return len(leaves)

    def _rows_written(self, cursor: Cursor) -> tuple[list[tuple[int, bytes]], int]:
        found = cursor.execute(_NEXT_GROUPS, (self._until, MOST_GROUPS)).fetchall()
        digests = self._row_digests(cursor, [row[0] for row in found]) if found else {}
        until = found[-1][1] if found else self._until
        return [(group, digests[group]) for group, _ in found if group in digests], until

    def _group(self, cursor: Cursor, leaves: Sequence[bytes]) -> int:
        number, root = next_group_id(cursor), GroupTree(leaves).root
        signature = self._signer.sign(receipt_message(root))
        now = datetime.now(UTC)
        record(cursor, NewGroup(number, now, len(leaves), b"".join(leaves), root, signature, self._signer.key_id))
        cursor.execute("INSERT INTO transparency_sealed_group (group_id) VALUES (%s)", (number,))
        announce(cursor)
        return number


def _act_documents(cursor: Cursor, acts: Sequence[tuple[int, str, str, str]]) -> list[bytes]:
    """Each act with its row as it stands: every column that is not empty, as PostgreSQL writes it, in UTC."""
    rows: dict[tuple[str, str], Any] = {}
    for relation in sorted({act[1] for act in acts}):
        keys = [act[2] for act in acts if act[1] == relation]
        primary, kind = cursor.execute(_PRIMARY, (relation,)).fetchall()[0]
        query = sql.SQL(_ROWS).format(key=sql.Identifier(primary), table=sql.Identifier(relation), type=sql.SQL(kind))
        rows |= {(relation, key): orjson.loads(row) for key, row in cursor.execute(query, (keys,))}
    return [
        canonical(
            {"act": str(id), "key": key, "recorded_at": at, "relation": relation, "row": rows.get((relation, key))}
        )
        for id, relation, key, at in acts
    ]


def _rows_document(group: int, digests: bytes) -> bytes:
    return canonical({"digests": b64encode(digests).decode(), "group": str(group)})


def _keep_acts(cursor: Cursor, acts: Sequence[int], salts: Sequence[bytes], group: int) -> None:
    with cursor.copy("COPY transparency_sealed_act (act_id, group_id, position) FROM STDIN") as copying:
        for position, act in enumerate(acts):
            copying.write_row((act, group, position))
    with cursor.copy("COPY transparency_act_salt (act_id, salt) FROM STDIN") as copying:
        for act, salt in zip(acts, salts, strict=False):
            copying.write_row((act, salt))


def _keep_rows(
    cursor: Cursor, rows: Sequence[tuple[int, bytes]], salts: Sequence[bytes], group: int, *, first: int
) -> None:
    columns = "transparency_sealed_rows (of_id, digests, salt, group_id, position, form)"
    with cursor.copy(f"COPY {columns} FROM STDIN") as copying:
        for position, ((of, digests), salt) in enumerate(zip(rows, salts, strict=True), start=first):
            copying.write_row((of, digests, salt, group, position, ROWS_FORM))


def _one(on: Session | Cursor, query: str, *given: object) -> Any:
    row = on.execute(query, given or None).fetchone()
    assert row is not None
    return row[0]
