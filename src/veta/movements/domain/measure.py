"""A measured quantity becomes the integer that the ledger counts: fine metal for precious metals, mass or volume else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from veta.kernel.quantity import Fineness, QuantityError, amount_of
from veta.movements.domain.item import Measure
from veta.norms.catalogue import Mineral


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a measure cannot be counted: the rule that says so, the field, and its figures."""

    code: str
    field: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """`amount`: smallest units as counted (fine metal, rounded down); `gross`: as weighed; None where flawed."""

    amount: int | None
    gross: int | None
    fineness: Fineness | None
    grade: str | None
    flaw: Flaw | None = None


def measured(measure: Measure, mineral: Mineral | None, path: str = "") -> Measured:
    """Count `measure` of `mineral`; never a guess: what cannot be counted exactly is a flaw.

    Args:
        measure: as sent; `quantity` is gross where the mineral is a precious metal.
        mineral: None where the catalogue does not know it; rule MIN-001 says so.
        path: prefix of the fields named in the flaw, such as `outputs[0].`.
    Returns: amount in the mineral's smallest unit, fine metal rounded down to whole milligrams.
    """
    if mineral is None:
        return Measured(None, None, None, measure.grade)
    if measure.unit != mineral.unit:
        flaw = Flaw("MIN-002", path + "unit", {"unit": measure.unit, "expected": mineral.unit, "mineral": mineral.name})
        return Measured(None, None, None, measure.grade, flaw)
    try:
        gross = amount_of(measure.quantity, factor=mineral.factor)
    except QuantityError as cause:
        return Measured(None, None, None, measure.grade, Flaw("MIN-005", path + "quantity", {"reason": cause.message}))
    if not mineral.precious:
        return _counted(gross, gross, None, measure, path)
    try:
        fineness = Fineness.parse(measure.fineness or "")
    except QuantityError as cause:
        flaw = Flaw("MIN-004", path + "fineness", {"mineral": mineral.name, "reason": cause.message})
        return Measured(None, gross, None, measure.grade, flaw)
    return _counted(fineness.fine(gross), gross, fineness, measure, path)


def _counted(amount: int, gross: int, fineness: Fineness | None, measure: Measure, path: str) -> Measured:
    if amount > 0:
        return Measured(amount, gross, fineness, measure.grade)
    reason = "La cantidad contada es cero. Registre una cantidad mayor."
    return Measured(None, gross, fineness, measure.grade, Flaw("MIN-005", path + "quantity", {"reason": reason}))
