"""Units of measure with their UN/ECE Recommendation 20 codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `rec20` is its UN/ECE Rec 20 code (None where the list has none); `scale` is its exact size in the base.

    The base is the gram for mass and the cubic metre for volume. `display_only` units never enter the ledger: their
    size in grams is exact, but no whole number of milligrams, so what they show is rounded and says so.
    """

    code: str
    rec20: str | None
    name: str
    dimension: Literal["mass", "volume"]
    scale: Fraction
    display_only: bool = False


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        unit.code: unit
        for unit in (
            Unit("mg", "MGM", "miligramo", "mass", Fraction(1, 1000)),
            Unit("g", "GRM", "gramo", "mass", Fraction(1)),
            Unit("kg", "KGM", "kilogramo", "mass", Fraction(1000)),
            Unit("t", "TNE", "tonelada", "mass", Fraction(1_000_000)),
            Unit("ct", "CTM", "quilate", "mass", Fraction(1, 5)),
            Unit("mct", None, "milésima de quilate", "mass", Fraction(1, 5000)),
            Unit("dm3", "DMQ", "decímetro cúbico", "volume", Fraction(1, 1000)),
            Unit("m3", "MTQ", "metro cúbico", "volume", Fraction(1)),
            Unit("lb", "LBR", "libra", "mass", Fraction(45_359_237, 100_000), display_only=True),
            Unit("ozt", "APZ", "onza troy", "mass", Fraction(311_034_768, 10_000_000), display_only=True),
        )
    }
)
