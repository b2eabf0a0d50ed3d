"""What a node and its hub need, each in a home of its own, before buyers capture: `python -m tests.node.furnish …`.

`buyers OPERATOR NUMBER …`, in the hub's home: traders under a mandate of that operator. `clients NUMBER …`, in the
node's: the same as its clients, each with a person who is signed in. One line of JSON comes last.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

from veta.cli.environment import open_django
from veta.config.node_environment import in_node


def buyers(operator: str, *numbers: str) -> list[str]:
    """Firms that may buy from miners, known to the hub alone."""
    open_django()
    from tests.movements.world import World
    from veta.kernel.identity import document
    from veta.registry.services.actors import register_actor

    world = World()
    for number in numbers:
        world.actors[number] = register_actor(
            "firm", f"DEMO comprador {number} (ficticio)", documents=[document("NIT", number)], by="oficial-1",
            source="prueba",
        )  # fmt: skip
        world.register(number, "trader")
        world.mandate(world.actors[number], UUID(operator))
    return list(numbers)


def clients(*numbers: str) -> list[dict[str, str]]:
    """The node's clients under the mandates that its hub lists; the session of the buyer of each."""
    in_node()
    open_django()
    from django.conf import settings

    from tests.node.conftest import new_client
    from tests.site.conftest import session_of
    from veta.node.connect import open_hub
    from veta.node.roles import NodeRole
    from veta.node.services.members import add_member, found_desk

    (desk,) = found_desk(("mesa@demo.invalid", "Mesa Demo"))
    listed = [(each["id"], each["party"]["documents"]) for each in open_hub().mandates() if each["party"]]
    mandates = {document["number"]: UUID(id) for id, documents in listed for document in documents}
    made = []
    for number in numbers:
        client = new_client(desk, number, number, mandate=mandates[number])
        person = add_member(
            email=f"{number}@demo.invalid", name="Mostrador", role=NodeRole.COUNTER, client=client, by=desk
        )
        session = session_of(person, proved_seconds_ago=None).cookies[settings.SESSION_COOKIE_NAME].value
        token = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(32))
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
        made.append(
            {"client": str(client.id), "number": number, "by": str(person.id), "token": token, "cookies": cookies}
        )
    return made


COMMANDS: dict[str, Callable[..., Any]] = {"buyers": buyers, "clients": clients}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
