"""Indicators from figures: just below, at and just above each limit, without rounding anything before comparing."""

from decimal import Decimal

import pytest

from veta.calls.domain.indicators import Indicator, figures_of, indicators_of
from veta.calls.domain.refusals import CallRefused

GOOD = {
    "current_assets": "1000.00", "current_liabilities": "1000.00", "total_assets": "3000", "total_liabilities": "2100",
    "equity": "900", "operating_profit": "50", "interest": "50",
}  # fmt: skip
LIMITS = {"liquidity": Decimal("1.0"), "debt": Decimal("0.70"), "cover": Decimal("1.0")}


def computed(**changes: str) -> dict[str, Indicator]:
    return {each.code: each for each in indicators_of(figures_of(GOOD | changes), LIMITS)}


@pytest.mark.parametrize(
    ("changes", "code", "meets"),
    [
        ({}, "liquidity", True),
        ({"current_assets": "999.99"}, "liquidity", False),
        ({"current_assets": "1000.01"}, "liquidity", True),
        ({}, "debt", True),
        ({"total_liabilities": "2100.01", "equity": "899.99"}, "debt", False),
        ({"total_liabilities": "2099.99", "equity": "900.01"}, "debt", True),
        ({}, "cover", True),
        ({"operating_profit": "49.99"}, "cover", False),
        ({"operating_profit": "-0.01", "interest": "0"}, "cover", False),
        ({"operating_profit": "0", "interest": "0"}, "cover", True),
        ({"current_liabilities": "0"}, "liquidity", True),
    ],
)
def test_at_the_limit(changes: dict[str, str], code: str, meets: bool) -> None:
    assert computed(**changes)[code].meets is meets


def test_what_is_shown_is_rounded_and_what_is_compared_is_not() -> None:
    thirds = computed(current_assets="999.99")["liquidity"]
    assert (thirds.shown, thirds.meets) == ("1.0000", False)
    assert computed(current_liabilities="0")["liquidity"].shown == "indeterminado"


@pytest.mark.parametrize(
    "changes",
    [
        {"interest": ""}, {"interest": "1,5"}, {"interest": "1e3"}, {"interest": "٣"}, {"interest": "-1"},
        {"interest": "1.001"}, {"interest": "01"}, {"total_assets": "3000.01"}, {"current_assets": "3000.01"},
        {"current_liabilities": "2100.01"}, {"otra": "1"},
    ],
)  # fmt: skip
def test_figures_that_cannot_be(changes: dict[str, str]) -> None:
    with pytest.raises(CallRefused) as refused:
        figures_of(GOOD | changes)
    assert refused.value.code == "CAL-024"


def test_a_missing_figure_is_no_zero() -> None:
    with pytest.raises(CallRefused, match="Gastos de intereses"):
        figures_of({name: value for name, value in GOOD.items() if name != "interest"})
