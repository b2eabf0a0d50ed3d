"""For all the tests of a module: a hub with two operators and a small registry, or a call with its officers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import transaction

from tests.calls.theatre import Theatre
from tests.conftest import FreshDatabase
from tests.hub.country import Hub
from tests.hub.officers import Officers
from tests.site.conftest import enrol
from veta.movements.committer import close_committer
from veta.operators.keyring import forget
from veta.site.roles import Role
from veta.site.services import create_account


@pytest.fixture(scope="module")
def hub(module_database: Any) -> Iterator[Hub]:
    """Two operators with keys, and a registry in which only the first has mandates."""
    forget()
    yield Hub.build()
    close_committer()
    forget()


def told(response: Any) -> Any:
    """What an answer says."""
    return json.loads(response.content)


@pytest.fixture(scope="module")
def call_received(module_database: FreshDatabase) -> tuple[Theatre, Officers]:
    """A call whose registration closed, one firm in it and one that never handed in; the officers."""
    with psycopg.connect(module_database.dsn, user="veta_owner") as owner:
        owner.execute("INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')")
    with transaction.atomic():
        made = Theatre.opened().at("2026-02-20 08:00:00")
        for name in ("Andina", "Boreal"):
            firm = create_account(email=f"{name.lower()}@demo.invalid", name=f"{name} Demo", created_by=None)
            enrol(firm)
            made.owners[name] = str(firm.id)
        made.enter("Andina", "900500001")
        made.register("Boreal", "900500002")
        officers = Officers.found()
        for name, role in (
            ("it1", Role.IT), ("it2", Role.IT), ("legal", Role.LEGAL), ("prensa", Role.COMMUNICATIONS),
            ("firma", Role.SIGNER), ("fiscaliza", Role.OVERSIGHT), ("vera", Role.AUDITOR),
        ):  # fmt: skip
            officers.user(name, role)
        return made, officers


@pytest.fixture
def call_desk(call_received: tuple[Theatre, Officers]) -> Iterator[tuple[Theatre, Officers]]:
    theatre, officers = call_received
    with transaction.atomic():
        yield Theatre(theatre.call, theatre.now, dict(theatre.firms), theatre.owners), officers
        transaction.set_rollback(True)
