"""The arithmetic of mixes: exact sums, no weight a whole unit off, no order in the result."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.ledger.domain.composition import Composition, composition_id, mix

A, B, C, D = (UUID(int=number) for number in (1, 2, 3, 4))

origins = st.integers(1, 40).map(lambda number: UUID(int=number))
weights = st.dictionaries(origins, st.integers(1, 10**16), min_size=1, max_size=8)
parts = st.lists(st.tuples(st.one_of(origins, weights), st.integers(0, 10**16)), min_size=1, max_size=6).filter(
    lambda given: sum(amount for _, amount in given) > 0
)


def exact(given: list[tuple[dict[UUID, int] | UUID, int]]) -> dict[UUID, Fraction]:
    """The same shares by rational arithmetic, written apart."""
    sums: dict[UUID, Fraction] = {}
    for source, amount in given:
        single = {source: 1} if isinstance(source, UUID) else source
        for origin, weight in single.items():
            sums[origin] = sums.get(origin, Fraction(0)) + Fraction(amount * weight, sum(single.values()))
    return sums


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(A, 5)], {A: 5}),
        ([(A, 5), (A, 7)], {A: 12}),
        ([(A, 5), (B, 7)], {A: 5, B: 7}),
        ([({A: 1, B: 1}, 3)], {A: 2, B: 1}),
        ([({B: 1, A: 1}, 3)], {A: 2, B: 1}),
        ([({A: 1, B: 1, C: 1}, 2)], {A: 1, B: 1}),
        ([({A: 1, B: 2}, 4)], {A: 1, B: 3}),
        ([({A: 1, B: 1_000}, 1)], {B: 1}),
        ([({A: 1, B: 1}, 3), ({A: 1, C: 1}, 3), (D, 1)], {A: 3, B: 2, C: 1, D: 1}),
        ([({A: 3, B: 9}, 12), (C, 0)], {A: 3, B: 9}),
    ],
)
def test_largest_remainders_take_the_missing_units(given: list, expected: dict[UUID, int]) -> None:
    assert mix(given) == expected


@pytest.mark.parametrize("given", [[], [(A, 0)], [({A: 1}, 0)], [(A, -1), (B, 3)]])
def test_nothing_or_less_cannot_be_mixed(given: list) -> None:
    with pytest.raises(ValueError):
        mix(given)


@given(parts)
def test_weights_sum_to_what_was_mixed_and_stay_within_a_unit(given: list) -> None:
    mixed, shares = mix(given), exact(given)
    assert sum(mixed.values()) == sum(amount for _, amount in given)
    assert set(mixed) <= set(shares)
    assert all(abs(mixed.get(origin, 0) - shares[origin]) < 1 for origin in shares)
    assert list(mixed) == sorted(mixed)


@given(parts, st.randoms())
def test_the_order_of_the_parts_changes_nothing(given: list, random: object) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert mix(given) == mix(shuffled)


@given(weights)
def test_the_id_is_that_of_the_content(given: dict[UUID, int]) -> None:
    one, other = Composition.of(given), Composition.of(dict(reversed(given.items())))
    assert one == other
    assert one.id == composition_id(one.origins, one.weights)
    changed = {**given, one.origins[0]: given[one.origins[0]] + 1}
    assert Composition.of(changed).id != one.id
    assert one.as_weights() == given


@pytest.mark.parametrize("bad", [{}, {A: 0}, {A: 1, B: -1}])
def test_a_composition_has_only_positive_weights(bad: dict[UUID, int]) -> None:
    with pytest.raises(ValueError):
        Composition.of(bad)
