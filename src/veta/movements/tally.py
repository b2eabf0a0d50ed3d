"""The desk's counts, kept a day at a time behind the log, so that no page counts a million movements (ADR 0114).

`tally` takes the log's next groups, each exactly once: counts and the place reached are written in one transaction,
behind the lock of one row. What the log has beyond that place is counted by the page itself, with the same statements.
"""

from __future__ import annotations

import time
from typing import Any, Final, Literal

import psycopg
from django.db import transaction

from veta.storage.connection import plain_cursor

What = Literal["state", "found", "place"]
# Small parts with pauses between them: a half second of counting at once was felt by one verdict in a hundred.
LEAVES_AT_ONCE: Final = 1_000
PAUSE: Final = 2.0  # times what the part took
# What commits later than this after it was received is missed by pages until the next pass.
LATE: Final = "1 minute"
DAY: Final = "({at} AT TIME ZONE 'America/Bogota')::date"

# Of the movements `chosen` (movement_id, status, body): day, name, detail, number, amount.
_STATE = """
SELECT {received}, m.kind, c.status, 1, 0
FROM chosen AS c JOIN movements_movement AS m ON m.id = c.movement_id
UNION ALL
SELECT {ended}, s.kind, x.state, x.number, 0
FROM chosen AS c JOIN movements_movement AS m ON m.id = c.movement_id
JOIN movements_pendingend AS e ON e.movement_id = m.subject AND e.step = m.id
JOIN movements_movement AS s ON s.id = m.subject
CROSS JOIN LATERAL (VALUES ('pending', -1), (e.outcome, 1)) AS x (state, number)
""".format(received=DAY.format(at="m.received_at"), ended=DAY.format(at="s.received_at"))
_SAID = """
SELECT m.id, m.received_at, f ->> 'code' AS code, f ->> 'severity' AS severity FROM (
    SELECT movement_id, body FROM chosen WHERE position('"findings":[]'::bytea IN body) = 0 OFFSET 0
) AS c JOIN movements_movement AS m ON m.id = c.movement_id,
json_array_elements(convert_from(c.body, 'UTF8')::json -> 'findings') AS f
"""
_EACH = "SELECT {day}, code, severity, 1, 0 FROM ({said}) AS said"
_FOUND = _EACH.format(said=_SAID, day=DAY.format(at="said.received_at"))
# Each movement's entries by their key: a plan that hashes them reads all there ever were.
_PLACE = """
SELECT {day}, coalesce(l.municipality, o.municipality), l.mineral, 1,
    sum(e.amount)::bigint
FROM chosen AS c JOIN movements_movement AS m ON m.id = c.movement_id
CROSS JOIN LATERAL (
    SELECT t.amount, t.target FROM ledger_entry AS t JOIN ledger_account AS s ON s.id = t.source
    WHERE t.movement = c.movement_id AND s.kind = 'extraction' OFFSET 0
) AS e JOIN ledger_lot AS l ON l.account = e.target LEFT JOIN ledger_origin AS o ON o.id = l.origin
WHERE coalesce(l.municipality, o.municipality) IS NOT NULL GROUP BY m.id, 2, 3
""".format(day=DAY.format(at="min(m.received_at)"))  # noqa: S608 - of constants
COUNTED: Final[dict[What, str]] = {"state": _STATE, "found": _FOUND, "place": _PLACE}

_HELD = "SELECT until FROM movements_tallied WHERE id = 1 FOR UPDATE"
_NEXT = """
SELECT max(n.end_index), max(g.received_at), count(*)
FROM transparency_log_group AS n JOIN transparency_group AS g ON g.id = n.group_id
WHERE n.first_index >= %(from)s AND n.first_index < %(to)s
"""
_CHOSEN = """WITH chosen AS MATERIALIZED (
    SELECT v.movement_id, v.status, v.body
    FROM transparency_log_group AS n JOIN movements_verdict AS v ON v."group" = n.group_id
    WHERE n.first_index >= %(from)s AND n.first_index < %(to)s
)
"""
# One statement, so that what the verdicts say is read once for the counts and for the labels.
_ADD = f"""
{_CHOSEN}, said AS MATERIALIZED ({_SAID}), made (what, day, name, detail, number, amount) AS (
    SELECT 'state', * FROM ({_STATE}) AS state
    UNION ALL SELECT 'found', * FROM ({_EACH.format(said="SELECT * FROM said", day=DAY.format(at="said.received_at"))})
    UNION ALL SELECT 'place', * FROM ({_PLACE}) AS place
), added AS (
    INSERT INTO movements_tally AS t (what, day, name, detail, number, amount)
    SELECT what, day, name, detail, sum(number), sum(amount) FROM made GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (what, day, name, detail)
    DO UPDATE SET number = t.number + excluded.number, amount = t.amount + excluded.amount
)
INSERT INTO movements_label (label, received_at, movement)
SELECT code, received_at, id FROM said
UNION
SELECT c.status, m.received_at, m.id FROM chosen AS c JOIN movements_movement AS m ON m.id = c.movement_id
WHERE c.status = 'rejected'
UNION
SELECT e.outcome, s.received_at, s.id FROM chosen AS c JOIN movements_movement AS m ON m.id = c.movement_id
JOIN movements_pendingend AS e ON e.movement_id = m.subject AND e.step = m.id
JOIN movements_movement AS s ON s.id = m.subject WHERE e.outcome <> 'accepted'
ON CONFLICT DO NOTHING
"""  # noqa: S608 - made of constants
_REACHED = """
UPDATE movements_tallied SET until = %(until)s, since = greatest(since, %(last)s::timestamptz - %(late)s::interval),
    at = now() WHERE id = 1
"""


def tally() -> int:
    """Count what the log has and the tally has not, a part at a time; how many of its leaves were passed.

    Effects: adds to `movements_tally` and `movements_label`, and moves `movements_tallied`; each part commits whole.
    """
    passed, began = 0, time.monotonic()
    while part := _part():
        passed += part
        time.sleep(PAUSE * (time.monotonic() - began))
        began = time.monotonic()
    return passed


def _part() -> int:
    with transaction.atomic():
        cursor = plain_cursor()
        (start,) = _row(cursor.execute(_HELD))
        given: dict[str, Any] = {"from": start, "to": start + LEAVES_AT_ONCE}
        until, last, groups = _row(cursor.execute(_NEXT, given))
        if not groups:
            return 0
        given["to"] = until  # what is numbered from here on waits for the next part, which begins there
        cursor.execute(_ADD, given)
        cursor.execute(_REACHED, {"until": until, "last": last, "late": LATE})
        return int(until - start)


def _row(cursor: psycopg.Cursor[Any]) -> Any:
    found = cursor.fetchone()
    assert found is not None
    return found
