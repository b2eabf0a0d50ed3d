"""Reads of royalties: settlements with their state, the withholding book, and what was declared before this system."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from veta.kernel.period import Period, quarter_of
from veta.kernel.quantity import text_of
from veta.ledger import queries as ledger
from veta.norms.catalogue import catalogue
from veta.norms.minerals import normal_spelling
from veta.registry.domain import version_on
from veta.registry.queries import titles_by_code
from veta.royalties.domain.reading import quarter_name
from veta.storage.connection import plain_connection

_EVENTS = """
SELECT s.id, s.title_code, s.quarter_start, e.place, e.kind, e.case, e.answer, e.signed_by, e.proof_number, e.paid_on,
       e.paid_centavos, e.bank, e.recorded_by, e.recorded_at, e.id
FROM royalties_settlement s JOIN royalties_settlementevent e ON e.settlement_id = s.id
WHERE (%(code)s::text IS NULL OR s.title_code = %(code)s) AND (%(start)s::date IS NULL OR s.quarter_start >= %(start)s)
  AND (%(end)s::date IS NULL OR s.quarter_start <= %(end)s) AND (%(id)s::uuid IS NULL OR s.id = %(id)s)
  AND (%(ids)s::uuid[] IS NULL OR s.id = ANY (%(ids)s::uuid[]))
ORDER BY s.quarter_start DESC, s.title_code, e.place"""
# What its last answer says of when it is due, by the earliest reading; what was paid stands last.
_STANDING = """
WITH last AS (
    SELECT DISTINCT ON (settlement_id) settlement_id, kind FROM royalties_settlementevent
    ORDER BY settlement_id, place DESC
), said AS (
    SELECT DISTINCT ON (settlement_id) settlement_id, (answer -> 'due' ->> 'earliest')::date AS due
    FROM royalties_settlementevent WHERE "case" IS NOT NULL ORDER BY settlement_id, place DESC
)
SELECT s.id FROM royalties_settlement AS s JOIN last ON last.settlement_id = s.id
LEFT JOIN said ON said.settlement_id = s.id
WHERE %(by)s::date IS NULL OR (last.kind <> 'paid' AND said.due <= %(by)s)
ORDER BY last.kind = 'paid', CASE WHEN last.kind <> 'paid' THEN said.due END NULLS LAST, s.quarter_start DESC,
    s.title_code OFFSET %(skip)s LIMIT %(limit)s"""

_CONCESSION = "CONTRATO DE CONCESION"
_BY_YEAR = """
SELECT mineral, extract(year FROM quarter_start)::int, unit, kind, sum(value_pesos)::numeric, sum(quantity)::numeric
FROM royalties_reported WHERE mineral IS NOT NULL AND (%(mineral)s::text IS NULL OR mineral = %(mineral)s)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""


@dataclass(frozen=True, slots=True)
class SettlementEntry:
    """A settlement as it stands: `draft`, `declared` or `paid`; its last case and answer, and its events."""

    id: UUID
    title_code: str
    quarter: Period
    state: str
    case: dict[str, Any]
    answer: dict[str, Any]
    events: tuple[dict[str, Any], ...]

    @property
    def quarter_name(self) -> str:
        """«2025-T3»."""
        return quarter_name(self.quarter)


@dataclass(frozen=True, slots=True)
class Proof:
    """A payment that can be shown before exporting: its number, what it pays and when."""

    number: str
    title_code: str
    quarter: str
    paid_on: date
    paid_cop: str
    minerals: tuple[str, ...]

    @property
    def evidence(self) -> dict[str, str]:
        """The payment as a movement's `evidence` names it."""
        return {"type": "royalty_payment", "number": self.number, "issued_on": self.paid_on.isoformat()}


@dataclass(frozen=True, slots=True)
class BookLine:
    """A municipality's withholding of one metal in a month."""

    municipality: str
    mineral: str
    purchases: int
    fine_mg: int
    withheld_centavos: int


@dataclass(frozen=True, slots=True)
class YearPaid:
    """What was paid and produced of a mineral in a year, and so the payment implied for one unit."""

    mineral: str
    year: int
    unit: str
    value_pesos: int
    quantity: int

    @property
    def implied(self) -> str | None:
        """Pesos for one unit, to the cent; None where nothing was produced (late payments, compensations)."""
        if not self.quantity:
            return None
        cents = (self.value_pesos * 200 + self.quantity) // (2 * self.quantity)
        return f"{cents // 100}.{cents % 100:02d}"


def settlements_standing(*, limit: int, due_by: date | None = None, skip: int = 0) -> list[SettlementEntry]:
    """A page of the settlements, those unpaid that fall due first before the others.

    Args: `due_by`, only the unpaid that fall due until that day; `skip`, how many lie before the page.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"by": due_by, "skip": skip, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    found = {entry.id: entry for entry in settlements(ids=ids)}
    return [found[id] for id in ids]


def settlements(
    *,
    title_code: str | None = None,
    within: Period | None = None,
    id: UUID | None = None,
    ids: Collection[UUID] | None = None,
) -> list[SettlementEntry]:
    """Settlements with their events, the last quarter first."""
    given = {
        "code": title_code, "id": id, "start": within.start if within else None, "end": within.end if within else None,
        "ids": None if ids is None else list(ids),
    }  # fmt: skip
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, given)
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
    return [_settlement(rows) for rows in found.values()]


def payment_proof(number: str) -> Proof | None:
    """The payment of that number, None where there is none: what stands as evidence before an export."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT settlement_id FROM royalties_settlementevent WHERE proof_number = %s", [number])
        row = cursor.fetchone()
    if row is None or not number:
        return None
    [entry] = settlements(id=row[0])
    event = next(event for event in entry.events if event["proof_number"] == number)
    minerals = tuple(sorted({line["mineral"] for line in entry.answer.get("lines", [])}))
    paid = text_of(event["paid_centavos"], factor=100)
    return Proof(number, entry.title_code, entry.quarter_name, event["paid_on"], paid, minerals)


def lines_from_ledger(title_code: str, quarter: Period, *, kind: str = "title") -> list[dict[str, str]]:
    """What the ledger counted as extracted by a title in a quarter, as lines of a settlement.

    Fine metal, net of reversals, by municipality. Minerals priced by the month are split by month, the others summed.
    """
    with plain_connection(autocommit=True) as plain, plain.cursor() as cursor:
        rows = ledger.extracted(cursor, kind=kind, code=title_code, start=quarter.start, end=quarter.end)
    sums: dict[tuple[str, str, str], int] = {}
    for row in rows:
        mineral = catalogue().mineral(row.mineral)
        monthly = mineral is not None and mineral.group == "metales_preciosos"
        key = (row.mineral, row.municipality, f"{row.month:%Y-%m}" if monthly else "")
        sums[key] = sums.get(key, 0) + row.amount
    return [line for key, amount in sorted(sums.items()) if (line := _line(*key, amount=amount))]


def case_from_ledger(code: str, quarter: Period, *, said: Mapping[str, str]) -> dict[str, Any]:
    """The settlement's case of a title's quarter: what the ledger counted, the contract's date, whether a concession.

    `said`: fields of every line that no record holds (market, deposit, the holder's coal of the year). `lines` is empty
    where the ledger counted nothing.
    """
    case: dict[str, Any] = {"title": code, "quarter": quarter_name(quarter)}
    title = version_on(titles_by_code([code]).get(code, []), quarter.end)
    if title is not None and title.contract_date is not None:
        case["contract_date"] = title.contract_date.isoformat()
    if title is not None and title.modality and not normal_spelling(title.modality).startswith(_CONCESSION):
        case["modality"] = "otra"
    kind = title.kind if title is not None else "title"
    return case | {"lines": [{**line, **said} for line in lines_from_ledger(code, quarter, kind=kind)]}


@dataclass(frozen=True, slots=True)
class BookMonth:
    """A buyer's month with something withheld."""

    buyer: UUID
    month: date
    purchases: int
    fine_mg: int
    withheld_centavos: int


def withholding_months(*, limit: int, skip: int = 0) -> list[BookMonth]:
    """A page of the months of every buyer that withheld something, the last first; `skip` lie before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT buyer, date_trunc('month', bought_on)::date, count(*), sum(fine_mg)::bigint,"
            " sum(withheld_centavos)::bigint FROM royalties_withholding GROUP BY 1, 2 ORDER BY 2 DESC, 1"
            " OFFSET %s LIMIT %s",
            [skip, limit],
        )
        return [BookMonth(*row) for row in cursor.fetchall()]


def withholding_book(buyer: UUID, month: Period) -> list[BookLine]:
    """A buyer's month by municipality and metal, in that order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT municipality, mineral, count(*), sum(fine_mg)::bigint, sum(withheld_centavos)::bigint"
            " FROM royalties_withholding WHERE buyer = %s AND bought_on BETWEEN %s AND %s GROUP BY 1, 2 ORDER BY 1, 2",
            [buyer, month.start, month.end],
        )
        return [BookLine(*row) for row in cursor.fetchall()]


def paid_by_year(mineral: str | None = None) -> list[YearPaid]:
    """Royalties declared before this system, by mineral, year and unit; compensations apart are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_YEAR, {"mineral": mineral})
        return [
            YearPaid(row[0], row[1], row[2], int(row[4]), int(row[5]))
            for row in cursor.fetchall()
            if row[3] == "REGALIA"
        ]


def _line(mineral: str, municipality: str, month: str, *, amount: int) -> dict[str, str] | None:
    known = catalogue().mineral(mineral)
    if known is None:
        return None
    line = {"mineral": mineral, "quantity": text_of(amount, factor=known.factor), "unit": known.unit}
    if municipality:
        line["municipality"] = municipality
    return line | ({"month": month} if month else {})


def _settlement(rows: Sequence[tuple[Any, ...]]) -> SettlementEntry:
    events = tuple(_event(row) for row in rows)
    written = [event for event in events if event["case"] is not None]
    return SettlementEntry(
        id=rows[0][0], title_code=rows[0][1], quarter=quarter_of(rows[0][2]), state=events[-1]["kind"],
        case=written[-1]["case"], answer=written[-1]["answer"] or {}, events=events,
    )  # fmt: skip


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "place", "kind", "case", "answer", "signed_by", "proof_number", "paid_on", "paid_centavos", "bank",
        "recorded_by", "recorded_at", "id",
    )  # fmt: skip
    return {name: _json(value) for name, value in zip(names, row[3:], strict=True)}


def _json(value: object) -> object:
    """Django's raw cursor gives JSON columns as text; everything else as it is."""
    return json.loads(value) if isinstance(value, str) and value[:1] == "{" else value


def quarters_declared(title_code: str, within: Period) -> list[SettlementEntry]:
    """The settlements of a title that were declared (and perhaps paid) within a range of dates."""
    return [entry for entry in settlements(title_code=title_code, within=within) if entry.state != "draft"]
