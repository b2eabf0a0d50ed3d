"""A counter that is open: a real hub, a real node with a buyer's people and scale, and the miners' cards."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.assurance.running import kill, wait
from tests.node.stage import ROOT, Stage, running
from tests.site.browser.conftest import PASSWORD
from tests.site.browser.people import give_password
from veta.node.models import Branch, Calibration, Scale
from veta.node.roles import NodeRole
from veta.node.services.members import add_member, end_membership
from veta.site.models import User

BUYER = "mostrador@demo.invalid"
SERVE = [sys.executable, "-m", "veta.cli.main", "serve", "node"]


@dataclass
class Shop:
    """`origin`: where the node answers; `base`: the counter's page of the trader."""

    stage: Stage
    origin: str
    base: str
    log: Path
    env: dict[str, str]
    process: subprocess.Popen[Any] | None = None
    people: dict[str, User] = field(default_factory=dict)

    @property
    def card(self) -> dict[str, str]:
        """The stranger's card: the operator has no mandate of hers."""
        return self.stage.world.card

    def open(self) -> None:
        """`veta serve node`; again, at the address it had."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            port = self.origin.rpartition(":")[2]
            self.process = subprocess.Popen(
                [*SERVE, "--port", port, "--threads", "8"], env=self.env, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out,
            )  # fmt: skip
        said = lambda: self.log.read_bytes()[before:].decode(errors="replace")  # noqa: E731
        wait(lambda: "está abierta en" in said() or self.process.poll() is not None, seconds=90)  # type: ignore[union-attr]
        assert "está abierta en" in said(), said()[-3000:]

    def kill(self, *, names: tuple[bytes, ...] = (b"web",)) -> None:
        """kill -9 of the node's processes of these names; its supervisor starts others."""
        assert self.process is not None
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], text=True, capture_output=True, check=False)
        for pid in map(int, found.stdout.split()):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if any(name in words for name in names):
                inner = subprocess.run(["pgrep", "-P", str(pid)], text=True, capture_output=True, check=False)
                for child in map(int, inner.stdout.split()):
                    kill(child)
                kill(pid)

    def code(self) -> str:
        """The last code that the hub sent to anybody: in a trial, its channel is its own standard error."""
        return re.findall(r"código es (\d{6})", self.stage.log.read_text())[-1]

    def verdicts(self) -> dict[str, str]:
        """What the hub decided of purchases, by movement."""
        rows = self.stage.at_hub(
            "SELECT movement_id, convert_from(body, 'UTF8')::jsonb ->> 'status' FROM movements_verdict"
        )
        return {str(id): status for id, status in rows}


@contextmanager
def shop_open(stage: Stage, folder: Path) -> Iterator[Shop]:
    """The trader's counter, with people and a scale, until the end of the block."""
    trader = stage.clients["trader"]
    assert stage.desk is not None
    branch = Branch.objects.create(client=trader, name="El Bagre", municipality="05001")
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.01"
    )
    Calibration.objects.create(scale=scale, certificate="C-1", calibrated_on="2026-01-05", due_on="2027-01-05")
    people = {}
    for email, role in ((BUYER, NodeRole.COUNTER), ("otro@demo.invalid", NodeRole.COUNTER)):
        user = add_member(email=email, name="Mostrador Demo", role=role, client=trader, by=stage.desk)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        people[email] = user
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": stage.node_dsn, "VETA_NODE_HOME": str(stage.home), "VETA_NODE_ORIGIN": origin,
        "VETA_HUB_URL": stage.origin, "VETA_NODE_OPERATOR": stage.world.first.code, "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    }  # fmt: skip
    shop = Shop(stage, origin, f"/clientes/{trader.id}/mostrador/", folder / "node.log", env, people=people)
    shop.open()
    assert shop.process is not None
    with running(shop.process):
        yield shop
    if shop.process.poll() is None:
        shop.process.terminate()
        shop.process.wait(timeout=20)


def revoke(shop: Shop, email: str) -> None:
    """The person's role ends."""
    from veta.node.queries.members import memberships_of

    assert shop.stage.desk is not None
    end_membership(memberships_of(shop.people[email].id).get(), by=shop.stage.desk)


def enter(page: Page, shop: Shop, email: str = BUYER) -> None:
    """Sign in and open the counter, ready and kept for when there is no signal."""
    give_password(page, email)
    page.goto(shop.base)
    page.wait_for_selector("html[data-kept=yes]")


def weigh(page: Page, *, gross: str = "1,25", fineness: str = "920", price: str = "450.000") -> None:
    """What is typed of the mineral and its price."""
    for label, value in (
        ("Peso bruto", gross), ("Ley", fineness), ("Precio que paga", price), ("Declaración de producción", "DP-7"),
    ):  # fmt: skip
        page.get_by_label(label).fill(value)


def open_context(browser: Any, shop: Shop, **more: Any) -> BrowserContext:
    """A phone in Spanish at this node."""
    opened = browser.new_context(base_url=shop.origin, locale="es-CO", viewport={"width": 360, "height": 740}, **more)
    opened.set_default_timeout(15_000)
    return opened
