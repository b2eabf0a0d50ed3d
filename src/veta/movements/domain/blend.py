"""What a lot made of others inherits: where it comes from, how it is accredited, which plant it passed, its grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from veta.kernel.quantity import amount_of, text_of
from veta.ledger.domain.composition import Composition, mix
from veta.movements.domain.case import Case, Part
from veta.movements.domain.effects import Effects
from veta.movements.domain.facts import LotFacts, Whence
from veta.movements.domain.yielded import contained

MILLIONTHS: Final = 10**6


def whence(case: Case, effects: Effects, weighed: Sequence[tuple[Part, int]]) -> Whence:
    """Where a blend comes from: the inputs' common source by reference, else a composition of its own.

    A part that weighs nothing leaves the mix; where nothing weighs anything, the parts' quantities are the weights.
    """
    facts = [part.facts for part, _ in weighed if part.facts is not None]
    sources = {each.whence for each in facts}
    if len(sources) == 1:
        return sources.pop()
    blended = Composition.of(mix([(_source(case, part), amount) for part, amount in weighed if amount]))
    effects.compositions[blended.id] = blended
    return Whence(composition=blended.id)


def by_quantity(parts: Iterable[Part]) -> list[tuple[Part, int]]:
    """Each part by what is taken of it, in smallest units."""
    return [(part, part.amount or 0) for part in parts]


def by_metal(parts: Sequence[Part]) -> list[tuple[Part, int]]:
    """Each part by the metal it contains where every one states a grade, else by quantity (design §5)."""
    metal = [contained(part) for part in parts]
    graded = [amount for amount in metal if amount is not None]
    if len(graded) < len(parts) or not sum(graded):
        return by_quantity(parts)
    return list(zip(parts, graded, strict=True))


def _source(case: Case, part: Part) -> Mapping[UUID, int] | UUID:
    facts = part.facts
    if facts is None:
        raise LookupError("a lot that nobody knows is not blended: rule LOT-002")
    return facts.origin if facts.origin is not None else case.world.origin_weights(facts)


def parents(parts: Iterable[Part]) -> tuple[UUID, ...]:
    """The lots of the parts, each once, in order."""
    return tuple(dict.fromkeys(part.lot for part in parts))


def accreditation(parts: Iterable[Part]) -> str:
    """The inputs' common accreditation, else `mixed`."""
    kinds = {facts.accreditation for facts in _facts(parts)}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def plant_of(parts: Iterable[Part]) -> UUID | None:
    """The published plant that beneficiated what is blended: all of it must have passed by one."""
    plants = [facts.processed_by for facts in _facts(parts)]
    return plants[0] if plants and all(plants) else None


def grade_of(parts: Sequence[Part]) -> str | None:
    """The grade of what is blended: the common one, else the mean by quantity, rounded down to six decimals.

    None where an input states none, or where the mean rounds to nothing.
    """
    grades = [facts.grade for facts in _facts(parts)]
    if not grades or None in grades or len(grades) < len(parts):
        return None
    if len(set(grades)) == 1:
        return grades[0]
    total = sum(part.amount or 0 for part in parts)
    weighted = sum(
        (part.amount or 0) * amount_of(grade, factor=MILLIONTHS)
        for part, grade in zip(parts, grades, strict=True)
        if grade is not None
    )
    mean = weighted // total
    return text_of(mean, factor=MILLIONTHS).rstrip("0").rstrip(".") if mean else None


def _facts(parts: Iterable[Part]) -> list[LotFacts]:
    return [part.facts for part in parts if part.facts is not None]
