"""Which version holds: the day before, the day and the day after each end; the last recorded among those that cover."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.registry.domain import (
    MandateVersion,
    PlanLine,
    PlanVersion,
    RegistrationVersion,
    registrations_on,
    version_on,
)

D = date(2026, 7, 9)
DAY = timedelta(days=1)
ACTOR = UUID(int=1)


def mandate(valid_from: date, valid_to: date | None, status: str = "active") -> MandateVersion:
    return MandateVersion(
        id=uuid4(), actor=ACTOR, operator=UUID(int=2), status=status, valid_from=valid_from, valid_to=valid_to
    )


def registration(
    entity: int, valid_from: date, status: str = "active", valid_to: date | None = None
) -> RegistrationVersion:
    return RegistrationVersion(
        id=uuid4(),
        entity=UUID(int=entity),
        actor=ACTOR,
        role="trader",
        producer_class=None,
        minerals=frozenset(),
        municipalities=frozenset(),
        status=status,
        valid_from=valid_from,
        valid_to=valid_to,
    )


@pytest.mark.parametrize(
    ("on", "holds"),
    [(D - DAY, False), (D, True), (D + DAY, True), (D + 9 * DAY, True), (D + 10 * DAY, True), (D + 11 * DAY, False)],
)
def test_both_ends_are_inclusive(on: date, holds: bool) -> None:
    version = mandate(D, D + 10 * DAY)
    assert (version_on([version], on) is version) is holds


@pytest.mark.parametrize(("on", "status"), [(D - DAY, "active"), (D, "revoked"), (D + DAY, "revoked")])
def test_the_last_recorded_wins_only_where_it_covers(on: date, status: str) -> None:
    versions = [mandate(D, None, "revoked"), mandate(D - 100 * DAY, None)]
    found = version_on(versions, on)
    assert found is not None
    assert found.status == status


def test_a_later_record_of_an_earlier_period_leaves_the_rest_as_it_was() -> None:
    correction = mandate(D - 5 * DAY, D - 3 * DAY, "revoked")
    versions = [correction, mandate(D - 100 * DAY, None)]
    assert version_on(versions, D - 4 * DAY) is correction
    assert version_on(versions, D - 2 * DAY) is versions[1]
    assert version_on([], D) is None


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.one_of(st.none(), st.integers(0, 20))), max_size=8),
    st.integers(-45, 45),
)
def test_it_is_the_first_of_those_that_cover(spans: list[tuple[int, int | None]], offset: int) -> None:
    versions = [mandate(D + a * DAY, None if n is None else D + (a + n) * DAY) for a, n in spans]
    on = D + offset * DAY
    covering = [v for v in versions if on in {v.valid_from + i * DAY for i in range(100)} and on <= (v.valid_to or on)]
    assert version_on(versions, on) is (covering[0] if covering else None)


def test_each_registration_is_judged_by_its_own_versions() -> None:
    suspended, other, first = registration(1, D, "suspended"), registration(2, D - DAY), registration(1, D - 9 * DAY)
    versions = [suspended, other, first]
    assert registrations_on(versions, D) == (suspended, other)
    assert registrations_on(versions, D - DAY) == (first, other)
    assert registrations_on(versions, D - 2 * DAY) == (first,)
    assert registrations_on(versions, D - 10 * DAY) == ()


def test_a_plan_line_is_never_that_of_the_heading() -> None:
    plan = PlanVersion(
        id=uuid4(),
        title=UUID(int=3),
        kind="PTO",
        act="DEMO-ACT-1",
        approved_on=D,
        valid_from=D,
        valid_to=None,
        lines=(PlanLine("carbon", {"2026-01-01": 5}),),
    )
    assert plan.line("carbon") is plan.lines[0]
    assert plan.line("carbon_termico") is None
