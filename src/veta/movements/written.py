"""What a group of movements wrote, as one digest a movement: so that the log covers rows that no verdict says whole.

A digest is SHA-256 over lines in the order of their bytes, a newline between them. A line is a table's letter and its
columns as PostgreSQL writes them in UTC, U+001F between them, an empty one as U+2205. Entries and lots of an offer are
of the step that ended it, beside its own; a lot's suspension is of whichever came later, the act or the lot.
"""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

_TABLES: Final = {
    "M": (
        "movements_movement AS t ON t.id = w.id",
        ("id", "kind", "operator", "subject", "author", "counterparty", "occurred_at", "received_at", "digest",
         "request", "place_in_request"),
    ),
    "V": ("movements_verdict AS t ON t.movement_id = w.id", ("status", "facts", '"group"', "position")),
    "W": (
        "movements_pending AS t ON t.movement_id = w.id",
        ("kind", "author", "counterparty", "occurred_at", "confirm_by", "municipality", "undoes"),
    ),
    "O": ("movements_pendingline AS t ON t.movement = w.id", ("position", "lot", "amount", "new_lot")),
    "X": ("movements_pendingend AS t ON t.movement_id = w.ended AND t.step = w.id", ("movement_id", "step", "outcome")),
    "E": ("ledger_entry AS t ON t.movement = w.posts", ("movement", "seq", "source", "target", "commodity", "amount")),
    "L": (
        "ledger_entry AS e ON e.movement = w.posts JOIN ledger_lot AS t"
        " ON t.account = e.target AND t.movement = e.movement",
        ("account", "mineral", "origin", "composition", "accreditation", "municipality", "facility", "movement",
         "occurred_at", "fineness", "grade", "processed_by"),
    ),
    "P": (
        "ledger_entry AS e ON e.movement = w.posts JOIN ledger_lot_parent AS t"
        " ON t.child = e.target AND t.movement = e.movement",
        ("parent", "child", "movement"),
    ),
    "A": (
        "ledger_entry AS e ON e.movement = w.posts JOIN ledger_account AS t ON t.id = e.target",
        ("id", "commodity", "kind", "holder"),
    ),
    "Q": (
        "ledger_entry AS e ON e.movement = w.posts JOIN ledger_quota AS t ON t.account = e.target",
        ("account", "subject", "basis", "quota_group", "period_start", "period_end", "source"),
    ),
    "S act": (
        "ledger_lot_suspension AS t ON t.act = w.posts JOIN ledger_lot AS l ON l.account = t.lot"
        " LEFT JOIN movements_pendingend AS z ON z.movement_id = l.movement"
        " JOIN movements_verdict AS b ON b.movement_id = coalesce(z.step, l.movement)"
        ' AND (b."group", b.position) < (w.of, w.position)',
        ("act", "lot"),
    ),
    "S lot": (
        "ledger_entry AS e ON e.movement = w.posts"
        " JOIN ledger_lot AS l ON l.account = e.target AND l.movement = e.movement"
        " JOIN ledger_lot_suspension AS t ON t.lot = l.account"
        ' JOIN movements_verdict AS b ON b.movement_id = t.act AND (b."group", b.position) < (w.of, w.position)',
        ("act", "lot"),
    ),
    "N": ("movements_papernumber AS t ON t.movement = w.posts", ("origin", "type", "number", "movement")),
    "K": (
        "registry_assertedconsent AS t ON t.movement = w.id",
        ("movement", "party_id", "counterparty", "operator", "recorded_at"),
    ),
    "C": (
        "registry_consentuse AS u ON u.used_by = w.id JOIN registry_consentrequest AS t ON t.id = u.consent_id",
        ("id", "purpose", "party_id", "counterparty", "operator", "mineral", "amount", "price_cop", "method",
         "code_hmac", "recorded_at", "expires_at"),
    ),
    "R": (
        "operators_signedrequest AS t ON t.id = w.request",
        ("id", "operator", "key_id", "method", "target_uri", "signature_input", "signature", "body_digest", "frame",
         "received_at"),
    ),
}  # fmt: skip


def _lines(table: str) -> str:
    (joined, columns), letter = _TABLES[table], table[0]
    texts = ", ".join(f"coalesce(t.{column}::text, '∅')" for column in columns)
    line = f"concat_ws(E'\\x1f', '{letter}', {texts})"
    once = "DISTINCT " if " AS e " in joined else ""
    source = "posted AS w" if "w.posts" in joined else "w"
    return f"SELECT {once}w.of, w.position, {line} AS line FROM {source} JOIN {joined}"  # noqa: S608 - of constants


_DIGESTS = f"""
WITH w AS (
    SELECT v."group" AS of, v.position, v.movement_id AS id, m.subject AS ended, x.movement_id AS offer, v.status,
        CASE m.place_in_request WHEN min(m.place_in_request) OVER (PARTITION BY v."group", m.request)
            THEN m.request END AS request
    FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
    LEFT JOIN movements_pendingend AS x ON x.movement_id = m.subject AND x.step = m.id
    WHERE v."group" = ANY (%s::bigint[])
), posted AS (
    SELECT of, position, offer AS posts FROM w WHERE offer IS NOT NULL
    UNION ALL SELECT of, position, id FROM w WHERE status = 'accepted'
), digests AS (
    SELECT of, position, sha256(convert_to(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), 'UTF8')) AS digest
    FROM ({" UNION ALL ".join(map(_lines, _TABLES))}) AS lines GROUP BY of, position
)
SELECT of, string_agg(digest, ''::bytea ORDER BY position) FROM digests GROUP BY of
"""  # noqa: S608 - made of constants


def row_digests(cursor: psycopg.Cursor[Any], groups: Sequence[int]) -> dict[int, bytes]:
    """The digests of what these groups wrote, 32 bytes a movement in its place; groups without movements are left out.

    The session writes instants in UTC. Effects: none.
    """
    return {group: bytes(digests) for group, digests in cursor.execute(_DIGESTS, (list(groups),), binary=True)}
