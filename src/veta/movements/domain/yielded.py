"""How much came out of a process of what its inputs contain."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from veta.movements.domain import law
from veta.movements.domain.case import Case, Part
from veta.norms.catalogue import Mineral


@dataclass(frozen=True, slots=True)
class YieldOf:
    """`ratio`: out ÷ contained in, exact, with the recipe's dated bounds (inclusive)."""

    recipe: str
    ratio: Fraction
    least: Fraction
    most: Fraction

    @staticmethod
    def text(share: Fraction) -> str:
        """Per cent with one decimal, rounded half up, for display alone."""
        tenths = int(share * 1000 + Fraction(1, 2))
        return f"{tenths // 10}.{tenths % 10}"


def contained(part: Part) -> int | None:
    """Fine milligrams of metal that a part contains: a precious metal's own amount, or kilograms × g/t of an ore.

    A kilogram at one gram a tonne holds one milligram, so the product is exact before it is rounded down.
    None where the lot states no grade.
    """
    if part.mineral is None or part.facts is None or part.amount is None:
        return None
    return contained_in(part.mineral, part.amount, part.facts.grade)


def contained_in(mineral: Mineral, amount: int, grade: str | None) -> int | None:
    if mineral.precious:
        return amount
    return int(amount * Fraction(grade)) if mineral.graded and grade is not None else None


def yield_of(case: Case) -> YieldOf | None:
    """The yield of a transformation by its recipe; None where no recipe in force fits its inputs and outputs, or
    where the recipe counts metal and an input states no grade."""
    recipe = law.recipe(case.item.recipe, case.on)
    if recipe is None:
        return None
    minerals_in = {part.mineral.code for part in case.parts if part.mineral is not None}
    minerals_out = {made.mineral.code for made in case.made if made.mineral is not None}
    if not minerals_in or not minerals_in <= recipe.inputs or not minerals_out <= recipe.outputs:
        return None
    metal = recipe.basis == "metal"
    taken = [contained(part) if metal else part.amount for part in case.parts]
    gained = [_gained(made.mineral, made.measured.amount, made.measured.grade, metal) for made in case.made]
    if any(amount is None for amount in (*taken, *gained)) or not sum(a or 0 for a in taken):
        return None
    ratio = Fraction(sum(a or 0 for a in gained), sum(a or 0 for a in taken))
    return YieldOf(recipe.name, ratio, recipe.least, recipe.most)


def _gained(mineral: Mineral | None, amount: int | None, grade: str | None, metal: bool) -> int | None:
    if mineral is None or amount is None:
        return None
    return contained_in(mineral, amount, grade) if metal else amount
