"""A small country for the API's tests: who has a mandate of whom, and lots to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.hub.operators import Signer
from tests.movements.world import TOWN, World
from veta.kernel.identity import document
from veta.registry.queries import Contact
from veta.registry.services import actors
from veta.registry.services.cards import issue_card

CARD_PIN = "4071"
STRANGER = {"type": "CC", "number": "52000111"}
UNKNOWN = {"type": "CC", "number": "99999999"}


@dataclass
class Hub:
    """`first` has everybody's mandate but the stranger's and the outsider firm's; `second` has trader2's alone."""

    first: Signer
    second: Signer
    world: World
    card: dict[str, str] = field(default_factory=dict)
    lots: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls) -> Hub:
        first, second = Signer.enrol("DEMO-OTTM-1"), Signer.enrol("DEMO-OTTM-2")
        world = World(operator=first.operator, other_operator=second.operator).build(both=False)
        world.mandate(world.actors["trader2"], second.operator)
        stranger = actors.register_actor(
            "person", "María Pérez (ficticia)", documents=[document("CC", STRANGER["number"])],
            contact=Contact("sms", "+573001234567"), by="oficial-1", source="prueba",
        )  # fmt: skip
        world.actors["stranger"] = stranger
        world.register("stranger", "producer", producer_class="barequero", municipalities=frozenset({TOWN}))
        card = {"token": issue_card(stranger, pin=CARD_PIN, by="oficial-1").token, "pin": CARD_PIN}
        return cls(first, second, world, card)

    def movement(self, kind: str, **more: Any) -> dict[str, Any]:
        """One of the world's movements, of this moment."""
        made: dict[str, Any] = getattr(self.world, kind)(**more)
        return {**made, "occurred_at": datetime.now(UTC).isoformat()}

    def report(self, *movements: dict[str, Any], by: Signer | None = None) -> list[dict[str, Any]]:
        """Report over the API; the results."""
        response = (by or self.first).call("POST", "/movements", {"movements": list(movements)})
        assert response.status_code == 200, response.content
        results: list[dict[str, Any]] = json.loads(response.content)["results"]
        return results

    def actor(self, name: str) -> UUID:
        return self.world.actors[name]
