"""`veta node doctor` finds what is wrong with key, hub, clock, rights, sender and queue, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.node.conftest import NOW, House, purchase
from tests.node.test_feed import ME, point
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.node import doctor
from veta.node.credentials import new_credentials, path_of, save
from veta.node.doctor import Finding, examine
from veta.node.models import OutboxItem
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.storage.connection import plain_connection


@pytest.fixture
def hub(house: House, node: Any, tmp_path: Any) -> Iterator[VerifyingHub]:
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        server.answer = answers
        point(node, server, tmp_path)
        yield server


def answers(body: bytes) -> Any:
    if body and "movements" in orjson.loads(body):
        return {"results": []}
    return {"items": [{"keyid": ME.key_id, "state": "live"}], "cursor": None}


def found() -> dict[str, Finding]:
    return {each.what: each for each in examine()}


@pytest.fixture
def sending(house: House) -> Iterator[None]:
    """Another connection holds the sender's lock, as the sender does."""
    with plain_connection(autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(hashtext('node.sender'))")
        yield


@pytest.mark.usefixtures("sending")
def test_all_is_well(hub: VerifyingHub) -> None:
    assert [(each.what, each.said) for each in found().values() if not each.good] == []
    assert not any(body and b"movements/check" in body for body in hub.bodies)


def test_nobody_sends(hub: VerifyingHub) -> None:
    assert [each.what for each in examine() if not each.good] == ["Envío"]


@pytest.mark.usefixtures("sending")
def test_what_is_dead_is_told(house: House, hub: VerifyingHub) -> None:
    capture(house.clients["gold"], [Given(purchase())], now=NOW)
    outbox.bury(OutboxItem.objects.get(), now=NOW, cause="x", fix="y")
    assert [(each.what, each.said) for each in examine() if not each.good] == [("Cola", "0 por enviar; 1 para revisar")]


@pytest.mark.usefixtures("sending")
def test_a_key_that_is_not_live(hub: VerifyingHub) -> None:
    hub.answer = lambda body: {"results": []} if body else {"items": [{"keyid": ME.key_id, "state": "waiting"}]}
    assert [each.what for each in examine() if not each.good] == ["Permisos de la llave"]


@pytest.mark.usefixtures("sending")
def test_a_key_that_is_missing_or_open_to_others(hub: VerifyingHub, tmp_path: Any) -> None:
    path = path_of(tmp_path, "DEMO-OTTM-1")
    path.chmod(0o644)
    assert "chmod 600" in found()["Llave"].said
    path.unlink()
    assert not found()["Llave"].good


@pytest.mark.usefixtures("sending")
def test_a_hub_that_is_away(hub: VerifyingHub, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.1)
    node.NODE_HUB_URL = "http://127.0.0.1:1"
    assert {each.what for each in examine() if not each.good} == {"Plataforma", "Reloj", "Permisos de la llave"}


def _strangers_key(hub: VerifyingHub, node: Any) -> None:
    path = path_of(node.NODE_HOME, "DEMO-OTTM-1")
    path.unlink()
    save(new_credentials("DEMO-OTTM-1"), path)


def _another_origin(hub: VerifyingHub, node: Any) -> None:
    node.NODE_HUB_ORIGIN = "https://ptm.example"


def _somebody_else(hub: VerifyingHub, node: Any) -> None:
    hub.answer = ["<html>"]


def _busy(hub: VerifyingHub, node: Any) -> None:
    hub.orders = [503] * 9


def _away(hub: VerifyingHub, node: Any) -> None:
    node.NODE_HUB_URL = "http://127.0.0.1:1"


FAULTS: list[tuple[Any, dict[str, str]]] = [
    (_strangers_key, {"Plataforma": "pida a la ANM que la registre", "Permisos de la llave": "pida a la ANM"}),
    (_another_origin, {"Plataforma": "VETA_HUB_ORIGIN", "Permisos de la llave": "VETA_HUB_ORIGIN"}),
    (_somebody_else, {"Plataforma": "tal vez la red pide iniciar sesión", "Permisos de la llave": "VETA_HUB_URL"}),
    (_busy, {"Plataforma": "repita en unos minutos", "Permisos de la llave": "repita en unos minutos"}),
    (_away, {"Plataforma": "cortafuegos", "Reloj": "cortafuegos", "Permisos de la llave": "cortafuegos"}),
]


@pytest.mark.usefixtures("sending")
@pytest.mark.parametrize(("fault", "remedies"), FAULTS)
def test_each_fault_of_key_and_hub_has_its_own_remedy(
    hub: VerifyingHub, node: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, fault: Any, remedies: dict[str, str]
) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.3)
    fault(hub, node)
    bad = {each.what: each for each in examine() if not each.good}
    assert bad.keys() == remedies.keys()
    for what, remedy in remedies.items():
        assert remedy in bad[what].remedy, what
        assert not re.search(r"Error|errno|Traceback", bad[what].said), bad[what].said


@pytest.mark.usefixtures("sending")
def test_a_clock_that_is_off(hub: VerifyingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from veta.kernel.clock import SystemClock

    class Ahead:
        def now(self) -> Any:
            return SystemClock().now() + timedelta(seconds=45)

    monkeypatch.setattr(doctor, "SystemClock", Ahead)
    (off,) = [each for each in examine() if not each.good]
    assert off.what == "Reloj"
    assert 44 <= int(off.said.split()[0].rstrip("s")) <= 60, (
        "the hub's hour is told in whole seconds, and asking takes time"
    )
