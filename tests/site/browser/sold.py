"""Run beside the browser's hub: a small country in its database, two sales in a miner's name, and links to his page."""

from __future__ import annotations

import json

from veta.cli.environment import open_django

if __name__ == "__main__":
    open_django()
    from datetime import UTC, datetime

    from tests.movements.world import World
    from veta.hub.miner.links import new_link
    from veta.kernel.clock import FixedClock
    from veta.registry.services.cards import issue_card

    world = World(now=datetime.now(UTC)).build()
    at = world.now.isoformat()
    purchases = [{**world.purchase(quantity), "occurred_at": at} for quantity in ("12.500", "3.000")]
    results = world.send(*purchases)
    assert [result["verdict"]["status"] for result in results] == ["accepted"] * 2, results
    assert FixedClock(world.now).now() == world.now
    miner = world.actors["miner"]
    card = issue_card(miner, pin="4071", by="oficial-1")
    print(json.dumps({"link": new_link(miner), "card": card.token, "actor": str(miner)}))
