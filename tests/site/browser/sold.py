"""Run beside the browser's hub: a small country, two sales in a miner's name, one denied, and who may read that."""

from __future__ import annotations

import json

from veta.cli.environment import open_django

if __name__ == "__main__":
    open_django()
    from datetime import UTC, datetime
    from uuid import UUID

    from django.conf import settings

    from tests.movements.world import World
    from tests.site.conftest import enrol, session_of
    from veta.hub.miner.answers import keep
    from veta.hub.miner.links import new_link
    from veta.kernel.clock import FixedClock
    from veta.registry.services.cards import issue_card
    from veta.site.models import User
    from veta.site.roles import Role
    from veta.site.services import create_account, decide_role, propose_role

    world = World(now=datetime.now(UTC)).build()
    at = world.now.isoformat()
    purchases = [{**world.purchase(quantity), "occurred_at": at} for quantity in ("12.500", "3.000")]
    results = world.send(*purchases)
    assert [result["verdict"]["status"] for result in results] == ["accepted"] * 2, results
    assert FixedClock(world.now).now() == world.now
    miner = world.actors["miner"]
    card = issue_card(miner, pin="4071", by="oficial-1")
    keep(actor=miner, movement=UUID(purchases[0]["id"]), said="no", now=world.now)
    ana, luis = (User.objects.get(email=f"{name}@demo.invalid") for name in ("ana", "luis"))
    user = create_account(email="juridica@demo.invalid", name="Jurídica Demo", created_by=ana)
    asked = propose_role(user=user, role=Role.LEGAL, reason="Prueba", proposed_by=ana)
    decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
    enrol(user)
    name = settings.SESSION_COOKIE_NAME
    given = {
        "link": new_link(miner),
        "card": card.token,
        "cookie": name,
        "session": session_of(user).cookies[name].value,
    }
    print(json.dumps(given))
