"""The node in this process: its addresses and permissions, a database of the test's own, people of two clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser

from tests.site.conftest import enrol, session_of
from veta.kernel.ids import uuid7
from veta.node.domain.clients import MandateState
from veta.node.models import Client
from veta.node.roles import NodeRole
from veta.node.services.mandates import record_step
from veta.node.services.members import add_member, found_desk
from veta.site.models import User

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


@pytest.fixture
def node(settings: Any) -> Any:
    """The settings of this process as the node's: addresses, layers, permissions, roles."""
    *layers, table = settings.MIDDLEWARE
    settings.MIDDLEWARE = [*layers, "veta.node.revoked.SaysRevoked", table]
    settings.ROOT_URLCONF = "veta.config.node_urls"
    settings.DEPLOYMENT = "veta.node.deployment.NODE"
    settings.LOGIN_REDIRECT_URL = "home"
    return settings


@dataclass
class House:
    """An operator with two clients: each has an owner, a buyer at the counter and an accountant."""

    desk: User
    clients: dict[str, Client]
    people: dict[str, User]

    def browser(self, name: str) -> Browser:
        """Signed in as somebody: `desk`, or `gold counter` and the like."""
        if name == "desk":
            return session_of(self.desk)
        return session_of(self.people[name], proved_seconds_ago=None)


def new_client(desk: User, name: str, number: str, *, mandate: UUID | None = None) -> Client:
    """A trader under a mandate in force."""
    client = Client.objects.create(
        kind="trader", name=f"DEMO {name} (ficticio)", document_type="NIT", document_number=number, check_digit="",
        municipality="05001", created_by=desk,
    )  # fmt: skip
    record_step(client, MandateState.IN_FORCE, mandate=mandate or uuid7())
    return client


@pytest.fixture
def house(db: None, node: Any) -> House:
    """Gold and coal, and the people of each."""
    return build_house()


def build_house() -> House:
    (desk,) = found_desk(("mesa@demo.invalid", "Mesa Demo"))
    enrol(desk)
    clients = {"gold": new_client(desk, "Oro", "900200001"), "coal": new_client(desk, "Carbón", "900200002")}
    people = {
        f"{name} {role.value}": add_member(
            email=f"{name}.{role.value}@demo.invalid", name=f"{name} {role.value}", role=role, client=client, by=desk
        )
        for name, client in clients.items()
        for role in (NodeRole.OWNER, NodeRole.COUNTER, NodeRole.ACCOUNTANT)
    }
    return House(desk, clients, people)


@pytest.fixture
def committed(fresh_database: Any, node: Any) -> House:
    """The same in a database of the test's own, with real commits."""
    return build_house()


def purchase(**more: Any) -> dict[str, Any]:
    """A counter purchase as the hub's API takes it: gold of a subsistence miner."""
    item = {
        "id": str(uuid7()), "kind": "subsistence_purchase", "occurred_at": "2026-11-10T09:00:00-05:00",
        "seller": {"type": "CC", "number": "10200300"}, "buyer": {"type": "NIT", "number": "900200001"},
        "origin": {"kind": "subsistence", "municipality": "05001"}, "mineral": "oro", "quantity": "1.000", "unit": "g",
        "fineness": "900", "assay": "declared", "lot": str(uuid7()),
        "evidence": [{"type": "production_declaration", "number": "DP-1", "issued_on": "2026-11-10"}],
    }  # fmt: skip
    return item | more
