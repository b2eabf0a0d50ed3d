"""What a group of movements wrote, as one digest a movement: so that the log covers rows that no verdict says whole.

A digest is SHA-256 over lines in the order of their bytes, a newline between them. A line is a table's letter and its
columns as PostgreSQL writes them in UTC, U+001F between them, an empty one as U+2205. Entries and lots of an offer are
of the step that ended it.
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
}  # fmt: skip


def _lines(letter: str) -> str:
    joined, columns = _TABLES[letter]
    texts = ", ".join(f"coalesce(t.{column}::text, '∅')" for column in columns)
    line = f"concat_ws(E'\\x1f', '{letter}', {texts})"
    once = "DISTINCT " if letter in "LP" else ""
    return f"SELECT {once}w.of, w.position, {line} AS line FROM w JOIN {joined}"  # noqa: S608 - made of constants


_DIGESTS = f"""
WITH w AS (
    SELECT v."group" AS of, v.position, v.movement_id AS id, m.subject AS ended,
        coalesce(x.movement_id, CASE v.status WHEN 'accepted' THEN v.movement_id END) AS posts
    FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
    LEFT JOIN movements_pendingend AS x ON x.movement_id = m.subject AND x.step = m.id
    WHERE v."group" = ANY (%s::bigint[])
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
