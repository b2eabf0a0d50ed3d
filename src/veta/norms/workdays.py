"""The country's working days: Monday to Friday without holidays, as data with the overrides that an act makes."""

from datetime import date, timedelta

from veta.norms.lookup import norms

_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether it is neither weekend nor holiday. Raises NormNotInForce for a year whose holidays are not loaded."""
    iso = day.isoformat()
    overrides = norms().value("calendar.overrides", day).value
    if iso in overrides["remove"]:
        return True
    holidays = norms().value("calendar.holidays", day).value
    return day.weekday() < _SATURDAY and iso not in holidays and iso not in overrides["add"]


def after_working_days(start: date, count: int) -> date:
    """The last of `count` working days that begin to run the day after `start` (Código General del Proceso, 118)."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def this_or_next_working_day(day: date) -> date:
    """The day itself where it is a working day, else the next one (Código Civil, 70; Ley 4 de 1913, 62)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
