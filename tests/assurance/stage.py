"""What the trials do inside a home, in a process that has it for its own: `python -m tests.assurance.stage COMMAND …`.

Each command prints one line of JSON last.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from veta.cli.environment import open_django

open_django()

from tests.hub.operators import Signer  # noqa: E402 - Django first
from tests.movements.world import TOWN, World  # noqa: E402
from veta.kernel.identity import document  # noqa: E402
from veta.registry.services import actors  # noqa: E402


def build(operators: str) -> list[dict[str, str]]:
    """The world, for so many operators that speak for everybody in it."""
    signers = [Signer.enrol(f"DEMO-OTTM-{n + 1}") for n in range(int(operators))]
    world = World(operator=signers[0].operator, other_operator=signers[1].operator).build()
    for signer in signers[2:]:
        for actor in world.actors.values():
            world.mandate(actor, signer.operator)
    return [
        {
            "code": signer.code,
            "operator": str(signer.operator),
            "key_id": signer.key_id,
            "private": signer.private.private_bytes_raw().hex(),
        }
        for signer in signers
    ]


def resources(first: str, count: str) -> dict[str, Any]:
    """Titles of 100 t a year and subsistence miners, numbered from `first`: each to be used by one round."""
    world = _world()
    numbers = range(int(first), int(first) + int(count))
    for n in numbers:
        # Their holder is a producer already: a thousand registrations of one party would be what is measured.
        world.planned_title(f"DEMO-R{n:05}", "holder2", {"carbon_termico": 100_000})
        world.actors["rival"] = actors.register_actor(
            "person", f"DEMO minero {n} (ficticio)", documents=[document("CC", str(20_000_000 + n))], by="oficial-1",
            source="prueba",
        )  # fmt: skip
        world.register("rival", "producer", producer_class="barequero", municipalities=frozenset({TOWN}))
    return {"titles": [f"DEMO-R{n:05}" for n in numbers], "miners": [str(20_000_000 + n) for n in numbers]}


def _world() -> World:
    """The world that `build` left in this home."""
    from veta.registry.queries import actors_of

    world = World()
    named = {name: document(party["type"], party["number"]) for name, party in World.PARTIES.items()}
    actors = actors_of(named.values())
    world.actors.update({name: actors[each] for name, each in named.items()})
    return world


def replayed() -> dict[str, int]:
    """Every verdict decided again: how many, and how many differ."""
    from veta.movements.replay import replay

    every = list(replay())
    return {"verdicts": len(every), "differences": sum(not each.same for each in every)}


COMMANDS: dict[str, Callable[..., Any]] = {"build": build, "resources": resources, "replayed": replayed}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
