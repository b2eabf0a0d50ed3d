"""How much came out of a process of what its inputs contain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from veta.movements.domain import law
from veta.movements.domain.case import Case, Made, Part
from veta.norms.catalogue import MineralError
from veta.norms.content import contained_metal


@dataclass(frozen=True, slots=True)
class YieldOf:
    """What a process took, gave and lost, by the metal contained or by quantity, as its recipe says (smallest units).

    `assured`: what it gave, less the uncertainty that its report states and the norms admit; none where the product can
    go in again, for a thousand turns would each keep what one is forgiven. `ungraded`: fields of what
    states no grade where the recipe counts metal; nothing else of it can then be judged.
    """

    recipe: law.Recipe
    taken: int = 0
    gained: int = 0
    assured: Fraction | int = 0
    lost: int = 0
    ungraded: tuple[str, ...] = ()

    @property
    def above(self) -> bool:
        """Whether more came out, even by its assured amount, than the recipe's highest yield."""
        return self.assured > self.taken * self.recipe.most

    @property
    def below(self) -> bool:
        """Whether less came out than the recipe's lowest yield."""
        return self.gained < self.taken * self.recipe.least

    @property
    def overdrawn(self) -> bool:
        """Whether what came out and what was lost are together more than went in (or than the recipe swells it to)."""
        return self.lost > 0 and self.assured + self.lost > self.taken * max(self.recipe.most, Fraction(1))


def percent(part: int, whole: int) -> str:
    """Per cent with one decimal, rounded half up, for display alone; «∞» of nothing."""
    if not whole:
        return "∞"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


def contained(part: Part) -> int | None:
    """Metal that a part of a lot contains, in the metal's smallest unit; None where its lot states no grade."""
    if part.mineral is None or part.facts is None or part.amount is None:
        return None
    try:
        return contained_metal(part.mineral, part.amount, grade=part.facts.grade)
    except MineralError:
        return None


def yield_of(case: Case) -> YieldOf | None:
    """The yield of a transformation by its recipe; None where no recipe in force fits its inputs and outputs."""
    if case.yields is None:
        case.yields = (_yield_of(case),)
    return case.yields[0]


def _yield_of(case: Case) -> YieldOf | None:
    recipe = law.recipe(case.item.recipe, case.on)
    if recipe is None or not _fits(case, recipe):
        return None
    metal = recipe.basis == "metal"
    taken = [contained(part) if metal else part.amount for part in case.parts]
    gained = [_content(made, metal) for made in case.made]
    lost = [_content(loss, metal) for loss in case.losses]
    ungraded = (*_without(taken, case.parts), *_without(gained, case.made), *_without(lost, case.losses))
    if ungraded:
        return YieldOf(recipe, ungraded=ungraded)
    total = _sum(gained)
    doubt = Fraction(0) if law.returns(recipe, case.on) else _uncertain(case, gained)
    return YieldOf(recipe, _sum(taken), total, total - doubt, _sum(lost))


def _fits(case: Case, recipe: law.Recipe) -> bool:
    """Whether every mineral is one of the recipe's; those that the catalogue does not know are other rules' matter."""
    inputs = {part.mineral.code for part in case.parts if part.mineral is not None}
    outputs = {made.mineral_code for made in case.made}
    losses = {loss.mineral_code for loss in case.losses}
    return inputs <= recipe.inputs and outputs <= recipe.outputs and losses <= recipe.inputs | recipe.outputs


def _content(made: Made, metal: bool) -> int | None:
    return made.measured.metal if metal else made.measured.amount


def _without(amounts: Sequence[int | None], named: Sequence[Part | Made]) -> list[str]:
    """The fields of what is counted but states no grade; what cannot be counted at all has its own finding."""
    found = []
    for amount, each in zip(amounts, named, strict=True):
        countable = each.amount if isinstance(each, Part) else each.measured.amount
        if amount is None and countable is not None:
            found.append(each.path + (".lot" if isinstance(each, Part) else "grade"))
    return found


def _sum(amounts: Sequence[int | None]) -> int:
    return sum(amount for amount in amounts if amount is not None)


def _uncertain(case: Case, gained: Sequence[int | None]) -> Fraction:
    """By how much the outputs may be less: what each states, at most what its class of instrument admits."""
    bound = law.strictest_uncertainty(case.on)
    doubt = Fraction(0)
    for amount, made in zip(gained, case.made, strict=True):
        stated, gross = made.measured.uncertainty, made.measured.gross
        if stated is not None and amount is not None and gross:
            doubt += amount * min(stated / gross, bound)
    return doubt
