"""T12: captured valid requests sent again, at once, later, elsewhere, after a restart: nothing happens twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as hub_settings
from django.db import connection

from tests.assurance import captured
from tests.assurance.captured import Captured, capture, saved
from tests.assurance.conftest import HubClock
from tests.assurance.record import trial
from tests.hub.country import STRANGER, Hub
from tests.hub.test_keys_api import new_key
from veta.kernel.ids import uuid7
from veta.movements.committer import close_committer
from veta.operators.keyring import forget

ROOT = Path(__file__).parents[2]
AUTHORIZATION = {"version": "1", "text": "Autorizo el tratamiento de mis datos."}
# What a replay leaves behind is what it was refused by, and the machinery of tests.
NO_EFFECT = {"operators_nonce", "django_migrations"}


def rows() -> dict[str, int]:
    """How many rows each table has: every table of ours only ever gains rows by what happens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        tables = sorted({str(name) for (name,) in cursor.fetchall()} - NO_EFFECT)
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


def balances() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(received), sum(released), sum(held) FROM ledger_account")
        return cursor.fetchone()


@contextmanager
def without_effect(figures: dict[str, Any]) -> Iterator[None]:
    before = rows(), balances()
    yield
    after = rows(), balances()
    grown = {table: after[0][table] - count for table, count in before[0].items() if after[0][table] != count}
    figures["effects"] = figures.get("effects", 0) + sum(grown.values()) + (before[1] != after[1])
    assert grown == {}
    assert before[1] == after[1]


def traffic(hub: Hub, rounds: int) -> list[Captured]:
    """Every kind of call that succeeds, so many times over."""
    return [request for _ in range(rounds) for request in one_round(hub)]


def one_round(hub: Hub) -> Iterator[Captured]:
    first, second = hub.first, hub.second
    production = hub.movement("production", quantity="2.000")
    offers = [hub.movement("sale", lot=production["lot"], quantity="1.000", buyer="trader2") for _ in range(2)]
    yield capture(first, "POST", "/movements", {"movements": [production]})
    yield capture(first, "POST", "/movements", {"movements": offers})
    yield capture(first, "POST", "/movements/check", {"movements": [hub.movement("production")]})
    confirmation = {"id": str(uuid7()), "decision": "confirm"}
    yield capture(second, "POST", f"/movements/{offers[0]['id']}/confirmation", confirmation)
    yield capture(first, "POST", f"/movements/{offers[1]['id']}/withdrawal", {"id": str(uuid7())})
    yield capture(first, "GET", f"/movements/{production['id']}")
    yield capture(first, "POST", "/consents", {"purpose": "mandate", "party": STRANGER, "card": hub.card})
    yield capture(first, "POST", "/balances/query", {"party": STRANGER, "card": hub.card})
    yield capture(first, "POST", "/actors/lookup", {"party": STRANGER})
    proposed = {"party": STRANGER, "data_authorization": AUTHORIZATION}
    yield capture(second, "POST", "/mandates", proposed)
    yield capture(first, "GET", "/mandates", query="limit=1")
    yield capture(first, "GET", f"/lots/{production['lot']}/origins")
    yield capture(first, "POST", "/keys", new_key(first.code)[1])


def signed_for(request: Captured, old: str, new: str) -> Captured:
    """The same request under another key's name."""
    headers = {name: value.replace(old, new) for name, value in request.headers.items()}
    return replace(request, headers=headers)


def statuses(requests: list[Captured]) -> set[int]:
    return {request.send().status_code for request in requests}


def restarted(requests: list[Captured], dsn: str, path: Path, *faults: str) -> list[int]:
    """The statuses that a hub which has just started answers to the replays."""
    modules = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    environment = {**os.environ, "DATABASE_URL": dsn, "PYTHONPATH": modules, "VETA_HOME": str(hub_settings.VETA_HOME)}
    command = [sys.executable, captured.__file__, str(saved(requests, path)), *faults]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answered: list[int] = json.loads(done.stdout.splitlines()[-1])
    return answered


def replays(hub: Hub, clock: HubClock, settings: Any, dsn: str, tmp_path: Path, *, rounds: int) -> None:
    with trial("T12", n=0, seed=0) as figures:
        requests = traffic(hub, rounds)
        assert {request.status for request in requests} <= {200, 201}, requests
        figures["n"] = len(requests) * 8
        with without_effect(figures):
            assert statuses(requests) == {401}, "at once"
            assert set(restarted(requests, dsn, tmp_path / "requests.json")) == {401}, "after a restart"
            elsewhere = [replace(request, path=request.path + "x") for request in requests]
            assert statuses(elsewhere) <= {401, 404, 405}, "to another path"
            assert statuses([replace(request, query="limit=2") for request in requests]) == {401}, "another query"
            others = [
                signed_for(r, hub.first.key_id, hub.second.key_id) for r in requests if r.path != "/api/v1/mandates"
            ]
            assert statuses(others) == {401}, "as another operator"
            clock.ahead = timedelta(seconds=61)
            assert statuses(requests) == {401}, "at 61 s, within the signature's life"
            clock.ahead = timedelta(hours=24)
            assert statuses(requests) == {401}, "at 24 h"
            clock.ahead = timedelta()
            settings.PUBLIC_ORIGIN = "https://otra.example"
            assert statuses(requests) == {401}, "to another host"


@pytest.fixture(autouse=True)
def few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits stand aside: what is looked for is what they might hide."""
    from veta.operators.services.limits import limits

    monkeypatch.setattr(limits, "retry_after", lambda caller, endpoint: 0)


def test_replays_have_no_effect(hub: Hub, clock: HubClock, settings: Any, module_database: Any, tmp_path: Path) -> None:
    replays(hub, clock, settings, module_database.dsn, tmp_path, rounds=2)


@pytest.mark.chaos
def test_ten_thousand_replays_have_no_effect(
    hub: Hub, clock: HubClock, settings: Any, module_database: Any, tmp_path: Path
) -> None:
    replays(hub, clock, settings, module_database.dsn, tmp_path, rounds=100)


def test_control_nonces_in_memory_are_seen(hub: Hub, module_database: Any, tmp_path: Path) -> None:
    with trial("T12 control: nonces in memory", n=1, seed=0):
        requests = traffic(hub, 1)
        close_committer()
        forget()
        with pytest.raises(AssertionError), without_effect({}):
            restarted(requests, module_database.dsn, tmp_path / "requests.json", "forgetful")
