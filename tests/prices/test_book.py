"""Exactly one price in force on a day, or a finding."""

from datetime import date, timedelta

import pytest

from tests.prices.made import made_price
from veta.prices.domain.base_price import BasePrice
from veta.prices.domain.book import Ask, NoPrice, PriceBook

THERMAL = made_price(subject="carbon_termico", market="interno", unit="t", price="250000")
ABROAD = made_price(subject="carbon_termico", market="exportacion", unit="t", price="240000", number="b")
DEMO = made_price(subject="carbon_termico", market="interno", unit="t", price="1", demo=True, number="d")
GROUP = made_price(subject="rocas_materiales_construccion", unit="m3", price="25000")
SAND = made_price(subject="arena", unit="m3", price="27000")
DAY = date(2025, 8, 1)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2025, 6, 30), False),
        (date(2025, 7, 1), True),
        (date(2025, 7, 2), True),
        (date(2025, 9, 29), True),
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
    ],
)
def test_in_force_from_its_first_day_to_its_last(day: date, found: bool) -> None:
    price = PriceBook([THERMAL]).choose(Ask("carbon_termico", day, "interno"))
    if found:
        assert price is THERMAL
    else:
        assert isinstance(price, NoPrice)
        assert price.code == "PRI-001"
        assert "No se usa uno anterior" in price.message


def test_two_markets_and_none_chosen_lists_both() -> None:
    several = PriceBook([THERMAL, ABROAD]).choose(Ask("carbon_termico", DAY))
    assert isinstance(several, NoPrice)
    assert several.code == "PRI-002"
    assert "interno" in several.message
    assert "exportacion" in several.message
    assert set(several.options) == {THERMAL, ABROAD}
    assert PriceBook([THERMAL, ABROAD]).choose(Ask("carbon_termico", DAY, "exportacion")) is ABROAD


def test_a_market_that_the_act_does_not_fix_is_pending_and_says_which_are() -> None:
    none = PriceBook([THERMAL]).choose(Ask("carbon_termico", DAY, "exportacion"))
    assert isinstance(none, NoPrice)
    assert none.code == "PRI-001"
    assert "interno" in none.message


def test_zones_are_chosen_likewise() -> None:
    north = made_price(subject="carbon_termico", zone="Norte", unit="t", price="1000", number="n")
    centre = made_price(subject="carbon_termico", zone="Centro", unit="t", price="2000", number="c")
    book = PriceBook([north, centre])
    several = book.choose(Ask("carbon_termico", DAY))
    assert isinstance(several, NoPrice)
    assert several.params["choose"] == "zona"
    assert book.choose(Ask("carbon_termico", DAY, zone="Centro")) is centre


def test_the_minerals_own_price_goes_before_its_groups() -> None:
    book = PriceBook([GROUP, SAND])
    assert book.choose(Ask("arena", DAY)) is SAND
    assert book.choose(Ask("grava", DAY)) is GROUP


def test_a_made_up_price_counts_only_where_no_real_one_does() -> None:
    assert PriceBook([DEMO]).choose(Ask("carbon_termico", DAY)) is DEMO
    assert PriceBook([DEMO, THERMAL]).choose(Ask("carbon_termico", DAY)) is THERMAL
    real_group = PriceBook([GROUP, made_price(subject="arena", unit="m3", price="1", demo=True, number="x")])
    assert real_group.choose(Ask("arena", DAY)) is GROUP


def test_asking_again_gives_the_same() -> None:
    book = PriceBook([THERMAL])
    days = [DAY + timedelta(days=n) for n in range(200)]
    first = [book.choose(Ask("carbon_termico", day)) for day in days]
    assert [book.choose(Ask("carbon_termico", day)) for day in days] == first
    assert sum(isinstance(price, BasePrice) for price in first) == 61
