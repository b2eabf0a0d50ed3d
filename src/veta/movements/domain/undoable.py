"""Movements that reversals of their own group name: what the database cannot know of them yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from veta.ledger.domain.accounts import is_right
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.facts import TargetFacts, World
from veta.movements.domain.frame import COUNTERPARTY


def expect_target(case: Case) -> None:
    """Before anything is decided: who would be the author of what a later reversal of the group names."""
    if case.item.id in case.world.asked_to_undo:
        case.world.targets.setdefault(case.item.id, _target(case, "rejected", Effects()))


def keep_target(case: Case, status: str, effects: Effects) -> None:
    """After a movement was decided: what it did, for the reversals of the group that name it or what it answers."""
    world = case.world
    if case.item.id in world.asked_to_undo:
        world.targets[case.item.id] = _target(case, status, effects)
    if effects.ended is not None and (answered := world.targets.get(effects.ended[0])) is not None:
        done = _done(effects) if answered.kind == "sale" else {}
        world.targets[answered.movement] = dataclasses.replace(answered, status=effects.ended[1], **done)
    _add_descendants(world, effects)


def _target(case: Case, status: str, effects: Effects) -> TargetFacts:
    item = case.item
    return TargetFacts(
        movement=item.id, kind=item.kind, status=status, author=case.author if item.kind != "receipt" else None,
        counterparty=case.actors.get(COUNTERPARTY.get(item.kind, "")), occurred_at=item.occurred_at,
        received_at=case.received_at, descendants=(), reversed=False, **_done(effects),
    )  # fmt: skip


def _done(effects: Effects) -> dict[str, Any]:
    lots = (e.target for e in effects.entries if e.target not in effects.boundaries and not is_right(e.commodity))
    made = dict.fromkeys(lots)
    acts = dict.fromkeys(act for lot in effects.lots for act in lot.facts.suspended_by)
    return {
        "entries": tuple(effects.entries),
        "boundaries": dict(effects.boundaries),
        "made": tuple(made),
        "suspended_by": tuple(acts),
    }


def _add_descendants(world: World, effects: Effects) -> None:
    children = [(parent, lot.facts.id) for lot in effects.lots for parent in lot.parents]
    for movement, target in list(world.targets.items()) if children else ():
        below = _below(target.made, children)
        if below:
            world.targets[movement] = dataclasses.replace(target, descendants=(*target.descendants, *below))


def _below(made: Iterable[UUID], children: Iterable[tuple[UUID, UUID]]) -> tuple[UUID, ...]:
    held = set(made)
    return tuple(child for parent, child in children if parent in held)
