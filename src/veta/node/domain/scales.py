"""What a weighing on a scale is worth: its expanded uncertainty, by the certificate or by the class of the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from math import isqrt
from typing import Any, Final

from veta.kernel.period import bogota_date
from veta.kernel.quantity import UNITS
from veta.norms import NormNotInForce, norms

MICRO: Final = 10**6
# Halves of a verification interval: the error on initial verification in the first range of loads, the next, the last.
HALVES: Final = (1, 2, 3)


class AccuracyClass(StrEnum):
    """The classes of OIML R 76-1:2006, 3.1: special, high, medium, ordinary."""

    I = "I"  # noqa: E741  # the class is called so
    II = "II"
    III = "III"
    IIII = "IIII"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """From when and until when a calibration serves, both inclusive. `stated`: the expanded uncertainty (k=2) that its
    certificate states, in the scale's unit; none where it states none."""

    since: date
    until: date
    stated: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A scale: its class, verification interval `e` and largest load in its unit, and its calibrations by their day."""

    serial: str
    accuracy_class: str
    unit: str
    e: Fraction
    largest: Fraction
    calibrated: Sequence[Calibrated] = ()

    def last(self, on: date) -> Calibrated | None:
        """The calibration that counts on a day: the latest made by then, whether or not it still serves."""
        return next((each for each in reversed(self.calibrated) if each.since <= on), None)

    def serves(self, on: date) -> bool:
        """Whether a calibration covers that day."""
        found = self.last(on)
        return found is not None and on <= found.until


def bands(scale: Instrument, unit: str, on: date) -> list[tuple[str, str]]:
    """Loads up to which, and the expanded uncertainty (k=2) with which, a scale weighs on a day: decimals in `unit`.

    What the certificate states comes first. Where it states none: the maximum permissible error in service of the class
    (OIML R 76-1:2006, 3.5.1 table 6 by 3.5.2, as the norms `scale.class.*` and `scale.in_service` hold them) is taken
    for the half-width of a rectangular distribution, so that u = MPE/√3 and U = 2u (JCGM 100:2008, 4.3.7 and 6.2);
    rounded up to two significant digits, at most six decimals. Empty where no calibration covers the day, where `unit`
    is of no mass, or where no norm was in force: nothing is stated that nobody vouches for.
    """
    one, other = UNITS.get(scale.unit), UNITS.get(unit)
    if one is None or other is None or one.dimension != "mass" or other.dimension != "mass" or not scale.serves(on):
        return []
    size = one.scale / other.scale
    counted = scale.last(on)
    assert counted is not None, "it serves"
    if counted.stated is not None:
        return [(_text(_micros(scale.largest * size)), _text(_upwards(_micros(counted.stated * size))))]
    return [
        (_text(_micros(load * size)), _text(_upwards(_root(4 * (error * size) ** 2 / 3))))
        for load, error in _permissible(scale, on)
    ]


def uncertainty(scale: Instrument, quantity: str, unit: str, on: date) -> str | None:
    """The expanded uncertainty (k=2) of a load in `unit`; None where the scale takes less, or see `bands`."""
    try:
        load = Fraction(quantity)
    except (ValueError, ZeroDivisionError):
        return None
    return next((stated for limit, stated in bands(scale, unit, on) if 0 < load <= Fraction(limit)), None)


def weighed(item: dict[str, Any], scale: Instrument) -> None:
    """State on each quantity that a movement measured the uncertainty of the scale; others stay as they were."""
    on = bogota_date(datetime.fromisoformat(str(item["occurred_at"])))
    for made in (item, *item.get("outputs", ())):
        if isinstance(made, dict) and {"mineral", "quantity", "unit"} <= made.keys():
            stated = uncertainty(scale, str(made["quantity"]), str(made["unit"]), on)
            if stated is not None:
                made["uncertainty"] = stated


def most_intervals(accuracy_class: str, on: date) -> int:
    """How many verification intervals a scale of a class has at most (OIML R 76-1:2006, 3.2 table 3); 0: no limit."""
    found = _class(accuracy_class, on)
    return int(found["most"]) if found is not None else 0


def _class(accuracy_class: str, on: date) -> Mapping[str, Any] | None:
    try:
        value: Mapping[str, Any] = norms().value(f"scale.class.{accuracy_class.lower()}", on).value
    except NormNotInForce:
        return None
    return value


def _permissible(scale: Instrument, on: date) -> list[tuple[Fraction, Fraction]]:
    """Loads with the error that is permitted in service up to each, in the scale's unit; the last is its largest."""
    found = _class(scale.accuracy_class, on)
    if found is None or (found["most"] and scale.largest > found["most"] * scale.e):
        return []  # more intervals than its class has: what was written is no verification interval
    times = int(norms().value("scale.in_service", on).value)
    ends = [found["first"] * scale.e, found["second"] * scale.e, scale.largest]
    within = [min(end, scale.largest) for end in ends]
    errors = [Fraction(times * halves, 2) * scale.e for halves in HALVES]
    last = within.index(scale.largest)
    return list(zip(within[: last + 1], errors[: last + 1], strict=True))


def _micros(value: Fraction) -> int:
    """In millionths, rounded up."""
    return -(-value.numerator * MICRO // value.denominator)


def _root(square: Fraction) -> int:
    """The root of a square in millionths, rounded up."""
    scaled = -(-square.numerator * MICRO**2 // square.denominator)
    root = isqrt(scaled)
    return root if root * root == scaled else root + 1


def _upwards(micros: int) -> int:
    """Two significant digits, rounded up."""
    step: int = 10 ** max(0, len(str(micros)) - 2)
    return -(-micros // step) * step


def _text(micros: int) -> str:
    whole, rest = divmod(micros, MICRO)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
