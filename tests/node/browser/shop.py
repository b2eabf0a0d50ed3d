"""A counter that is open: a real hub, a real node with a buyer's people and scale, and the miners' cards."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, BrowserContext, Page

from tests.assurance.running import kill, wait
from tests.movements.world import TOWN
from tests.node.stage import ROOT, Stage, called, children, ended, node_keys, running, until
from tests.registry.given import code_heard
from tests.site.browser.conftest import CHROMIUM, FLAGS, PASSWORD, SLOW
from tests.site.browser.people import give_password
from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.node.models import Branch, Calibration, Place, Scale
from veta.node.roles import NodeRole
from veta.node.services.members import add_member
from veta.registry.services import actors
from veta.site.models import User

BUYER, MINER = "mostrador@demo.invalid", "mina@demo.invalid"
TOWNS = (
    ("05001", "Medellín", "Antioquia"), ("05250", "El Bagre", "Antioquia"), ("05649", "San Carlos", "Antioquia"),
    ("23678", "San Carlos", "Córdoba"),
)  # fmt: skip
# As many as the country has, of names as long: what travels to a phone is the whole list.
COUNTRY = 1_121
WALKS = ROOT / "docs" / "walks"
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
    miners: list[str] = field(default_factory=list)
    session: Any = None

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

    def kill(self) -> None:
        """kill -9 of the node's web processes; its supervisor starts others."""
        until(lambda: bool(self._web()), seconds=60)  # one killed a moment ago starts again
        for pid in self._web():
            for child in children(pid):
                kill(child)
            kill(pid)

    def _web(self) -> list[int]:
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if called(pid).startswith("veta web")]

    def code(self) -> str:
        """The last code that the hub sent to anybody: in a trial, its channel is its own standard error."""
        return re.findall(r"código es (\d{6})", self.stage.log.read_text())[-1]

    def code_heard(self) -> str:
        """The code that the last call said: in a trial, a call is heard on the hub's standard error too."""
        return code_heard(
            next(line for line in reversed(self.stage.log.read_text().splitlines()) if "[llamada" in line)
        )

    def revoke(self, email: str) -> None:
        """The person's role ends; written from outside, for the browser's thread has no place for Django."""
        with psycopg.connect(self.stage.node_dsn) as connection:
            connection.execute(
                "INSERT INTO node_membershipend (id, membership_id, ended_by_id)"
                " SELECT gen_random_uuid(), id, granted_by_id FROM node_membership WHERE user_id = %s",
                [self.people[email].id],
            )

    def last_grams(self, *, left: str) -> str:
        """The document of a miner who sold all of the year's cap but so much, through the other operator's buyer."""
        number = self.miners.pop()
        sold = Decimal("420.000") - Decimal(left)
        assert self.other_buys(number, str(sold))[0] == "accepted"
        return number

    def other_buys(self, number: str, quantity: str, **more: Any) -> tuple[str, list[str]]:
        """What the hub says to the other operator, whose buyer takes so much of a miner: status, blocking codes."""
        world = self.stage.world
        item = world.world.purchase(
            quantity, seller={"type": "CC", "number": number}, buyer=world.world.PARTIES["trader2"],
            occurred_at=datetime.now(UTC).isoformat(), **more,
        ) | more  # fmt: skip
        return self._by_the_other(item)

    def other_loses(self, made: dict[str, Any], quantity: str) -> tuple[str, list[str]]:
        """What the hub says to the other operator, by whom the mine says that so much of its lot was lost."""
        items = [{"lot": made["lot"], "quantity": quantity}]
        at = datetime.now(UTC).isoformat()
        return self._by_the_other(
            {"id": str(uuid7()), "kind": "loss", "occurred_at": at, "holder": made["holder"], "items": items,
             "reason": "Se mojó (ficticio)"}
        )  # fmt: skip

    def _by_the_other(self, item: dict[str, Any]) -> tuple[str, list[str]]:
        with self.stage.connect(self.stage.world.second) as hub:
            (result,) = hub.submit([item])
        verdict = result["verdict"]
        return verdict["status"], [f["code"] for f in verdict["findings"] if f["severity"] == "blocking"]

    def verdicts(self) -> dict[str, str]:
        """What the hub decided of purchases, by movement."""
        rows = self.stage.at_hub(
            "SELECT movement_id, convert_from(body, 'UTF8')::jsonb ->> 'status' FROM movements_verdict"
        )
        return {str(id): status for id, status in rows}


def enrol_miners(stage: Stage, count: int) -> list[str]:
    """Barequeros whom nobody has a mandate of: their documents. The coal mine reports by both operators."""
    numbers = [f"5300000{n}" for n in range(count)]
    world = stage.world.world
    with stage.in_hub():
        world.mandate(world.actors["holder2"], stage.world.second.operator)  # the mine reports by both
        for number in numbers:
            world.actors[number] = actors.register_actor(
                "person", "Rosa Díaz (ficticia)", documents=[document("CC", number)], by="oficial-1", source="prueba"
            )
            world.register(number, "producer", producer_class="barequero", municipalities=frozenset({TOWN}))
    return numbers


def fictitious_towns(count: int) -> list[tuple[str, str, str]]:
    """Municipalities that do not exist, of made-up names that compress no better than names do; the same each time."""
    chance = random.Random(1)
    syllables = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "án", "or", "ay")]
    name = lambda: "".join(chance.choices(syllables, k=chance.choice((3, 4, 5)))).capitalize()  # noqa: E731
    departments = [name() for _ in range(33)]
    return [(f"{60 + n // 34:02d}{n % 34 * 29 + 1:03d}", name(), departments[n // 34]) for n in range(count)]


@contextmanager
def shop_open(stage: Stage, folder: Path, *, port: int) -> Iterator[Shop]:
    """The trader's counter at a port, with people and a scale, until the end of the block."""
    stage.hub_command("prices", "demo")
    trader = stage.clients["trader"]
    assert stage.desk is not None
    branch = Branch.objects.create(client=trader, name="El Bagre", municipality="05001")
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.1"
    )
    due = datetime.now(UTC).date() + timedelta(days=365)
    Calibration.objects.create(scale=scale, certificate="C-1", calibrated_on="2026-01-05", due_on=due)
    every = [*TOWNS, *fictitious_towns(COUNTRY - len(TOWNS))]
    Place.objects.bulk_create([Place(code=code, name=name, department=of) for code, name, of in every])
    people = {}
    for email, client in ((BUYER, trader), ("otro@demo.invalid", trader), (MINER, stage.clients["holder2"])):
        user = add_member(email=email, name="Mostrador Demo", role=NodeRole.COUNTER, client=client, by=stage.desk)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        people[email] = user
    miners = enrol_miners(stage, 4)
    origin = f"http://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": stage.node_dsn, "VETA_NODE_HOME": str(stage.home), "VETA_NODE_ORIGIN": origin,
        "VETA_HUB_URL": stage.origin, "VETA_NODE_OPERATOR": stage.world.first.code, "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    } | node_keys()  # fmt: skip
    shop = Shop(
        stage, origin, f"/clientes/{trader.id}/mostrador/", folder / "node.log", env, people=people, miners=miners
    )
    shop.open()
    assert shop.process is not None
    shop.other_buys(miners[0], "0.001")  # a hub that has decided before: its first movement loads the rules
    with running(shop.process):
        yield shop
    ended(shop.process)


def enter(page: Page, shop: Shop, email: str = BUYER) -> None:
    """Sign in and open the counter, ready and kept for when there is no signal."""
    enter_bare(page, shop, email)
    page.wait_for_selector("html[data-kept=yes]")


def enter_bare(page: Page, shop: Shop, email: str) -> None:
    """Sign in and open the counter; the buyer signs in once for all."""
    if email == BUYER and shop.session is not None:
        page.context.add_cookies(shop.session)
    else:
        give_password(page, email)
        shop.session = page.context.cookies() if email == BUYER else shop.session
    page.goto(shop.base)
    page.wait_for_selector("html[data-ready=yes]")


def weigh(page: Page, *, gross: str = "1,25", fineness: str = "920", price: str = "450.000") -> None:
    """What is typed of the mineral and its price."""
    for label, value in (
        ("Peso bruto", gross), ("Ley", fineness), ("Precio que paga", price), ("Declaración de producción", "DP-7"),
    ):  # fmt: skip
        page.get_by_label(label).fill(value)


def open_phone(browser: Browser, shop: Shop, *, profile: Path | None = None, **more: Any) -> BrowserContext:
    """A phone in Spanish at this node; with a profile, a browser of its own that keeps what it has."""
    given = {"base_url": shop.origin, "locale": "es-CO", "viewport": {"width": 360, "height": 740}, **more}
    if profile is None:
        opened = browser.new_context(**given)
    else:
        kind = browser.browser_type
        opened = kind.launch_persistent_context(profile, executable_path=CHROMIUM, args=FLAGS.split(), **given)
    opened.set_default_timeout(SLOW)
    return opened


def shot(page: Page, name: str) -> None:
    """A picture for the walks: made each time, kept where VETA_WALKS asks for it."""
    made = page.screenshot(full_page=True)
    if os.environ.get("VETA_WALKS"):
        (WALKS / f"{name}.png").write_bytes(made)
