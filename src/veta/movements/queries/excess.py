"""What exceeded its quota in a quarter, or tried to (Ley 2250 de 2022 art. 14): for ANM and its report to the UIAF.

What a warning let pass is an entry from `excess`; what a cap refused is a rejected verdict. No sanction follows from
either: the dossier says what happened and where it stands in the log, and the authority decides.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import psycopg

from veta.kernel.period import Period
from veta.norms.catalogue import catalogue

Cursor = psycopg.Cursor[Any]

CODES: Final = ("QUO-001", "QUO-002", "QUO-003", "QUO-005")
BOGOTA: Final = ZoneInfo("America/Bogota")
_PARTY = "CASE m.kind WHEN 'subsistence_purchase' THEN m.counterparty ELSE m.author END"
_ACCEPTED = f"""
SELECT m.id, m.kind, {_PARTY}, m.author, m.counterparty, m.occurred_at, q.basis, q.subject, q.quota_group,
    q.period_start, q.period_end, x.amount, g.first_index + v.position
FROM ledger_account AS b JOIN ledger_entry AS x ON x.source = b.id JOIN ledger_quota AS q ON q.account = x.target
JOIN movements_movement AS m ON m.id = x.movement JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN transparency_log_group AS g ON g.group_id = v.group
WHERE b.kind = 'excess' AND m.occurred_at >= %s AND m.occurred_at < %s ORDER BY m.occurred_at, m.id, q.basis
"""  # noqa: S608 - made of constants
_REFUSED = f"""
SELECT m.id, m.kind, {_PARTY}, m.author, m.counterparty, m.occurred_at, v.body, g.first_index + v.position
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
LEFT JOIN transparency_log_group AS g ON g.group_id = v.group
WHERE v.status = 'rejected' AND m.occurred_at >= %s AND m.occurred_at < %s
    AND position('"code":"QUO-00'::bytea IN v.body) > 0 ORDER BY m.occurred_at, m.id
"""  # noqa: S608 - made of constants
_BASIS: Final = {
    "QUO-001": "title_year", "QUO-002": "person_month", "QUO-003": "person_year", "QUO-005": "title_quarter"
}  # fmt: skip


class Excess(NamedTuple):
    """One movement over one cap. `state`: accepted with a warning, or attempted and refused.

    `party`: who exceeds (the miner of a purchase, else who reported); `amount`: how much over the cap, in smallest
    units of the group (`factor` in one `unit`), None of an attempt, whose verdict says the limit alone; `period` as a
    verdict writes it; `number`: its place in the log.
    """

    state: Literal["accepted", "attempted"]
    movement: UUID
    kind: str
    party: UUID | None
    author: UUID | None
    counterparty: UUID | None
    occurred_at: datetime
    basis: str
    group: str
    period: str
    limit: str
    amount: int | None
    unit: str
    factor: int
    number: int | None


def excess(cursor: Cursor, quarter: Period) -> list[Excess]:
    """What exceeded a cap, or tried to, by movements that occurred in a quarter (Bogotá dates, inclusive), in order."""
    start = _midnight(quarter.start)
    end = _midnight(quarter.end + timedelta(days=1))
    found = [_accepted(row) for row in cursor.execute(_ACCEPTED, (start, end))]
    for row in cursor.execute(_REFUSED, (start, end)):
        found += _attempted(row)
    return sorted(found, key=lambda each: (each.occurred_at, each.movement, each.basis))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BOGOTA)


def _accepted(row: tuple[Any, ...]) -> Excess:
    *who, basis, _, group, start, end, amount, number = row
    mineral = catalogue().mineral(group)
    unit, factor = (mineral.unit, mineral.factor) if mineral is not None else ("", 1)
    return Excess(*("accepted", *who, basis, group, f"{start}/{end}", "", amount, unit, factor, number))


def _attempted(row: tuple[Any, ...]) -> list[Excess]:
    *who, body, number = row
    over = [each for each in orjson.loads(body)["findings"] if each["code"] in CODES and each["severity"] == "blocking"]
    return [Excess(*("attempted", *who, *_said(each), number)) for each in over]


def _said(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Basis, group, period, limit, amount, unit and factor, as far as the verdict says them."""
    params = finding["params"]
    return _BASIS[finding["code"]], "", params["period"], params["limit"], None, params["unit"], 1
