"""A hub with a small country's gold in it, opened for real, and an officer of each role who signs in as people do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from playwright.sync_api import Page

from tests.hub.browser.every_page import furnish
from tests.hub.country import Hub as Country
from tests.hub.gold import gold_chain
from tests.hub.officers import Officers
from tests.movements.world import TOWN
from tests.node.stage import ended
from tests.site.browser.conftest import PASSWORD, ROOT, Hub, _wait_for, browser, context, page
from tests.site.browser.people import give_password, press_to, send
from veta.kernel.clock import SystemClock
from veta.movements.committer import close_committer
from veta.movements.services import propose_act
from veta.operators.domain.keys import possession_statement
from veta.operators.keyring import forget
from veta.operators.services import keys
from veta.site.roles import Role
from veta.site.services import record_access

__all__ = ["browser", "context", "page"]
WALKS = ROOT / "docs" / "walks"
MOST_BYTES = 100_000


@dataclass
class Desk:
    """What there is to look at."""

    chain: dict[str, str]
    key: str
    hub: Hub
    # What the address of each page takes.
    values: dict[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def desk(module_database: Any, new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The country, its gold, a key that lacks an approval, an officer of each role; then `veta serve hub` over it."""
    forget()
    country = Country.build()
    chain = gold_chain(country)
    officers = Officers.found()
    for role in Role:
        user = officers.user(role.value, role)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    raw = (private := Ed25519PrivateKey.generate()).public_key().public_bytes_raw()
    proof = private.sign(possession_statement(country.second.code, raw))
    key = keys.record_key(
        operator=country.second.operator, public_key=raw, purpose="recovery", officer="ana@demo.invalid", proof=proof
    )
    _leave_traces(country, officers, chain["blend"])
    values = furnish(country, officers, chain, key)
    chain["dispatch"] = _sent(country, chain["mined"])
    close_committer()
    forget()
    log = tmp_path_factory.mktemp("desk") / "hub.log"
    with _served(module_database.dsn, log, officers.secrets, port=new_port()) as hub:
        yield Desk(chain, key, hub, values)


def _leave_traces(country: Country, officers: Officers, lot: str) -> None:
    """A suspension that oversight proposed, and a look of legal's at a miner."""
    words = {"authority": "ANM (ficticio)", "act": "DEMO-A-6", "issued_on": "2026-11-08", "reason": "Visita de campo."}
    propose_act(
        "suspension", {**words, "lots": [lot]}, by=officers.user(Role.OVERSIGHT.value).email, clock=SystemClock()
    )
    record_access(
        user=officers.user(Role.LEGAL.value), subject=country.actor("stranger"), purpose="court_order",
        reference="EXP-2026-13", endpoint="desk_actor",
    )  # fmt: skip


def _sent(country: Country, lot: str) -> str:
    """Coal on the road."""
    made = country.world.movement(
        "dispatch", holder=country.world.PARTIES["holder2"],
        items=[{"lot": lot, "quantity": "28.500"}], to={"municipality": TOWN, "facility": "Patio DEMO"},
        place={"municipality": TOWN}, vehicle="DMO123", carrier={"type": "CC", "number": "79123456"},
        evidence=[{"type": "origin_certificate", "number": "DEMO-CO-7", "issued_on": "2026-11-01"}],
    ) | {"occurred_at": datetime.now(UTC).isoformat()}  # fmt: skip
    (result,) = country.report(made)
    assert result["verdict"]["status"] == "pending", result
    return str(made["id"])


class _served:
    """`veta serve hub` over a database whose keys are this suite's own."""

    def __init__(self, dsn: str, log: Path, secrets: dict[str, str], *, port: int) -> None:
        self.command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(port)]
        origin = f"http://localhost:{port}"
        self.env = os.environ | {
            "DATABASE_URL": dsn, "VETA_PUBLIC_ORIGIN": origin, "PYTHONPATH": str(ROOT / "src"),
            # The keys that this process wrote the country with.
            "VETA_HOME": str(settings.VETA_HOME),
        }  # fmt: skip
        self.hub = Hub(origin, {}, log, self.env, secrets=dict(secrets))

    def __enter__(self) -> Hub:
        with self.hub.mail.open("w") as out:
            serve = [*self.command, "--workers", "1", "--threads", "8"]
            self.server = subprocess.Popen(serve, env=self.env, stdout=out, stderr=out)
        _wait_for(f"{self.hub.origin}/salud", self.server, self.hub.mail)
        return self.hub

    def __exit__(self, *_: object) -> None:
        ended(self.server)


@pytest.fixture(scope="module")
def hub(desk: Desk) -> Hub:
    """What the browser's fixtures open."""
    return desk.hub


def come_in(page: Page, hub: Hub, role: str) -> None:
    """Sign in with password and code, by keyboard, and go to the desk."""
    give_password(page, f"{role}@demo.invalid")
    press_to(page, "Código")
    page.keyboard.type(hub.code(f"{role}@demo.invalid"))
    send(page)
    page.goto("/tablero/")


def shot(page: Page, name: str) -> None:
    """A picture of the page as a wide screen shows it; kept in docs/walks where VETA_WALKS is set."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1120, "height": 680})
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_load_state("networkidle")
    made = page.screenshot()
    assert len(made) < MOST_BYTES, f"{name}: {len(made)} bytes"
    if os.environ.get("VETA_WALKS"):
        WALKS.mkdir(exist_ok=True)
        (WALKS / f"{name}.png").write_bytes(made)
    if before:
        page.set_viewport_size(before)
