"""The calendar, the terms by each reading, and late interest at the day before, the day and the day after."""

from datetime import date, timedelta

import holidays
import pytest

from veta.norms import NormNotInForce, norms
from veta.norms.workdays import after_working_days, is_working_day, this_or_next_working_day
from veta.royalties.domain.due import due_after, late_interest


def test_the_calendar_is_that_of_the_holidays_package() -> None:
    first, last = date(2012, 1, 1), date(2036, 12, 31)
    known = holidays.country_holidays("CO", years=range(2012, 2037))
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        assert is_working_day(day) == (day.weekday() < 5 and day not in known), day


def test_a_year_that_is_not_loaded_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(NormNotInForce):
        is_working_day(date(2037, 1, 2))


def test_an_override_wins_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    value = norms().value("calendar.overrides", date(2025, 8, 6))
    changed = type(value)(**{f: getattr(value, f) for f in value.__slots__} | {
        "value": {"add": ("2025-08-06",), "remove": ("2025-08-07",)}
    })  # fmt: skip
    monkeypatch.setitem(norms()._values, ("calendar.overrides", date(2025, 8, 6)), changed)
    monkeypatch.setitem(norms()._values, ("calendar.overrides", date(2025, 8, 7)), changed)
    assert not is_working_day(date(2025, 8, 6))
    assert is_working_day(date(2025, 8, 7))


def test_counts_working_days_past_weekends_and_holidays() -> None:
    # del 1 de enero de 2026 (jueves, festivo): 2 viernes, 5, 6, 7, 8, 9; el 12 es festivo (Reyes): 13
    assert after_working_days(date(2025, 12, 31), 6) == date(2026, 1, 9)
    assert after_working_days(date(2025, 12, 31), 7) == date(2026, 1, 13)
    assert this_or_next_working_day(date(2026, 1, 10)) == date(2026, 1, 13)


@pytest.mark.parametrize(
    ("end", "kind", "earliest", "latest"),
    [
        # carbón: 10 días hábiles desde el 1 de octubre de 2025; el 13 es festivo
        (date(2025, 9, 30), "carbon", date(2025, 10, 15), date(2025, 10, 15)),
        # demás: «diez días»: calendario el 10 de octubre; en hábiles, el 15
        (date(2025, 9, 30), "other", date(2025, 10, 10), date(2025, 10, 15)),
        # «diez primeros días» de un mes que cae en sábado
        (date(2026, 1, 31), "other", date(2026, 2, 10), date(2026, 2, 13)),
        (date(2025, 9, 30), "private_subsoil", date(2025, 10, 15), date(2025, 10, 15)),
        (date(2025, 8, 31), "withholding_deposit", date(2025, 9, 5), date(2025, 9, 5)),
        (date(2025, 8, 31), "withholding_list", date(2025, 9, 10), date(2025, 9, 12)),
    ],
)
def test_due_by_the_earliest_and_the_latest_reading(end: date, kind: str, earliest: date, latest: date) -> None:
    due = due_after(end, kind)
    assert (due.earliest, due.latest) == (earliest, latest)
    assert due.status == "secondary"


@pytest.mark.parametrize(
    ("paid", "days", "centavos"),
    [
        (date(2025, 10, 14), 0, 0),
        (date(2025, 10, 15), 0, 0),
        # 36.500 pesos × 12 % × 1 ÷ 365 = 12 pesos
        (date(2025, 10, 16), 1, 1200),
        (date(2026, 10, 15), 365, 438_000),
    ],
)
def test_late_interest_is_simple_and_starts_the_day_after(paid: date, days: int, centavos: int) -> None:
    assert late_interest(3_650_000, due=date(2025, 10, 15), paid=paid) == (days, centavos)
