"""Lots that a group will make, as they would be: only to know which accounts to lock before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.movements.domain.blend import grade_of
from veta.movements.domain.case import Case
from veta.movements.domain.facts import LotFacts, Whence, World


def expect_lots(case: Case, world: World, wanted: set[UUID]) -> Iterable[UUID]:
    """Put into `world` the wanted lots that `case` would make, or hand over, if it were accepted; returns their ids."""
    expected = [*_made(case, world, wanted), *_handed_over(case, wanted)] if case.author is not None else []
    world.lots.update({lot.id: lot for lot in expected})
    return [lot.id for lot in expected]


def _made(case: Case, world: World, wanted: set[UUID]) -> list[LotFacts]:
    made = [each for each in case.made if each.lot in wanted and each.mineral is not None]
    source = _source(case, world) if made else Whence()
    return [
        LotFacts(
            id=each.lot, mineral=each.mineral_code, holder=case.author, accreditation="accredited",
            movement=case.item.id, occurred_at=case.item.occurred_at, origin=source.origin,
            composition=source.composition, grade=each.measured.grade or grade_of(case.parts),
        )
        for each in made
    ]  # fmt: skip


def _handed_over(case: Case, wanted: set[UUID]) -> list[LotFacts]:
    """What a sale or a dispatch takes to a lot of its own, or what arrives of it: of the same mineral and origins."""
    holder = case.actors.get("buyer", case.author)
    return [
        replace(part.facts, id=part.new_lot, holder=holder, movement=case.item.id)
        for part in case.parts
        if part.new_lot in wanted and part.new_lot is not None and part.facts is not None
    ]


def _source(case: Case, world: World) -> Whence:
    origins = {key for part in case.parts if part.facts is not None for key in world.origin_weights(part.facts)}
    if origins:
        blended = Composition.of(dict.fromkeys(origins, 1))
        world.compositions[blended.id] = blended
        return Whence(composition=blended.id)
    if case.title is not None:
        origin = Origin(case.title.kind, code=case.title.code)
    else:
        origin = Origin("expected", person=case.author)
    world.origins[origin.id] = origin
    return Whence(origin=origin.id)
