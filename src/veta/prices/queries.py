"""Reads of prices: what is in force as known at an instant, what waits for a second person, and the certificates."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from veta.prices.domain.base_price import BasePrice, Resolution, subjects_of
from veta.prices.domain.book import PriceBook
from veta.prices.domain.figures import text_of_micros

_IN_FORCE = """
SELECT p.id, p.subject, p.market, p.zone, p.producer_class, p.unit, p.micros, p.valid_from, p.valid_to, p.certificate,
       r.id, r.issuer, r.number, r.issued_on, r.published_on, r.periodicity, r.file_digest, r.demo, r.version
FROM prices_baseprice p JOIN prices_resolution r ON r.id = p.resolution_id
JOIN prices_resolutiondecision d ON d.resolution_id = r.id AND d.approved AND d.recorded_at <= %(known)s
WHERE NOT EXISTS (
    SELECT FROM prices_resolution n JOIN prices_resolutiondecision e ON e.resolution_id = n.id
    WHERE n.replaces_id = r.id AND e.approved AND e.recorded_at <= %(known)s)
  AND (%(subjects)s::text[] IS NULL OR p.subject = ANY(%(subjects)s::text[]))
  AND (%(on)s::date IS NULL OR %(on)s::date BETWEEN p.valid_from AND p.valid_to)
ORDER BY p.subject, p.valid_from, p.market, p.zone, p.producer_class, p.id"""

_RESOLUTIONS = """
SELECT r.id, r.issuer, r.number, r.issued_on, r.published_on, r.periodicity, r.version, r.demo, r.file_name,
       r.file_digest, r.entered_by, r.recorded_at, d.approved, d.decided_by, d.recorded_at, d.reason,
       (SELECT count(*) FROM prices_baseprice p WHERE p.resolution_id = r.id),
       EXISTS (SELECT FROM prices_resolution n JOIN prices_resolutiondecision e ON e.resolution_id = n.id
               WHERE n.replaces_id = r.id AND e.approved), b.issuer, b.number, b.issued_on, b.version
FROM prices_resolution r LEFT JOIN prices_resolutiondecision d ON d.resolution_id = r.id
LEFT JOIN prices_resolution b ON b.id = r.replaces_id
{where} ORDER BY r.recorded_at DESC, r.id DESC"""


@dataclass(frozen=True, slots=True)
class ResolutionEntry:
    """A version of a resolution with its state: `pending`, `in_force`, `refused` or `replaced`."""

    id: UUID
    name: str
    number: str
    issued_on: date
    published_on: date | None
    periodicity: str
    version: int
    demo: bool
    file_name: str
    digest: str
    entered_by: str
    entered_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    prices: int
    replaces: str


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """A certificate of Banco de la República as it was kept."""

    number: str
    issued_on: date
    mineral: str
    month: date
    value: str
    unit: str
    digest: str


def prices_in_force(
    *, subjects: Collection[str] | None = None, on: date | None = None, known_at: datetime | None = None
) -> list[BasePrice]:
    """Approved prices that no approved correction took the place of, as known at an instant; all of them by default."""
    parameters = {
        "known": known_at or "infinity",
        "subjects": sorted(subjects) if subjects is not None else None,
        "on": on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, parameters)
        return [_price(row) for row in cursor.fetchall()]


def book_for(asked: Collection[tuple[str, date]], known_at: datetime | None = None) -> PriceBook:
    """A book with what reaches these (mineral, day) pairs: one statement."""
    subjects = {subject for mineral, day in asked for subject in subjects_of(mineral, day)}
    return PriceBook(prices_in_force(subjects=subjects, known_at=known_at) if subjects else [])


def whole_book(known_at: datetime | None = None) -> PriceBook:
    """A book with every price in force: for batches."""
    return PriceBook(prices_in_force(known_at=known_at))


def resolutions(*, number: str | None = None, pending: bool = False) -> list[ResolutionEntry]:
    """Versions of resolutions with their state, the last entered first; one number's, or those that nobody decided."""
    conditions = ["r.number = %s"] if number is not None else []
    conditions += ["d.resolution_id IS NULL"] if pending else []
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    with connection.cursor() as cursor:
        cursor.execute(_RESOLUTIONS.format(where=where), [number] if number is not None else [])
        return [_entry(row) for row in cursor.fetchall()]


def prices_of(resolution: UUID) -> list[BasePrice]:
    """Every price of one version of a resolution, decided or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.subject, p.market, p.zone, p.producer_class, p.unit, p.micros, p.valid_from, p.valid_to,"
            " p.certificate, r.id, r.issuer, r.number, r.issued_on, r.published_on, r.periodicity, r.file_digest,"
            " r.demo, r.version FROM prices_baseprice p JOIN prices_resolution r ON r.id = p.resolution_id"
            " WHERE r.id = %s ORDER BY p.subject, p.valid_from, p.market, p.zone, p.producer_class",
            [resolution],
        )
        return [_price(row) for row in cursor.fetchall()]


def certificates(mineral: str | None = None) -> list[CertificateEntry]:
    """The certificates kept, the last month first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, issued_on, mineral, month, micros, unit, file_digest FROM prices_certificate"
            " WHERE %s::text IS NULL OR mineral = %s ORDER BY month DESC, number",
            [mineral, mineral],
        )
        return [
            CertificateEntry(
                row[0], row[1], row[2], row[3], text_of_micros(row[4], least=2), row[5], bytes(row[6]).hex()
            )
            for row in cursor.fetchall()
        ]


def _price(row: tuple[Any, ...]) -> BasePrice:
    (id, subject, market, zone, producer_class, unit, micros, valid_from, valid_to, certificate, *act) = row
    resolution = Resolution(
        id=act[0], issuer=act[1], number=act[2], issued_on=act[3], published_on=act[4], periodicity=act[5],
        digest=bytes(act[6]).hex(), demo=act[7], version=act[8],
    )  # fmt: skip
    return BasePrice(
        id=id, resolution=resolution, subject=subject, market=market, zone=zone, producer_class=producer_class,
        unit=unit, micros=micros, valid_from=valid_from, valid_to=valid_to, certificate=certificate,
    )  # fmt: skip


def _entry(row: tuple[Any, ...]) -> ResolutionEntry:
    approved, replaced = row[12], row[17]
    state = "pending" if approved is None else "refused" if not approved else "replaced" if replaced else "in_force"
    before = _name(row[18], row[19], row[20], row[21]) if row[18] is not None else ""
    return ResolutionEntry(
        id=row[0], name=_name(row[1], row[2], row[3], row[6]), number=row[2], issued_on=row[3], published_on=row[4],
        periodicity=row[5], version=row[6], demo=row[7], file_name=row[8], digest=bytes(row[9]).hex(),
        entered_by=row[10], entered_at=row[11], state=state, decided_by=row[13] or "", decided_at=row[14],
        reason=row[15] or "", prices=row[16], replaces=before,
    )  # fmt: skip


def _name(issuer: str, number: str, issued_on: date, version: int) -> str:
    return Resolution(
        id=UUID(int=0), issuer=issuer, number=number, issued_on=issued_on, published_on=None, periodicity="year",
        digest="", demo=False, version=version,
    ).name  # fmt: skip
