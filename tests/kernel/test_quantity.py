from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.kernel.quantity import MAX_AMOUNT, UNITS, Fineness, Quantity, QuantityError, amount_of, text_of

FACTORS = st.sampled_from([10**n for n in range(7)])


@pytest.mark.parametrize(
    ("text", "factor", "amount"),
    [
        ("0", 1000, 0),
        ("1", 1, 1),
        ("12.5", 1000, 12_500),
        ("12.500", 1000, 12_500),
        ("12.500000", 1000, 12_500),
        ("0.001", 1000, 1),
        ("999999999999", 1000, 999_999_999_999_000),
        ("10000000000", 10**6, MAX_AMOUNT),
    ],
)
def test_reads_what_the_contract_admits(text, factor, amount):
    assert amount_of(text, factor=factor) == amount


@pytest.mark.parametrize(
    "text",
    [
        "", " ", " 1", "1 ", "1\n", "\n1", "+1", "-1", "01", "00", ".5", "5.", "1.", "1,5", "1.2.3", "1e3", "1E3",
        "0x10", "1_000", "1.000,5", "1.234.567", "٣", "１２", "1२", "Infinity", "NaN", "nan", "1.1234567",
        "1234567890123", "½", "1\u200b", "\ufeff1", "1\x00", "--1", "1'000", "0.5.", "²",
    ],
)  # fmt: skip
def test_refuses_every_other_spelling(text):
    with pytest.raises(QuantityError) as refused:
        amount_of(text, factor=1000)
    assert refused.value.code == "SCH-003"


@pytest.mark.parametrize("value", [1, 1.5, None, True, b"1", ["1"]])
def test_refuses_what_is_no_text(value):
    with pytest.raises(QuantityError):
        amount_of(value, factor=1000)


@pytest.mark.parametrize(
    ("text", "factor"), [("12.5001", 1000), ("0.0001", 1000), ("1.5", 1), ("10000000000.000001", 10**6)]
)
def test_refuses_more_decimals_than_the_unit_or_more_than_the_maximum(text, factor):
    with pytest.raises(QuantityError):
        amount_of(text, factor=factor)


@given(amount=st.integers(min_value=0, max_value=10**12 - 1), factor=FACTORS)
def test_text_and_amount_are_inverse(amount, factor):
    assert amount_of(text_of(amount, factor=factor), factor=factor) == amount


@given(amount=st.integers(min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT), factor=FACTORS)
def test_text_is_exact_with_all_the_decimals(amount, factor):
    text = text_of(amount, factor=factor)
    assert Fraction(text) * factor == amount
    assert len(text.partition(".")[2]) == len(str(factor)) - 1


@given(text=st.text(max_size=20), factor=FACTORS)
def test_any_text_is_read_exactly_or_refused(text, factor):
    try:
        amount = amount_of(text, factor=factor)
    except QuantityError:
        return
    assert text.isascii()
    assert Fraction(amount, factor) == Fraction(text)


def test_units_carry_their_rec20_codes():
    codes = {unit.code: unit.rec20 for unit in UNITS.values()}
    assert codes == {
        "mg": "MGM", "g": "GRM", "kg": "KGM", "t": "TNE", "ct": "CTM", "mct": None, "dm3": "DMQ", "m3": "MTQ",
        "lb": "LBR", "ozt": "APZ",
    }  # fmt: skip


def test_quantities_of_two_units_do_not_add():
    with pytest.raises(TypeError):
        Quantity(1, UNITS["mg"]) + Quantity(1, UNITS["kg"])
    assert Quantity(5, UNITS["mg"]) - Quantity(2, UNITS["mg"]) == Quantity(3, UNITS["mg"])


@pytest.mark.parametrize("unit", ["lb", "ozt"])
def test_nothing_is_kept_in_pounds_or_troy_ounces(unit):
    with pytest.raises(TypeError):
        Quantity(1, UNITS[unit])


def test_a_float_is_no_amount():
    with pytest.raises(TypeError):
        Quantity(1.0, UNITS["mg"])


@pytest.mark.parametrize(
    ("amount", "unit", "shown_in", "decimals", "text", "rounded"),
    [
        (31_103, "mg", "ozt", 4, "1.0000", True),
        (3_110_347_680, "mg", "ozt", 2, "100000.00", False),
        (45_359_237, "mg", "lb", 3, "100.000", False),
        (1_000, "mg", "g", 3, "1.000", False),
        (1_000, "mct", "g", 1, "0.2", False),
        (1_500, "dm3", "m3", 0, "2", True),
        (2_500, "dm3", "m3", 0, "2", True),
    ],
)
def test_display_says_when_it_rounded(amount, unit, shown_in, decimals, text, rounded):
    shown = Quantity(amount, UNITS[unit]).shown_in(UNITS[shown_in], decimals=decimals)
    assert (shown.text, shown.rounded) == (text, rounded)


def test_mass_does_not_show_as_volume():
    with pytest.raises(TypeError):
        Quantity(1, UNITS["kg"]).shown_in(UNITS["m3"], decimals=0)


@pytest.mark.parametrize(
    ("text", "gross_mg", "fine_mg"),
    [
        ("1000", 12_345, 12_345),
        ("999.999", 1_000_000, 999_999),
        ("920", 1_000, 920),
        ("920.5", 1_000, 920),
        ("0.001", 999_999, 0),
        ("0.001", 1_000_000, 1),
    ],
)
def test_fine_metal_is_rounded_down(text, gross_mg, fine_mg):
    assert Fineness.parse(text).fine(gross_mg) == fine_mg


@pytest.mark.parametrize("text", ["0", "0.000", "1000.001", "1001", "920.5555", "-1", "92%", "", "9e2", "٩٢٠", 920])
def test_refuses_an_impossible_fineness(text):
    with pytest.raises(QuantityError) as refused:
        Fineness.parse(text)
    assert refused.value.code == "MIN-004"


@given(milli=st.integers(min_value=1, max_value=1_000_000), gross=st.integers(min_value=0, max_value=MAX_AMOUNT))
def test_fine_metal_never_exceeds_what_is_there(milli, gross):
    fineness = Fineness(milli)
    assert Fineness.parse(str(fineness)) == fineness
    assert 0 <= fineness.fine(gross) <= gross
    assert 0 <= Fraction(gross * milli, 1_000_000) - fineness.fine(gross) < 1
