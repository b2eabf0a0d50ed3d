"""The term to cure: the timetable's; or, where the authority asked after its day, as many working days of one's own.

No norm that was read says what a late asking is worth. That a firm pays nothing for it is an inference (ADR 0111).
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from veta.calls.domain.application import CURE, Application
from veta.calls.domain.call import ASKING_CURES, CURING, Call
from veta.calls.domain.timetable import Activity
from veta.kernel.period import BOGOTA, bogota_date
from veta.norms.workdays import after_working_days, is_working_day


def own_term(call: Call, at: datetime) -> datetime | None:
    """The first instant that is out of the term of who is asked at that hour; None while asking is in its window.

    As many working days as the timetable's window has, which begin to run the day after; never less than that window.
    """
    if not call.timetable.is_late(ASKING_CURES, at):
        return None
    window = call.timetable.activity(CURING, at)
    first = window.opens or window.closes
    working = sum(is_working_day(first + timedelta(days=n)) for n in range((window.closes - first).days + 1))
    last = after_working_days(bogota_date(at), working)
    return max(datetime.combine(last + timedelta(days=1), time(0), BOGOTA), window.closes_at)


def window_of(call: Call, application: Application, now: datetime) -> Activity:
    """The window in which a firm cures what it was asked."""
    window = call.timetable.activity(CURING, now)
    own = [item.cure.until for item in application.items.values() if item.cure and item.cure.until]
    if not own:
        return window
    return replace(window, closes=max(window.closes, bogota_date(max(own) - timedelta(microseconds=1))))


def unasked(application: Application) -> bool:
    """Whether an item is to be cured and nobody asked the firm to."""
    return any(
        item.verdict is not None and item.verdict.verdict == CURE and item.cure is None
        for item in application.items.values()
    )


def may_still_cure(call: Call, application: Application, now: datetime) -> bool:
    """Whether something that was asked can still arrive."""
    return bool(application.to_cure()) and window_of(call, application, now).state_at(now) != "closed"
