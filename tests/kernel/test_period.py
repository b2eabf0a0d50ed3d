from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.kernel.period import Period, PeriodError, bogota_date, contract_year_of, month_of, quarter_of, year_of

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
LEAP = date(2020, 2, 29)


def test_a_period_includes_both_ends():
    period = Period(date(2026, 5, 19), date(2026, 5, 20))
    inside = [date(2026, 5, day) in period for day in (18, 19, 20, 21)]
    assert inside == [False, True, True, False]
    with pytest.raises(PeriodError):
        Period(date(2026, 5, 20), date(2026, 5, 19))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-05-31T23:59:59.999999-05:00", date(2026, 5, 31)),
        ("2026-06-01T00:00:00-05:00", date(2026, 6, 1)),
        ("2026-06-01T04:59:59+00:00", date(2026, 5, 31)),
        ("2026-06-01T05:00:00+00:00", date(2026, 6, 1)),
        ("2026-06-01T18:59:59+14:00", date(2026, 5, 31)),
        ("2026-06-01T19:00:00+14:00", date(2026, 6, 1)),
        ("2026-12-31T17:00:00-12:00", date(2027, 1, 1)),
    ],
)
def test_days_turn_at_midnight_in_bogota_whatever_the_offset(written, day):
    assert bogota_date(datetime.fromisoformat(written)) == day


def test_an_instant_without_zone_or_outside_the_calendar_is_refused():
    for instant in (datetime(2026, 6, 1), datetime(1, 1, 1, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(PeriodError):
            bogota_date(instant)


@given(
    seconds=st.integers(min_value=0, max_value=6_000_000_000),
    hours=st.integers(min_value=-14, max_value=14),
)
def test_the_offset_sent_never_changes_the_month(seconds, hours):
    instant = datetime(1995, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    sent = instant.astimezone(timezone(timedelta(hours=hours)))
    assert month_of(bogota_date(sent)) == month_of((instant - timedelta(hours=5)).date())


@pytest.mark.parametrize(
    ("day", "month", "quarter"),
    [
        (date(2024, 2, 29), (date(2024, 2, 1), date(2024, 2, 29)), (date(2024, 1, 1), date(2024, 3, 31))),
        (date(2026, 6, 30), (date(2026, 6, 1), date(2026, 6, 30)), (date(2026, 4, 1), date(2026, 6, 30))),
        (date(2026, 7, 1), (date(2026, 7, 1), date(2026, 7, 31)), (date(2026, 7, 1), date(2026, 9, 30))),
        (date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31)), (date(2026, 10, 1), date(2026, 12, 31))),
    ],
)
def test_months_and_quarters(day, month, quarter):
    assert month_of(day) == Period(*month)
    assert quarter_of(day) == Period(*quarter)
    assert year_of(day) == Period(date(day.year, 1, 1), date(day.year, 12, 31))


@pytest.mark.parametrize(
    ("day", "anniversary", "start", "end"),
    [
        (date(2026, 3, 3), date(2010, 3, 4), date(2025, 3, 4), date(2026, 3, 3)),
        (date(2026, 3, 4), date(2010, 3, 4), date(2026, 3, 4), date(2027, 3, 3)),
        (date(2026, 3, 5), date(2010, 3, 4), date(2026, 3, 4), date(2027, 3, 3)),
        (date(2026, 1, 1), date(2010, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),
        (date(2025, 12, 31), date(2010, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
        (date(2020, 2, 29), LEAP, date(2020, 2, 29), date(2021, 2, 27)),
        (date(2021, 2, 27), LEAP, date(2020, 2, 29), date(2021, 2, 27)),
        (date(2021, 2, 28), LEAP, date(2021, 2, 28), date(2022, 2, 27)),
        (date(2024, 2, 28), LEAP, date(2023, 2, 28), date(2024, 2, 28)),
        (date(2024, 2, 29), LEAP, date(2024, 2, 29), date(2025, 2, 27)),
        (date(2024, 2, 29), date(2019, 2, 28), date(2024, 2, 28), date(2025, 2, 27)),
        (date(2100, 2, 28), LEAP, date(2100, 2, 28), date(2101, 2, 27)),
    ],
)
def test_contract_years(day, anniversary, start, end):
    assert contract_year_of(day, anniversary=anniversary) == Period(start, end)


@given(day=DAYS, anniversary=DAYS)
def test_contract_years_tile_the_calendar(day, anniversary):
    year = contract_year_of(day, anniversary=anniversary)
    assert day in year
    assert contract_year_of(year.end + timedelta(days=1), anniversary=anniversary).start == year.end + timedelta(days=1)
    assert contract_year_of(year.start - timedelta(days=1), anniversary=anniversary).end == year.start - timedelta(
        days=1
    )
    assert 365 <= (year.end - year.start).days + 1 <= 367


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_calendar_has_ends(day):
    with pytest.raises(PeriodError):
        contract_year_of(day, anniversary=date(2010, 3, 4))
