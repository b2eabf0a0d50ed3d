"""The timetable of a call: its activities, their windows on Bogotá's clock, and the addenda that change them.

A day's window opens at 00:00:00.0 and closes at the end of its last minute («hasta 11:59 p. m.»): 23:59:59.9 is in,
00:00:00.0 is out. Applicants' windows are hard at both ends. An act of the authority may not come before its window;
where it comes after, it counts and is marked late: no norm that was read punishes the applicant for it (ADR 0111).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from veta.calls.domain.refusals import CallLate, refused
from veta.kernel.period import BOGOTA

LAST_MINUTE = time(23, 59)
STAGES = (
    "Aprobación jurídica, financiera y técnica",
    "Aprobación técnica OTTM elegibles",
    "Habilitación OTTM ANM",
)


@dataclass(frozen=True, slots=True)
class Activity:
    """A row of the timetable. `opens` is None where the act only says «hasta»; `last_minute` is still in."""

    order: int
    stage: str
    name: str
    opens: date | None
    closes: date
    responsible: str
    last_minute: time = LAST_MINUTE

    @property
    def opens_at(self) -> datetime | None:
        """The first instant that is in; None where there is no first day."""
        return datetime.combine(self.opens, time(0), BOGOTA) if self.opens else None

    @property
    def closes_at(self) -> datetime:
        """The first instant that is out: the one after the last minute."""
        return datetime.combine(self.closes, self.last_minute, BOGOTA) + timedelta(minutes=1)

    def state_at(self, now: datetime) -> str:
        """`coming`, `open` or `closed`."""
        if self.opens_at is not None and now < self.opens_at:
            return "coming"
        return "open" if now < self.closes_at else "closed"

    def require_begun(self, now: datetime) -> None:
        """Raises CAL-003 where the window has not opened yet."""
        if self.state_at(now) == "coming":
            raise refused("CAL-003", f"«{self.name}» empieza el {self.opens}. Vuelva ese día.")

    def require_open(self, now: datetime) -> None:
        """Raises CAL-003 before the window and CallLate after it, naming the day and the hour."""
        self.require_begun(now)
        if now >= self.closes_at:
            message = (
                f"Llegó tarde: «{self.name}» cerró el {self.closes} a las {self.last_minute:%H:%M}."
                f" Hora del servidor: {hour_of(now)}."
            )
            raise CallLate(message, activity=self.name, closed_at=self.closes_at)


@dataclass(frozen=True, slots=True)
class Addendum:
    """An act that changes windows from its publication on: order of the activity → (first day, last day)."""

    number: str
    act_date: date
    published_at: datetime
    windows: Mapping[int, tuple[date | None, date]]
    reason: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """The activities as they were first published, the last day for questions, and the addenda in order."""

    activities: tuple[Activity, ...]
    questions_until: date
    addenda: tuple[Addendum, ...] = ()

    def at(self, now: datetime) -> tuple[Activity, ...]:
        """The activities with the addenda that were published by then."""
        standing = {each.order: each for each in self.activities}
        for addendum in self.addenda:
            if addendum.published_at <= now:
                for order, (opens, closes) in addendum.windows.items():
                    standing[order] = replace(standing[order], opens=opens, closes=closes)
        return tuple(standing[order] for order in sorted(standing))

    def activity(self, order: int, now: datetime) -> Activity:
        """One activity as it stands at an instant."""
        return next(each for each in self.at(now) if each.order == order)

    def require_open(self, order: int, now: datetime) -> None:
        """For an applicant. Raises CAL-003 before the window and CallLate after it, naming the day and the hour."""
        self.activity(order, now).require_open(now)

    def require_begun(self, order: int, now: datetime) -> None:
        """Raises CAL-003 where the window has not opened yet."""
        self.activity(order, now).require_begun(now)

    def is_late(self, order: int, now: datetime) -> bool:
        """Whether the window has closed: an act of the authority counts all the same, and says so."""
        return now >= self.activity(order, now).closes_at

    def require_questions(self, now: datetime) -> None:
        """Raises CallLate after the last day for questions, which is kept as the act has it, working day or not."""
        closes = datetime.combine(self.questions_until, time(0), BOGOTA) + timedelta(days=1)
        if now >= closes:
            message = f"Las preguntas se recibieron hasta el {self.questions_until}. Lea las respuestas publicadas."
            raise CallLate(message, activity="Preguntas", closed_at=closes)


def require_fit(
    timetable: Timetable,
    windows: Mapping[int, tuple[date | None, date]],
    *,
    now: datetime,
    is_working_day: Callable[[date], bool],
) -> None:
    """Whether an addendum may set these windows from now on. Raises CAL-021 with every reason at once.

    A window that has closed stays as it was; none closes in the past, ends before it opens or before an earlier
    activity does, or begins or ends on a day that does not work.
    """
    standing = {each.order: each for each in timetable.at(now)}
    faults = [
        fault
        for order, days in sorted(windows.items())
        for fault in _faults(standing, order, days, now, is_working_day)
    ]
    faults += _disorder(standing, windows)
    if faults or not windows:
        raise refused("CAL-021", " ".join(faults) or "El adendo no cambia ninguna actividad. Escriba al menos una.")


def _disorder(standing: Mapping[int, Activity], windows: Mapping[int, tuple[date | None, date]]) -> list[str]:
    """The activities that would end before an earlier one, where an addendum changes either of the two."""
    found: list[str] = []
    last = (0, date.min)
    for order in sorted(standing):
        closes = windows[order][1] if order in windows else standing[order].closes
        if closes < last[1] and {order, last[0]} & windows.keys():
            found.append(f"La actividad {order} terminaría antes que la {last[0]}: cambie las dos.")
        last = max(last, (order, closes), key=lambda each: each[1])
    return found


def require_whole(timetable: Timetable, *, now: datetime, is_working_day: Callable[[date], bool]) -> None:
    """Whether a call that is not published may have this timetable. Raises CAL-021 with every reason at once.

    Every window is still to close, begins before it ends, ends no earlier than the one before, and has working days at
    both ends; questions end on a day that has not passed, working or not.
    """
    found: list[str] = []
    last = date.min
    for each in timetable.activities:
        days = [day for day in (each.opens, each.closes) if day is not None]
        if each.closes_at <= now:
            found.append(f"La actividad {each.order} ya habría cerrado.")
        if days[0] > each.closes:
            found.append(f"La actividad {each.order} terminaría antes de empezar.")
        if each.closes < last:
            found.append(f"La actividad {each.order} terminaría antes que la anterior.")
        found += [f"El {day} no es día hábil." for day in dict.fromkeys(days) if not is_working_day(day)]
        last = max(last, each.closes)
    if datetime.combine(timetable.questions_until + timedelta(days=1), time(0), BOGOTA) <= now:
        found.append("Las preguntas ya se habrían cerrado.")
    if found:
        raise refused("CAL-021", " ".join(found))


def _faults(
    standing: Mapping[int, Activity],
    order: int,
    days: tuple[date | None, date],
    now: datetime,
    is_working_day: Callable[[date], bool],
) -> list[str]:
    if order not in standing:
        return [f"La actividad {order} no está en el cronograma."]
    before, (opens, closes) = standing[order], days
    after = replace(before, opens=opens, closes=closes)
    found = []
    if before.state_at(now) == "closed":
        found.append(f"La actividad {order} ya cerró: un adendo rige hacia adelante.")
    if before.state_at(now) == "open" and opens != before.opens:
        found.append(f"La actividad {order} ya empezó: su primer día no se cambia.")
    if opens is not None and opens > closes:
        found.append(f"La actividad {order} terminaría antes de empezar.")
    if after.closes_at <= now:
        found.append(f"La actividad {order} cerraría en el pasado.")
    found += [f"El {day} no es día hábil." for day in (opens, closes) if day is not None and not is_working_day(day)]
    return found


def hour_of(now: datetime) -> str:
    """An instant as a receipt says it: Bogotá's day and hour to the millisecond, with the offset."""
    return now.astimezone(BOGOTA).isoformat(sep=" ", timespec="milliseconds")
