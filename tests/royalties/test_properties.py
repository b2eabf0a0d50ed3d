"""What holds of every settlement: exact to the last digit, monotone, never rounded down."""

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.prices.made import made_price
from veta.prices.domain.book import PriceBook
from veta.prices.domain.figures import text_of_micros
from veta.royalties.domain.answer import as_json
from veta.royalties.domain.reading import read_settlement
from veta.royalties.domain.settlement import settle

MINERALS = ("caliza", "arcilla", "sal", "hierro")
TOWNS = ("15759", "15757", "05001")
micros = st.integers(0, 10**15)
prices = st.integers(1, 10**15)
lines = st.lists(
    st.tuples(st.sampled_from(MINERALS), st.sampled_from(TOWNS), micros, prices),
    min_size=1, max_size=4, unique_by=lambda line: line[0],
)  # fmt: skip


def answer(mined: list[tuple[str, str, int, int]]) -> dict[str, Any]:
    book = PriceBook(
        made_price(subject=mineral, unit="t", price=text_of_micros(price), number=mineral)
        for mineral, _, _, price in mined
    )
    case = {
        "quarter": "2025-T3", "contract_date": "2015-01-15",
        "lines": [
            {"mineral": mineral, "quantity": text_of_micros(amount), "unit": "t", "municipality": town}
            for mineral, town, amount, _ in mined
        ],
    }  # fmt: skip
    return as_json(settle(read_settlement(case), book))


@given(lines)
def test_lines_and_municipalities_add_up_exactly(mined: list[tuple[str, str, int, int]]) -> None:
    found = answer(mined)
    with localcontext(prec=80):
        exact = Decimal(found["exact_cop"])
        assert sum(Decimal(line["value_cop"]) for line in found["lines"]) == exact
        assert sum(Decimal(entry["value_cop"]) for entry in found["by_municipality"]) == exact
        for line in found["lines"]:
            product = Decimal(line["quantity"]) * Decimal(line["price_cop"]) * Decimal(line["rate"])
            assert product == Decimal(line["value_cop"])


@given(lines)
def test_rounding_never_lowers_nor_adds_a_whole_peso(mined: list[tuple[str, str, int, int]]) -> None:
    found = answer(mined)
    with localcontext(prec=80):
        rounded, exact = Decimal(found["payable_cop"]), Decimal(found["exact_cop"])
        assert 0 <= rounded - exact < 1
        assert rounded == rounded.to_integral_value()


@given(micros, micros, prices, prices)
def test_monotone_in_quantity_and_in_price(amount: int, more: int, price: int, dearer: int) -> None:
    def of(amount: int, price: int) -> Decimal:
        return Decimal(answer([("sal", TOWNS[0], amount, price)])["exact_cop"])

    assert of(amount, price) <= of(amount + more, price)
    assert of(amount, price) <= of(amount, price + dearer)


@given(st.integers(0, 10**12), st.integers(1, 10000), st.integers(1, 10000))
def test_finer_metal_never_pays_less(amount: int, one: int, other: int) -> None:
    """Fine grams are counted down to the millionth, and still grow with the fineness."""
    book = PriceBook([made_price(subject="oro", unit="g", price="350000")])

    def of(tenths: int) -> Decimal:
        line = {
            "mineral": "oro", "quantity": text_of_micros(amount), "unit": "g", "month": "2025-08", "deposit": "veta",
            "fineness": f"{tenths // 10}.{tenths % 10}",
        }  # fmt: skip
        case = {"quarter": "2025-T3", "contract_date": "2015-01-15", "lines": [line]}
        return Decimal(as_json(settle(read_settlement(case), book))["exact_cop"])

    assert of(min(one, other)) <= of(max(one, other))
