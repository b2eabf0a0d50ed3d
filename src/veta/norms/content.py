"""How much metal an ore holds."""

import re

from veta.kernel.quantity import amount_of
from veta.norms.minerals import Mineral, MineralError

_GRADE = re.compile(r"(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{1,6})?").fullmatch
_PARTS = {"g/t": 1_000_000, "%": 100}
_MILLIONTHS = 10**6


def contained_metal(mineral: Mineral, amount: int, *, grade: str | None = None, up: bool = False) -> int:
    """The metal in `amount` of `mineral`, in milligrams where it is precious and grams where not, rounded down.

    `up` rounds it up: for what a report claims or uses, so that no metal hides in what many small lots round away.
    `amount` is in the mineral's smallest unit (kilograms of an ore or concentrate). A precious metal or doré is already
    counted in fine milligrams and needs no grade. `grade` is the text of an ore's grade in its own unit (g/t or %).
    Raises MineralError (MIN-004) where the grade is missing, badly written, zero or above pure metal, or the mineral
    takes none.
    """
    if mineral.precious:
        return amount
    if not mineral.graded or mineral.grade_unit is None:
        raise MineralError(f"{mineral.name} no lleva tenor. Quite ese campo.", code="MIN-004")
    if type(grade) is not str or _GRADE(grade) is None:
        raise MineralError(
            f"Escriba el tenor en {mineral.grade_unit}, con dígitos y punto, como «8.5».", code="MIN-004"
        )
    parts = _PARTS[mineral.grade_unit] * _MILLIONTHS
    numerator = amount_of(grade, factor=_MILLIONTHS)
    if not 0 < numerator <= parts:
        raise MineralError(f"El tenor {grade} {mineral.grade_unit} no es posible. Revíselo.", code="MIN-004")
    metal_units_in_kilogram = 1_000_000 if mineral.grade_unit == "g/t" else 1000
    metal = amount * metal_units_in_kilogram * numerator
    return -(-metal // parts) if up else metal // parts
