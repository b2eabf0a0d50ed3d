"""Reads of bonds: quotations by their code, and the lives of titles' bonds."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from veta.bonds import models
from veta.bonds.domain.life import Event, Life, Policy
from veta.kernel.codes import read_code
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code as normal_title
from veta.kernel.period import Period


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quote as it was given, under its code."""

    code: str
    title_code: str
    case: dict[str, Any]
    answer: dict[str, Any]
    recorded_at: datetime


def quotation(code: str) -> Quotation | None:
    """The quotation of a code, written as it is."""
    return _kept(models.Quotation.objects.filter(code=code).first())


def find_quotation(code: str, title: str) -> Quotation | None:
    """The quotation of that code and title, both as typed; None where either is another's."""
    found = quotation(read_code(code))
    if found is None:
        return None
    try:
        asked = normal_title(title) if title.strip() else ""
    except DomainError:
        return None
    return found if found.title_code == asked else None


def _kept(row: models.Quotation | None) -> Quotation | None:
    if row is None:
        return None
    return Quotation(row.code, row.title_code, row.case, row.answer, row.recorded_at)


@dataclass(frozen=True, slots=True)
class BondEntry:
    """A bond with its life, and the case and answer that its required value came from."""

    id: UUID
    title_code: str
    life: Life
    case: dict[str, Any] | None
    answer: dict[str, Any] | None


_EVENTS = """
SELECT b.id, b.title_code, b.annuity_start, b.annuity_end, e.kind, e.occurred_on, e.recorded_by, e.value_pesos,
       e.policy, e.act, e.reason, e.findings, q.case, q.answer
FROM bonds_bond b JOIN bonds_bondevent e ON e.bond_id = b.id LEFT JOIN bonds_quotation q ON q.code = e.quotation_id
WHERE (%(id)s::uuid IS NULL OR b.id = %(id)s) AND (%(code)s::text IS NULL OR b.title_code = %(code)s)
  AND (%(ids)s::uuid[] IS NULL OR b.id = ANY (%(ids)s::uuid[]))
ORDER BY b.title_code, b.annuity_start DESC, e.place"""
# What the policy approved last says of its end; what was drawn stands first, then what nobody insures, then the end.
_STANDING = """
WITH last AS (
    SELECT DISTINCT ON (bond_id) bond_id, kind FROM bonds_bondevent ORDER BY bond_id, place DESC
), insured AS (
    SELECT DISTINCT ON (a.bond_id) a.bond_id, (p.policy -> 'validity' ->> 1)::date AS ends
    FROM bonds_bondevent AS a JOIN bonds_bondevent AS p
        ON p.bond_id = a.bond_id AND p.place < a.place AND p.policy IS NOT NULL
    WHERE a.kind = 'approved' ORDER BY a.bond_id, a.place DESC, p.place DESC
)
SELECT b.id FROM bonds_bond AS b JOIN last ON last.bond_id = b.id LEFT JOIN insured ON insured.bond_id = b.id
WHERE {which}
ORDER BY {order} last.kind <> 'drawn',
    coalesce(insured.ends, CASE WHEN b.annuity_start <= %(on)s THEN '-infinity' ELSE b.annuity_start END),
    b.title_code, b.annuity_start DESC OFFSET %(skip)s LIMIT %(limit)s"""
Which = Literal["all", "presented", "due"]
_WHICH: dict[Which, str] = {
    "all": "true",
    "presented": "last.kind IN ('presented', 'restored')",
    "due": "insured.ends IS NOT NULL"
    " AND (insured.ends <= %(until)s::date AND b.annuity_end >= %(on)s::date OR last.kind = 'drawn')",
}


def bonds_standing(
    *, on: date, limit: int, which: Which = "all", until: date | None = None, skip: int = 0
) -> list[BondEntry]:
    """A page of the bonds by how they stand on a day, those that ask for something first.

    Args: `which`, `presented` for those that wait for a decision, `due` for those of an annuity not over yet whose
    approved policy ends by `until`, and those drawn, the earliest end first; `skip`, how many lie before the page.
    """
    order = "insured.ends," if which == "due" else ""
    statement = _STANDING.format(which=_WHICH[which], order=order)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"on": on, "until": until, "skip": skip, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    found = {entry.id: entry for entry in bonds(ids=ids)}
    return [found[id] for id in ids]


def bonds(
    *, title_code: str | None = None, id: UUID | None = None, ids: Collection[UUID] | None = None
) -> list[BondEntry]:
    """Bonds with every event of their lives, by title, the last annuity first."""
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"id": id, "code": title_code, "ids": None if ids is None else list(ids)})
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
    return [_entry(rows) for rows in found.values()]


def _entry(rows: list[tuple[Any, ...]]) -> BondEntry:
    first = rows[0]
    case, answer = next(
        ((_json(row[12]), _json(row[13])) for row in reversed(rows) if row[13] is not None), (None, None)
    )
    life = Life(Period(first[2], first[3]), tuple(_event(row) for row in rows))
    return BondEntry(first[0], first[1], life, case, answer)


def _event(row: tuple[Any, ...]) -> Event:
    return Event(
        kind=row[4], occurred_on=row[5], by=row[6], value=row[7] if row[4] in ("required", "drawn") else None,
        policy=_policy(_json(row[8])) if row[8] is not None else None, act=row[9], reason=row[10],
        findings=tuple(Finding(**finding) for finding in _json(row[11])),
    )  # fmt: skip


def _policy(kept: dict[str, Any]) -> Policy:
    start, end = (date.fromisoformat(day) for day in kept["validity"])
    return Policy(
        insurer=kept["insurer"], insurer_nit=kept["insurer_nit"], number=kept["number"], annex=kept["annex"],
        policyholder=UUID(kept["policyholder"]), beneficiary=kept["beneficiary"], covers=frozenset(kept["covers"]),
        validity=Period(start, end), insured=kept["insured"],
    )  # fmt: skip


def _json(value: Any) -> Any:
    """Django's raw cursor gives JSON columns as text."""
    return json.loads(value) if isinstance(value, str) else value
