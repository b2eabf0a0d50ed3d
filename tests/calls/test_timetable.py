"""The timetable of the circular: its rows, its windows to the tenth of a second, its addenda, its working days."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest

from veta.calls.domain.call import timetable_of
from veta.calls.domain.left import Left, left
from veta.calls.domain.refusals import CallLate, CallRefused
from veta.calls.domain.seed import call_of_2026
from veta.calls.domain.timetable import STAGES, Addendum, require_fit
from veta.kernel.period import BOGOTA
from veta.norms.workdays import after_working_days, is_working_day

TIMETABLE = timetable_of(call_of_2026())


def bogota(text: str) -> datetime:
    """`2026-03-12 23:59:59.9` on Bogotá's clock, as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA).astimezone(UTC)


@pytest.mark.data
def test_the_rows_are_those_of_the_public_file(data_dir: Path) -> None:
    with (data_dir / "cronograma_convocatoria_ottm_2026.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ours = TIMETABLE.activities
    assert [str(each.order) for each in ours] == [row["orden"] for row in rows]
    assert [each.stage for each in ours] == [row["etapa"] for row in rows]
    assert [str(each.opens or "") for each in ours] == [row["desde"] for row in rows]
    assert [str(each.closes) for each in ours] == [row["hasta"] for row in rows]
    assert [each.responsible for each in ours] == [row["responsable"] for row in rows]
    # El archivo escribe la hora en el nombre de la fila 11; aquí es un dato.
    assert [each.name for each in ours] == [row["actividad"].replace(" (hasta 23:59)", "").replace(
        "(primera versión)", "(primera versión)") for row in rows]  # fmt: skip


def test_it_has_16_activities_in_three_stages_and_row_15_is_of_the_last() -> None:
    assert len(TIMETABLE.activities) == 16
    assert [each.stage for each in TIMETABLE.activities] == [STAGES[0]] * 10 + [STAGES[1]] * 4 + [STAGES[2]] * 2
    assert TIMETABLE.activities[14].name == "Pruebas técnicas de los OTTM elegibles (Ronda 2)"


def test_the_first_and_last_day_of_each_activity_work_and_the_sunday_of_the_questions_is_kept() -> None:
    named = [day for each in TIMETABLE.activities for day in (each.opens, each.closes) if day is not None]
    assert [str(day) for day in named if not is_working_day(day)] == []
    assert TIMETABLE.activities[6].opens is None
    assert (TIMETABLE.questions_until, TIMETABLE.questions_until.weekday()) == (date(2026, 3, 29), 6)


@pytest.mark.parametrize("order", range(1, 17))
def test_each_window_opens_and_closes_to_the_instant(order: int) -> None:
    activity = TIMETABLE.activity(order, bogota("2026-01-01 00:00:00"))
    last = bogota(f"{activity.closes} 23:59:59.9")
    TIMETABLE.require_open(order, last)
    TIMETABLE.require_open(order, bogota(f"{activity.closes} 23:59:59.999999"))
    assert not TIMETABLE.is_late(order, last)
    out = bogota(f"{activity.closes} 00:00:00.0") + timedelta(days=1)
    with pytest.raises(CallLate, match="Hora del servidor") as late:
        TIMETABLE.require_open(order, out)
    assert late.value.closed_at == out
    assert TIMETABLE.is_late(order, out)
    if activity.opens is not None:
        first = bogota(f"{activity.opens} 00:00:00.0")
        TIMETABLE.require_open(order, first)
        for check in (TIMETABLE.require_open, TIMETABLE.require_begun):
            with pytest.raises(CallRefused) as early:
                check(order, first - timedelta(microseconds=100_000))
            assert early.value.code == "CAL-003"


def test_hasta_11_59_pm_closes_at_the_end_of_that_minute() -> None:
    assert TIMETABLE.activity(11, bogota("2026-05-06 12:00:00")).closes_at == bogota("2026-05-07 00:00:00")


def test_questions_are_taken_until_the_end_of_that_sunday() -> None:
    TIMETABLE.require_questions(bogota("2026-03-29 23:59:59.9"))
    with pytest.raises(CallLate):
        TIMETABLE.require_questions(bogota("2026-03-30 00:00:00.0"))


def test_an_addendum_changes_a_window_from_its_publication_on_and_the_history_stays() -> None:
    at = bogota("2026-03-10 09:00:00")
    windows = {2: (date(2026, 2, 20), date(2026, 3, 13)), 3: (date(2026, 3, 16), date(2026, 3, 16))}
    require_fit(TIMETABLE, windows, now=at, is_working_day=is_working_day)
    made = Addendum("Adendo 1", date(2026, 3, 10), at, windows, "Más tiempo")
    amended = type(TIMETABLE)(TIMETABLE.activities, TIMETABLE.questions_until, (made,))
    before, after = at - timedelta(seconds=1), bogota("2026-03-13 10:00:00")
    assert [each.closes for each in amended.at(before)][:3] == [each.closes for each in TIMETABLE.activities][:3]
    amended.require_open(2, after)
    with pytest.raises(CallLate):
        TIMETABLE.require_open(2, after)


@pytest.mark.parametrize(
    ("order", "opens", "closes", "told"),
    [
        (1, "2026-02-19", "2026-03-16", "ya cerró"),
        (2, "2026-02-23", "2026-03-13", "su primer día no se cambia"),
        (2, "2026-02-20", "2026-03-09", "en el pasado"),
        (2, "2026-02-20", "2026-03-15", "no es día hábil"),
        (8, "2026-04-03", "2026-04-27", "2026-04-03 no es día hábil"),
        (8, "2026-04-20", "2026-04-17", "antes de empezar"),
        (17, "2026-04-20", "2026-04-21", "no está en el cronograma"),
        (8, "2026-04-13", "2026-05-05", "La actividad 9 terminaría antes que la 8"),
        (9, "2026-04-14", "2026-04-24", "La actividad 9 terminaría antes que la 8"),
    ],
)
def test_an_addendum_that_cannot_be(order: int, opens: str, closes: str, told: str) -> None:
    windows = {order: (date.fromisoformat(opens), date.fromisoformat(closes))}
    with pytest.raises(CallRefused, match=told) as refused:
        require_fit(TIMETABLE, windows, now=bogota("2026-03-10 09:00:00"), is_working_day=is_working_day)
    assert refused.value.code == "CAL-021"


def test_terms_of_working_days_cross_holy_week_and_the_movable_mondays_from_2024_to_2028() -> None:
    known = holidays.country_holidays("CO", years=range(2024, 2030))
    working = [
        day
        for n in range((date(2029, 3, 1) - date(2024, 1, 1)).days)
        if (day := date(2024, 1, 1) + timedelta(days=n)).weekday() < 5 and day not in known
    ]
    place = {day: n for n, day in enumerate(working)}
    for n in range((date(2028, 12, 31) - date(2024, 1, 1)).days + 1):
        start = date(2024, 1, 1) + timedelta(days=n)
        after = next(index for index in range(place.get(start, 0), len(working)) if working[index] > start)
        for count in (1, 5, 10, 15):
            assert after_working_days(start, count) == working[after + count - 1], (start, count)


@pytest.mark.parametrize(
    ("now", "closes", "expected"),
    [
        # Semana Santa de 2026: jueves 2 y viernes 3 de abril no cuentan.
        ("2026-04-01 18:00:00", "2026-04-07 00:00:00", Left(1, 6, 0)),
        ("2026-04-02 10:00:00", "2026-04-07 00:00:00", Left(1, 0, 0)),
        # San José pasa al lunes 23 de marzo de 2026.
        ("2026-03-20 23:59:00", "2026-03-25 00:00:00", Left(1, 0, 1)),
        ("2026-04-27 23:59:59.9", "2026-04-28 00:00:00", Left(0, 0, 0)),
        ("2026-04-27 22:30:00", "2026-04-28 00:00:00", Left(0, 1, 30)),
        ("2026-04-28 00:00:00", "2026-04-28 00:00:00", Left(0, 0, 0)),
        ("2026-04-13 00:00:00", "2026-04-28 00:00:00", Left(10, 24, 0)),
    ],
)
def test_what_is_left_in_working_days_and_hours(now: str, closes: str, expected: Left) -> None:
    assert left(bogota(now), bogota(closes), is_working_day=is_working_day) == expected
