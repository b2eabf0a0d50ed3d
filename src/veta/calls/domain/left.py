"""What is left of a window: working days and hours, counted down on Bogotá's clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from veta.kernel.period import BOGOTA


@dataclass(frozen=True, slots=True)
class Left:
    """Working days after today, and the hours and minutes that are left of today where today works."""

    days: int
    hours: int
    minutes: int

    @property
    def over(self) -> bool:
        return not (self.days or self.hours or self.minutes)


def left(now: datetime, closes_at: datetime, *, is_working_day: Callable[[date], bool]) -> Left:
    """The working time between two instants; `closes_at` is the first that is out. Other days count nothing."""
    here, end = now.astimezone(BOGOTA), closes_at.astimezone(BOGOTA)
    if here >= end:
        return Left(0, 0, 0)
    last = (end - timedelta(microseconds=1)).date()
    today = here.date()
    midnight = datetime.combine(today + timedelta(days=1), time(0), BOGOTA)
    seconds = int((min(midnight, end) - here).total_seconds()) if is_working_day(today) else 0
    span = (last - today).days
    days = sum(is_working_day(today + timedelta(days=n)) for n in range(1, span + 1))
    return Left(days, seconds // 3600, seconds % 3600 // 60)
