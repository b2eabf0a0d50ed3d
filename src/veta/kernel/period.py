"""Date ranges inclusive at both ends, and the country's calendar: days turn at 00:00 in Bogotá."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from veta.kernel.errors import DomainError

BOGOTA = ZoneInfo("America/Bogota")


class PeriodError(DomainError):
    """A date or range outside what the calendar can hold, or an end before its start."""

    code = "SCH-003"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `start` to `end`, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(f"El periodo termina ({self.end}) antes de empezar ({self.start}). Corrija las fechas.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def bogota_date(instant: datetime) -> date:
    """The day in Bogotá of an instant, whatever offset it was written with. Raises PeriodError on a naive instant."""
    if instant.tzinfo is None:
        raise PeriodError("La fecha y hora no dice su zona. Escríbala con desfase, como «2026-05-19T08:00:00-05:00».")
    try:
        return instant.astimezone(BOGOTA).date()
    except OverflowError:
        raise PeriodError("La fecha está fuera del calendario. Revise el año.") from None


@lru_cache(maxsize=4096)
def month_of(day: date) -> Period:
    """The calendar month of `day`."""
    return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


@lru_cache(maxsize=4096)
def quarter_of(day: date) -> Period:
    """The calendar quarter of `day`."""
    last = day.month + (-day.month) % 3
    return Period(date(day.year, last - 2, 1), date(day.year, last, calendar.monthrange(day.year, last)[1]))


@lru_cache(maxsize=4096)
def year_of(day: date) -> Period:
    """The calendar year of `day`."""
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


@lru_cache(maxsize=65536)
def contract_year_of(day: date, *, anniversary: date) -> Period:
    """The contract year of `day`: from one anniversary to the day before the next.

    `anniversary` is the date of the contract. Of a contract of 29 February the years begin on 28 February where the
    year is common and on 29 February where it is leap (Código Civil, artículo 67: where the month is shorter, its last
    day). A day before the contract falls in the year that would have run then: that no right existed yet is the
    title's finding, not the calendar's. Raises PeriodError where the calendar ends.
    """
    start = _anniversary_in(day.year, anniversary)
    if day < start:
        start = _anniversary_in(day.year - 1, anniversary)
    return Period(start, _anniversary_in(start.year + 1, anniversary) - timedelta(days=1))


def _anniversary_in(year: int, anniversary: date) -> date:
    if not date.min.year < year <= date.max.year:
        raise PeriodError("La fecha está fuera del calendario. Revise el año.")
    if anniversary.month == 2 and anniversary.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return anniversary.replace(year=year)
