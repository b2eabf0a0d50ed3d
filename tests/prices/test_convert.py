"""A volume in its price's unit: exact, printed, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral
from veta.prices.domain.convert import NOTHING, Content, Converted, NoConversion, volume_in
from veta.prices.domain.figures import MICRO, exact_text, micros_of, text_of_micros


def mineral(code: str) -> Mineral:
    found = catalogue().mineral(code)
    assert found
    return found


@pytest.mark.parametrize(
    ("code", "volume", "unit", "price_unit", "content", "expected"),
    [
        ("arena", "1000", "m3", "m3", NOTHING, "1000"),
        ("carbon_termico", "1500", "kg", "t", NOTHING, "1.5"),
        ("oro", "2", "kg", "g", NOTHING, "2000"),
        ("arena", "1000", "m3", "t", Content(density=1_600_000), "1600"),
        ("arena", "1600", "t", "m3", Content(density=1_600_000), "1000"),
        # 1 ÷ 3 has no end: the next millionth up, never down
        ("arena", "1", "t", "m3", Content(density=3_000_000), "0.333334"),
        ("oro", "10", "t", "g", Content(grade=8_500_000, recovery=900_000), "76.5"),
        ("concentrado_oro", "1000", "kg", "g", Content(grade=50_000_000, recovery=MICRO), "50"),
        ("mineral_cobre", "1000", "kg", "kg", Content(grade=2_000_000, recovery=500_000), "10"),
    ],
)
def test_converts(code: str, volume: str, unit: str, price_unit: str, content: Content, expected: str) -> None:
    micros = micros_of(volume)
    assert micros is not None
    found = volume_in(price_unit, micros, unit=unit, mineral=mineral(code), content=content)
    assert isinstance(found, Converted)
    assert text_of_micros(found.micros) == expected
    assert bool(found.steps) == (unit != price_unit or content is not NOTHING)


@pytest.mark.parametrize(
    ("code", "unit", "price_unit", "content", "need"),
    [
        ("arena", "m3", "t", NOTHING, "density"),
        ("mineral_oro", "kg", "g", NOTHING, "grade"),
        ("mineral_oro", "kg", "g", Content(grade=8_000_000), "recovery"),
        ("oro", "m3", "g", Content(grade=8_000_000, recovery=1), "unit"),
    ],
)
def test_says_what_is_missing(code: str, unit: str, price_unit: str, content: Content, need: str) -> None:
    found = volume_in(price_unit, MICRO, unit=unit, mineral=mineral(code), content=content)
    assert isinstance(found, NoConversion)
    assert found.params["need"] == need
    assert found.finding("production[0].unit").code == "PRI-003"


@given(st.integers(0, 10**16), st.integers(1, 10**8))
def test_there_and_back_by_density_never_loses(volume: int, density: int) -> None:
    content = Content(density=density)
    tonnes = volume_in("t", volume, unit="m3", mineral=mineral("arena"), content=content)
    assert isinstance(tonnes, Converted)
    back = volume_in("m3", tonnes.micros, unit="t", mineral=mineral("arena"), content=content)
    assert isinstance(back, Converted)
    assert back.micros >= volume


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", "1e400", "01", "1.", ".5", "1_000", "٣", " 1", "1.0000001", "1,5"]
)
def test_refuses_what_is_no_plain_decimal(text: str) -> None:
    assert micros_of(text) is None


@given(st.integers(0, 10**20))
def test_figures_are_exact_text(micros: int) -> None:
    assert micros_of(text_of_micros(micros)) == micros
    assert exact_text(micros, decimals=6, least=0) == text_of_micros(micros)
