"""What a group of movements wrote, as one digest a movement: so that the log covers rows that no verdict says whole.

A digest is SHA-256 over lines in the order of their bytes. A line is a row of a table's letter and its columns as
PostgreSQL sends it in binary: each column with its type and length, so that no text reads as the end of it, nor as an
empty one. No setting changes these bytes but the session's encoding. Entries and lots of an offer are of the step that
ended it, beside its own; a lot's suspension is of whichever came later, the act or the lot.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import psycopg

# Signature and digest of a request by what stays of them once its words were erased (`movements_erase`).
_REQUESTS: Final = """(
    SELECT *, CASE signature WHEN '' THEN body_digest
        ELSE sha256('veta-request-v1'::bytea || signature || body_digest) END AS proof FROM operators_signedrequest
) AS t"""
# Of `w` itself where it names no table; else the table's row is `t`.
_TABLES: Final = {
    "M": (
        "w",
        ("id", "kind", "operator", "subject", "author", "counterparty", "occurred_at", "received_at", "digest",
         "request", "place_in_request"),
    ),
    "V": ("w", ("status", "facts", "of", "position")),
    "W": (
        "w JOIN movements_pending AS t ON t.movement_id = w.id",
        ("kind", "author", "counterparty", "occurred_at", "confirm_by", "municipality", "undoes"),
    ),
    "O": ("w JOIN movements_pendingline AS t ON t.movement = w.id", ("position", "lot", "amount", "new_lot")),
    "X": (
        "w JOIN movements_pendingend AS t ON t.movement_id = w.subject AND t.step = w.id",
        ("movement_id", "step", "outcome"),
    ),
    "E": ("entries AS w", ("movement", "seq", "source", "target", "commodity", "amount")),
    "L": (
        "given AS w JOIN ledger_lot AS t ON t.account = w.target AND t.movement = w.movement",
        ("account", "mineral", "origin", "composition", "accreditation", "municipality", "facility", "movement",
         "occurred_at", "fineness", "grade", "processed_by"),
    ),
    "P": (
        "given AS w JOIN ledger_lot_parent AS t ON t.child = w.target AND t.movement = w.movement",
        ("parent", "child", "movement"),
    ),
    "A": ("account AS w JOIN ledger_account AS t ON t.id = w.target", ("id", "commodity", "kind", "holder")),
    "Q": (
        "account AS w JOIN ledger_quota AS t ON t.account = w.target",
        ("account", "subject", "basis", "quota_group", "period_start", "period_end", "source"),
    ),
    "S act": (
        "posted AS w JOIN ledger_lot_suspension AS t ON t.act = w.posts JOIN ledger_lot AS l ON l.account = t.lot"
        " LEFT JOIN movements_pendingend AS z ON z.movement_id = l.movement"
        " JOIN movements_verdict AS b ON b.movement_id = coalesce(z.step, l.movement)"
        ' AND (b."group", b.position) < (w.of, w.position)',
        ("act", "lot"),
    ),
    "S lot": (
        "given AS w JOIN ledger_lot AS l ON l.account = w.target AND l.movement = w.movement"
        " JOIN ledger_lot_suspension AS t ON t.lot = l.account"
        ' JOIN movements_verdict AS b ON b.movement_id = t.act AND (b."group", b.position) < (w.of, w.position)',
        ("act", "lot"),
    ),
    "N": (
        "posted AS w JOIN movements_papernumber AS t ON t.movement = w.posts", ("origin", "type", "number", "movement")
    ),
    "K": (
        "w JOIN registry_assertedconsent AS t ON t.movement = w.id",
        ("movement", "party_id", "counterparty", "operator", "recorded_at"),
    ),
    "C": (
        "w JOIN registry_consentuse AS u ON u.used_by = w.id JOIN registry_consentrequest AS t ON t.id = u.consent_id",
        ("id", "purpose", "party_id", "counterparty", "operator", "mineral", "amount", "price_cop", "method",
         "code_hmac", "recorded_at", "expires_at"),
    ),
    "R": (
        f"w JOIN {_REQUESTS} ON t.id = w.request AND w.first",
        ("id", "operator", "key_id", "method", "target_uri", "signature_input", "proof", "frame", "received_at"),
    ),
}  # fmt: skip


def _lines(table: str) -> str:
    (joined, columns), letter = _TABLES[table], table[0]
    row = "t" if " AS t " in joined else "w"
    line = f"record_send(ROW('{letter}'::text, {', '.join(f'{row}.{column}' for column in columns)}))"
    return f"SELECT w.of, w.position, {line} AS line FROM {joined}"  # noqa: S608 - of constants


_DIGESTS = f"""
WITH w AS MATERIALIZED (
    SELECT v."group" AS of, v.position, v.status, v.facts, m.*, x.movement_id AS offer,
        m.place_in_request = min(m.place_in_request) OVER (PARTITION BY v."group", m.request) AS first
    FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
    LEFT JOIN movements_pendingend AS x ON x.movement_id = m.subject AND x.step = m.id
    WHERE v."group" = ANY (%s::bigint[])
), posted AS MATERIALIZED (
    SELECT of, position, offer AS posts FROM w WHERE offer IS NOT NULL
    UNION ALL SELECT of, position, id FROM w WHERE status = 'accepted'
), entries AS MATERIALIZED (
    SELECT w.of, w.position, e.* FROM posted AS w JOIN ledger_entry AS e ON e.movement = w.posts
), given AS MATERIALIZED (
    SELECT DISTINCT of, position, movement, target FROM entries
), account AS MATERIALIZED (
    SELECT DISTINCT of, position, target FROM given
)
SELECT of, string_agg(line, ''::bytea ORDER BY line)
FROM ({" UNION ALL ".join(map(_lines, _TABLES))}) AS lines GROUP BY of, position ORDER BY of, position
"""  # noqa: S608 - made of constants
# By keys alone: what a group wrote is little beside the tables, which a plan that hashes them reads whole.
_SETTINGS = """
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
    set_config('client_encoding', 'UTF8', true)
"""


def row_digests(cursor: psycopg.Cursor[Any], groups: Sequence[int]) -> dict[int, bytes]:
    """The digests of what these groups wrote, 32 bytes a movement in its place; groups without movements are left out.

    Effects: settings of the open transaction.
    """
    cursor.execute(_SETTINGS)
    found: dict[int, list[bytes]] = {}
    for group, lines in cursor.execute(_DIGESTS, (list(groups),), binary=True):
        found.setdefault(group, []).append(sha256(lines).digest())
    return {group: b"".join(digests) for group, digests in found.items()}
