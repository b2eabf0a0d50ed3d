"""When a royalty is due, by every reading of its text, and the interest of paying late."""

from dataclasses import dataclass
from datetime import date, timedelta

from veta.norms import norms
from veta.norms.workdays import after_working_days, this_or_next_working_day
from veta.prices.domain.figures import MICRO, micros_of


@dataclass(frozen=True, slots=True)
class Due:
    """The last day to pay by the earliest reading, which alerts use, and by the latest; and the norm."""

    earliest: date
    latest: date
    norm: str
    status: str


def due_after(end: date, kind: str) -> Due:
    """The term that begins to run the day after `end`.

    `kind`: a row of `royalty.due`: carbon, other, private_subsoil, withholding_deposit, withholding_list. Where the
    text says working days there is one reading. Where it says days: calendar days at the earliest; at the latest,
    working days, or the next working day after the calendar ones, whichever is later.
    """
    terms = norms().value("royalty.due", end)
    term = terms.value[kind]
    working = after_working_days(end, term["days"])
    if term["counted"] == "working":
        return Due(working, working, terms.norm, terms.status)
    calendar = end + timedelta(days=term["days"])
    return Due(calendar, max(working, this_or_next_working_day(calendar)), terms.norm, terms.status)


def kind_of(group: str, *, private: bool) -> str:
    """The row of `royalty.due` for a mineral's group."""
    if private:
        return "private_subsoil"
    return "carbon" if group == "carbon" else "other"


def late_interest(centavos: int, *, due: date, paid: date) -> tuple[int, int]:
    """Days late and the simple interest in centavos, rounded down; nothing up to the due day itself.

    That it applies to royalties is unread (`royalty.late_interest` is unverified), and results say so.
    """
    days = max(0, (paid - due).days)
    if not days:
        return 0, 0
    value = norms().value("royalty.late_interest", paid).value
    rate = micros_of(value["yearly"]) or 0
    return days, centavos * rate * days // (MICRO * value["days_in_year"])
