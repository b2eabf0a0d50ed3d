"""What holds of every quote: monotone, exact, never rounded down."""

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.prices.made import made_price
from veta.bonds.domain.answer import as_json
from veta.bonds.domain.quote import quote
from veta.bonds.domain.reading import read_case
from veta.prices.domain.book import PriceBook
from veta.prices.domain.figures import text_of_micros

MINERALS = ("carbon_termico", "carbon_metalurgico", "antracita", "arcilla")
micros = st.integers(0, 10**15)
prices = st.integers(1, 10**15)
lines = st.lists(st.tuples(st.sampled_from(MINERALS), micros, prices), min_size=1, max_size=4, unique_by=lambda x: x[0])


def answer(given_lines: list[tuple[str, int, int]]) -> dict[str, Any]:
    book = PriceBook(
        made_price(subject=mineral, unit="t", price=text_of_micros(price), number=mineral)
        for mineral, _, price in given_lines
    )
    case = {
        "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01",
        "production": [
            {"mineral": mineral, "annual_volume": text_of_micros(volume), "unit": "t"}
            for mineral, volume, _ in given_lines
        ],
    }  # fmt: skip
    return as_json(quote(read_case(case), book))


@given(lines)
def test_the_sum_of_lines_is_the_total_exactly(given_lines: list[tuple[str, int, int]]) -> None:
    found = answer(given_lines)
    with localcontext(prec=60):
        subtotals = sum(Decimal(line["subtotal_cop"]) for line in found["lines"])
        assert subtotals == Decimal(found["base_cop"])
        assert subtotals * Decimal(found["percent"]) == Decimal(found["exact_cop"])
        assert sum(Decimal(line["insured_cop"]) for line in found["lines"]) == Decimal(found["exact_cop"])
        for line in found["lines"]:
            assert Decimal(line["volume"]) * Decimal(line["price_cop"]) == Decimal(line["subtotal_cop"])


@given(lines)
def test_rounding_never_lowers_nor_adds_a_whole_peso(given_lines: list[tuple[str, int, int]]) -> None:
    found = answer(given_lines)
    with localcontext(prec=60):
        rounded, exact = Decimal(found["insured_value_cop"]), Decimal(found["exact_cop"])
        assert rounded >= exact
        assert rounded - exact < 1
        assert rounded == rounded.to_integral_value()


@given(micros, micros, prices, prices)
def test_monotone_in_volume_and_in_price(volume: int, more: int, price: int, dearer: int) -> None:
    base = Decimal(answer([("antracita", volume, price)])["exact_cop"])
    assert Decimal(answer([("antracita", volume + more, price)])["exact_cop"]) >= base
    assert Decimal(answer([("antracita", volume, price + dearer)])["exact_cop"]) >= base


@given(st.integers(0, 10**13), st.integers(1, 10**9))
def test_monotone_in_investment(centavos: int, more: int) -> None:
    values = []
    for amount in (centavos, centavos + more):
        case = {
            "regime": "ley_685", "stage": "exploracion", "starts_on": "2025-08-01",
            "investment_cop": f"{amount // 100}.{amount % 100:02d}",
        }  # fmt: skip
        values.append(int(as_json(quote(read_case(case), PriceBook([])))["insured_value_cop"]))
    assert values[0] <= values[1]


@given(micros, prices, prices)
def test_an_untyped_heading_lies_between_its_types(volume: int, one: int, other: int) -> None:
    book = PriceBook(
        [
            made_price(subject="carbon_termico", unit="t", price=text_of_micros(one), number="a"),
            made_price(subject="antracita", unit="t", price=text_of_micros(other), number="b"),
        ]
    )
    case: dict[str, Any] = {"regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01"}
    text = text_of_micros(volume)

    def of(mineral: str) -> dict[str, Any]:
        production = [{"mineral": mineral, "annual_volume": text, "unit": "t"}]
        return as_json(quote(read_case(case | {"production": production}), book))

    untyped = of("carbon")
    assert untyped["insured_value_cop"] is None
    typed = sorted(int(of(mineral)["insured_value_cop"]) for mineral in ("carbon_termico", "antracita"))
    assert [int(end) for end in untyped["range_cop"]] == typed
