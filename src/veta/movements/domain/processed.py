"""Lots made of lots: regrouped exactly, or transformed by a recipe."""

from __future__ import annotations

from uuid import UUID

from veta.movements.domain.blend import accreditation, by_metal, by_quantity, grade_of, parents, plant_of, whence
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.posting import known, leave, new_lot


def regroup(case: Case, effects: Effects) -> None:
    """Blend or split exactly: the outputs share one source, and hold together what was taken."""
    source = whence(case, effects, by_quantity(case.parts))
    kind, plant, grade = accreditation(case.parts), plant_of(case.parts), grade_of(case.parts)
    for made in case.made:
        lot = new_lot(case, made, kind, source, parents=parents(case.parts), grade=grade, processed_by=plant)
        effects.lots.append(lot)
    _pour(case, effects)


def _pour(case: Case, effects: Effects) -> None:
    """Fill the outputs from the inputs in order: each entry moves what one input gives one output."""
    outputs = iter(case.made)
    made, room = None, 0
    for part in case.parts:
        left = known(part.amount)
        while left:
            if not room:
                made = next(outputs)
                room = known(made.measured.amount)
            poured = min(left, room)
            effects.move(part.lot, known(made).lot, known(part.facts).mineral, poured)
            left -= poured
            room -= poured


def transform(case: Case, effects: Effects) -> None:
    """Inputs go to `process`, outputs come from it, each in its own commodity; losses are entries of their own."""
    source = whence(case, effects, by_metal(case.parts))
    kind, plant = accreditation(case.parts), _published_plant(case) or plant_of(case.parts)
    leave(case, effects, "process")
    for made in case.made:
        process = effects.boundary("process", made.mineral_code)
        effects.move(process, made.lot, made.mineral_code, known(made.measured.amount))
        effects.lots.append(new_lot(case, made, kind, source, parents=parents(case.parts), processed_by=plant))
    for lost in case.losses:
        process, loss = effects.boundary("process", lost.mineral_code), effects.boundary("loss", lost.mineral_code)
        effects.move(process, loss, lost.mineral_code, known(lost.measured.amount))


def _published_plant(case: Case) -> UUID | None:
    """The plant, where it is published and gave this operator its mandate: beneficio is not anybody's word for it."""
    held = case.registrations("plant", case.on)
    published = any(r.role == "plant" and r.status == "active" and r.plant_published for r in held)
    return case.actors["plant"] if published and case.speaks_for(case.actors["plant"]) else None
