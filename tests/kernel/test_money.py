from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.kernel.money import Money, MoneyError

PESOS = st.integers(min_value=0, max_value=10**13).map(lambda cents: Decimal(cents) / 100)


@pytest.mark.parametrize(
    ("text", "pesos"),
    [("0", "0.00"), ("1250000.50", "1250000.50"), ("7.5", "7.50"), ("999999999999", "999999999999.00")],
)
def test_reads_pesos(text, pesos):
    assert str(Money.parse(text)) == pesos


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "-1", "+1", "01", "1,5", "1.234.567", "1.999", "1e6", "1_000", "٣", "$1", "NaN", "1\n", 1, 1.5],
)
def test_refuses_every_other_spelling(text):
    with pytest.raises(MoneyError):
        Money.parse(text)


@pytest.mark.parametrize("value", [1.5, 1, "1", Decimal("NaN"), Decimal("Infinity")])
def test_money_is_a_finite_decimal(value):
    with pytest.raises(TypeError):
        Money(value)


def test_finer_than_a_cent_is_refused():
    with pytest.raises(MoneyError):
        Money(Decimal("1.001"))


@given(one=PESOS, other=PESOS)
def test_sums_are_exact(one, other):
    assert (Money(one) + Money(other)) - Money(other) == Money(one)
    assert Money(one) < Money(one + 1)
