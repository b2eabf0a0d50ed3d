"""When things happen: the thirty whole days before today, in Bogotá."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from veta.kernel.period import BOGOTA, bogota_date

DAYS = 30
# What is older than this is declared late: the platform's window is five days, and sending takes a while.
PROMPT = timedelta(days=4, hours=12)


def days_of(now: datetime) -> tuple[date, ...]:
    """The thirty days before an instant's, oldest first, Bogotá dates."""
    today = bogota_date(now)
    return tuple(today - timedelta(days=DAYS - day) for day in range(DAYS))


@dataclass(frozen=True, slots=True)
class Month:
    """The thirty days that end yesterday; day 0 is the oldest."""

    now: datetime
    rng: Random

    @property
    def first(self) -> date:
        return bogota_date(self.now) - timedelta(days=DAYS)

    @property
    def last(self) -> date:
        return bogota_date(self.now) - timedelta(days=1)

    def at(self, day: int, *, hour: int = 6, hours: int = 12) -> datetime:
        """An instant of a day, within `hours` from `hour`, whole seconds."""
        midnight = datetime.combine(self.first + timedelta(days=day), datetime.min.time(), tzinfo=BOGOTA)
        return midnight + timedelta(hours=hour, seconds=self.rng.randrange(hours * 3600))

    def after(self, instant: datetime, *, hours: int = 5) -> datetime:
        """A little later than another instant."""
        return instant + timedelta(seconds=600 + self.rng.randrange(hours * 3600))

    def is_late(self, instant: datetime) -> bool:
        return self.now - instant > PROMPT
