"""Lots that a group will make, as they would be: only to know which accounts to lock before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.movements.domain.blend import grade_of
from veta.movements.domain.case import Case
from veta.movements.domain.facts import LotFacts, Whence, World


def expect_lots(case: Case, world: World, wanted: set[UUID]) -> Iterable[UUID]:
    """Put into `world` the wanted lots that `case` would make if it were accepted; returns their ids."""
    made = [each for each in case.made if each.lot in wanted and each.mineral is not None]
    if case.author is None or not made:
        return []
    source = _source(case, world)
    for each in made:
        world.lots[each.lot] = LotFacts(
            id=each.lot, mineral=each.mineral_code, holder=case.author, accreditation="accredited",
            movement=case.item.id, occurred_at=case.item.occurred_at, origin=source.origin,
            composition=source.composition, grade=each.measured.grade or grade_of(case.parts),
        )  # fmt: skip
    return [each.lot for each in made]


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
