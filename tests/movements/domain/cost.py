"""What a decision costs: a group of movements framed, decided by every rule, posted and applied, as the committer does.

Run it: `python -m tests.movements.domain.cost`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from cProfile import Profile
from datetime import datetime
from pstats import Stats
from time import process_time_ns
from typing import Any
from uuid import UUID

from tests.movements.domain.casebook import situation_of
from tests.movements.domain.world_of import Names, item_of, world_of
from veta.movements.domain.decide import decide
from veta.movements.domain.effects import apply
from veta.movements.domain.facts import World
from veta.movements.domain.frame import frame
from veta.movements.domain.item import Item

GROUP = 1000
BATCH = 50
PLENTY = {
    "movement.quantity": "0.010",
    "world.consents": {},
    "movement.lot": "(ninguno)",
    "movement.consent": "(ninguno)",
}
KINDS = {"produccion": {**PLENTY}, "compra": {**PLENTY}}


def prepared(kind: str) -> tuple[World, list[Item], UUID, datetime]:
    """A world and a group of different movements of one kind, read and ready to be decided."""
    situation = situation_of(kind, KINDS[kind])
    names, received = Names(), datetime.fromisoformat(situation["received_at"])
    sent: dict[str, Any] = situation["movement"]
    items = [
        item_of({**sent, "id": f"nuevo:{kind}-{n}"}, situation["world"], names, received=received) for n in range(GROUP)
    ]
    return world_of(situation["world"], names), items, names.id("operador:operador"), received


def decide_group(world: World, items: list[Item], operator: UUID, received: datetime) -> None:
    """What the committer does with the facts of a group in memory."""
    for item in items:
        case = frame(item, operator=operator, received_at=received, world=world)
        verdict, effects = decide(case)
        apply(effects, world)
        if verdict.status != "accepted":
            raise AssertionError(verdict.findings)


def microseconds(kind: str, *, rounds: int = 5) -> float:
    """The best of many small batches, in µs of this process for each movement."""
    best = float("inf")
    for _ in range(rounds):
        world, items, operator, received = prepared(kind)
        for start in range(0, GROUP, BATCH):
            batch = items[start : start + BATCH]
            began = process_time_ns()
            decide_group(world, batch, operator, received)
            best = min(best, (process_time_ns() - began) / 1000 / BATCH)
    return best


def profile(call: Callable[[], None]) -> None:
    """Where the time goes."""
    with Profile() as measured:
        call()
    Stats(measured).sort_stats("tottime").print_stats(28)


if __name__ == "__main__":
    for name in KINDS:
        print(f"{name}: {microseconds(name):.1f} µs")
        if "--profile" in sys.argv:
            prepared_group = prepared(name)
            profile(lambda ready=prepared_group: decide_group(*ready))
