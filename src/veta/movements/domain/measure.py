"""A measured quantity becomes the integer that the ledger counts: fine metal of precious metals, else as measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from veta.kernel.quantity import MAX_AMOUNT, Fineness, QuantityError, amount_of
from veta.movements.domain.item import Measure
from veta.norms.catalogue import Mineral, MineralError
from veta.norms.content import contained_metal

ZERO = "La cantidad contada es cero. Registre una cantidad mayor."


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a measure cannot be counted: the rule that says so, the field, and its figures."""

    code: str
    field: str
    params: Mapping[str, str]


class Measured(NamedTuple):
    """`amount`: smallest units as counted (fine metal, rounded down); `gross`: as weighed; None where flawed.

    `metal`: what it holds of metal, in the metal's smallest unit: the amount itself of a precious metal, by the grade
    of an ore or concentrate and rounded up, None where no grade is stated. `uncertainty`: of the gross, in smallest
    units, as stated.
    """

    amount: int | None
    gross: int | None
    fineness: Fineness | None
    grade: str | None
    flaw: Flaw | None = None
    metal: int | None = None
    uncertainty: Fraction | None = None


def measured(measure: Measure, mineral: Mineral | None, path: str = "") -> Measured:
    """Count `measure` of `mineral`; never a guess: what cannot be counted exactly is a flaw.

    Args:
        measure: as sent; `quantity` is gross where the mineral is a precious metal.
        mineral: None where the catalogue does not know it; rule MIN-001 says so.
        path: prefix of the fields named in the flaw, such as `outputs[0].`.
    Returns: amount in the mineral's smallest unit, fine metal rounded down to whole milligrams.
    """
    gross, flaw = _gross(measure.quantity, measure.unit, mineral, path)
    if mineral is None or gross is None:
        return Measured(None, None, None, measure.grade, flaw)
    if mineral.precious:
        return _precious(measure, mineral, gross, path)
    if measure.fineness is not None:
        return _impossible(measure, gross, path + "fineness", mineral, f"{mineral.name} no lleva ley. Quite ese campo.")
    metal = None
    if measure.grade is not None:
        try:
            metal = contained_metal(mineral, gross, grade=measure.grade, up=True)
        except MineralError as cause:
            return _impossible(measure, gross, path + "grade", mineral, cause.message)
    return _counted(measure, mineral, gross, gross, None, metal, path)


def counted(quantity: str, unit: str, mineral: Mineral | None, path: str) -> Measured:
    """Count what moves from lot to lot: in counted units already, so fine metal needs no fineness."""
    amount, flaw = _gross(quantity, unit, mineral, path)
    return Measured(amount, amount, None, None, flaw)


def amount_in(quantity: str, mineral: Mineral, path: str) -> tuple[int | None, Flaw | None]:
    """So much of a lot, in smallest units of its mineral, or why it cannot be counted."""
    try:
        amount = amount_of(quantity, factor=mineral.factor)
    except QuantityError as cause:
        return None, Flaw("MIN-005", path + "quantity", {"reason": cause.message})
    return (amount, None) if amount else (None, Flaw("MIN-005", path + "quantity", {"reason": ZERO}))


def whole_amount(quantity: str, mineral: Mineral) -> int | None:
    """So much of a mineral in its smallest unit, zero too; None where it is no whole number of them."""
    try:
        return amount_of(quantity, factor=mineral.factor)
    except QuantityError:
        return None


def _gross(quantity: str, unit: str, mineral: Mineral | None, path: str) -> tuple[int | None, Flaw | None]:
    if mineral is None:
        return None, None
    if unit != mineral.unit:
        params = {"unit": unit, "expected": mineral.unit, "mineral": mineral.name}
        return None, Flaw("MIN-002", path + "unit", params)
    return amount_in(quantity, mineral, path)


def _precious(measure: Measure, mineral: Mineral, gross: int, path: str) -> Measured:
    if measure.grade is not None:
        reason = f"{mineral.name} lleva ley en milésimas, no tenor. Quite ese campo."
        return _impossible(measure, gross, path + "grade", mineral, reason)
    if measure.fineness is None:
        return _impossible(measure, gross, path + "fineness", mineral, "Escríbala en milésimas, como «920».")
    try:
        fineness = Fineness.parse(measure.fineness)
    except QuantityError as cause:
        return _impossible(measure, gross, path + "fineness", mineral, cause.message)
    fine = fineness.fine(gross)
    return _counted(measure, mineral, fine, gross, fineness, fine, path)


def _impossible(measure: Measure, gross: int, field: str, mineral: Mineral, reason: str) -> Measured:
    return Measured(
        None, gross, None, measure.grade, Flaw("MIN-004", field, {"mineral": mineral.name, "reason": reason})
    )


def _counted(
    measure: Measure, mineral: Mineral, amount: int, gross: int, fineness: Fineness | None, metal: int | None, path: str
) -> Measured:
    reason = ""
    if amount == 0:
        reason = ZERO
    elif metal is not None and metal > MAX_AMOUNT:
        reason = "El metal contenido pasa del máximo que se puede registrar. Revise la cantidad y el tenor."
    if reason:
        return Measured(None, gross, fineness, measure.grade, Flaw("MIN-005", path + "quantity", {"reason": reason}))
    uncertainty = Fraction(measure.uncertainty) * mineral.factor if measure.uncertainty is not None else None
    return Measured(amount, gross, fineness, measure.grade, None, metal, uncertainty)
