"""A volume in the unit of its price: by exact scale, by density, or by grade and recovery; else no value (PRI-003)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from veta.kernel.finding import Finding
from veta.kernel.quantity import UNITS
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import MICRO, in_spanish, micros_up, text_of_micros

NORM = "Ley 685 de 2001, artículo 84, numerales 8 y 9"


@dataclass(frozen=True, slots=True)
class Content:
    """What the works plan says of the mineral, in millionths: density (t/m³), grade (its own unit), recovery (0–1]."""

    density: int | None = None
    grade: int | None = None
    recovery: int | None = None


NOTHING = Content()


@dataclass(frozen=True, slots=True)
class Converted:
    """A volume in the price's unit, in millionths, the next one up where it is not whole; and each step in words."""

    micros: int
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoConversion:
    """PRI-003: the units differ and the case does not say what would join them."""

    message: str
    params: Mapping[str, str]

    def finding(self, field: str) -> Finding:
        """The finding, on a field of the case."""
        return Finding("PRI-003", "blocking", field, NORM, self.message, self.params)


def volume_in(
    price_unit: str, micros: int, *, unit: str, mineral: Mineral, content: Content = NOTHING
) -> Converted | NoConversion:
    """The volume of a mineral, given in millionths of `unit`, as millionths of `price_unit`."""
    if mineral.graded or content.grade is not None:
        return _metal(price_unit, micros, unit, mineral, content)
    if unit == price_unit:
        return Converted(micros)
    given, wanted = UNITS[unit], UNITS[price_unit]
    if given.dimension == wanted.dimension:
        found = micros_up(Fraction(micros, MICRO) * given.scale / wanted.scale)
        return Converted(found, (f"{_of(micros, unit)} = {_of(found, price_unit)}",))
    if content.density is None:
        return _refused(
            price_unit,
            unit,
            f"El volumen va en {unit} y el precio base en {price_unit}. Escriba la densidad (t/m³) del plan de trabajos"
            f" o el volumen en {price_unit}.",
            need="density",
        )
    return _by_density(price_unit, micros, unit, content.density)


def _by_density(price_unit: str, micros: int, unit: str, density: int) -> Converted:
    tonne, given, wanted = UNITS["t"].scale, UNITS[unit], UNITS[price_unit]
    ratio = Fraction(density, MICRO)
    volume = Fraction(micros, MICRO) * given.scale
    exact = volume * ratio * tonne if given.dimension == "volume" else volume / tonne / ratio
    found = micros_up(exact / wanted.scale)
    sign = "×" if given.dimension == "volume" else "÷"
    text = f"{_of(micros, unit)} {sign} {in_spanish(text_of_micros(density))} t/m³ = {_of(found, price_unit)}"
    return Converted(found, (f"{text}{'' if Fraction(found, MICRO) == exact / wanted.scale else ' (hacia arriba)'}",))


def _metal(price_unit: str, micros: int, unit: str, mineral: Mineral, content: Content) -> Converted | NoConversion:
    grade_unit = mineral.grade_unit or "g/t"
    if content.grade is None or content.recovery is None or UNITS[unit].dimension != "mass":
        missing = "grade" if content.grade is None else "recovery" if content.recovery is None else "unit"
        return _refused(
            price_unit,
            unit,
            f"Para pasar de mena a metal escriba el volumen en t o kg, el tenor ({grade_unit}) y la recuperación"
            " (entre 0 y 1) que trae el plan de trabajos.",
            need=missing,
        )
    if UNITS[price_unit].dimension != "mass":
        return _refused(price_unit, unit, "El precio del metal no va en masa. Revise la resolución.", need="price")
    parts = 10**6 if grade_unit == "g/t" else 100
    grams = Fraction(micros, MICRO) * UNITS[unit].scale * Fraction(content.grade, MICRO * parts)
    found = micros_up(grams * Fraction(content.recovery, MICRO) / UNITS[price_unit].scale)
    text = (
        f"{_of(micros, unit)} de mena × {in_spanish(text_of_micros(content.grade))} {grade_unit} ×"
        f" {in_spanish(text_of_micros(content.recovery))} de recuperación = {_of(found, price_unit)} de metal"
    )
    return Converted(found, (text,))


def _of(micros: int, unit: str) -> str:
    return f"{in_spanish(text_of_micros(micros))} {unit}"


def _refused(price_unit: str, unit: str, message: str, *, need: str) -> NoConversion:
    return NoConversion(message, {"unit": unit, "price_unit": price_unit, "need": need})
