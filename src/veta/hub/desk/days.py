"""Bogotá days on the desk: as typed in an address, and as the instants between which they lie."""

from datetime import date, datetime, time, timedelta

from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA, bogota_date


def today() -> date:
    """Today's date in Bogotá."""
    return bogota_date(SystemClock().now())


def typed_day(text: str, default: date) -> date:
    """The date typed as AAAA-MM-DD, else the default: an address is no form to be refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the start of the first day until the start of the day after the last."""
    following = min(last, date.max - timedelta(days=2)) + timedelta(days=1)
    return datetime.combine(first, time(), tzinfo=BOGOTA), datetime.combine(following, time(), tzinfo=BOGOTA)
