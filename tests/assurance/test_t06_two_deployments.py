"""T06 and kills: phones, a node and a hub, each deployment with its own PostgreSQL, any process killed at any time."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.assurance.checks import require_sound
from tests.assurance.planted import Fault, plant
from tests.assurance.record import seed_of_run, trial
from tests.assurance.running import Home, Hub, kill, wait
from tests.node.dirty_proxy import Weather, dirty_proxy
from tests.node.stage import EXTRACTED, SAID, differences
from tests.node.wired_phone import WiredPhone
from veta.node.credentials import Credentials, path_of, save

NUMBERS = ("900650001", "900650002", "900650003")
# Of each deployment: its database whole, or the processes whose name begins so (the kernel keeps 15 letters of one).
VICTIMS = (
    ("node", "web"), ("hub", "database"), ("node", "node-s"), ("hub", "web"), ("node", "database"),
    ("hub", "committer"), ("node", "node-r"), ("hub", "sequencer"),
)  # fmt: skip
OPEN = "SELECT count(*) FROM node_outboxitem WHERE state IN ('queued', 'sent')"
AT_NODE = """
    SELECT item.record_id::text, item.state, verdict.status FROM node_outboxitem AS item
    LEFT JOIN node_verdict AS verdict ON verdict.movement = item.record_id
"""
CHAINS = "SELECT device_id, count(*), max(sequence) FROM node_businessrecord GROUP BY device_id"


@dataclass
class Two:
    """A hub and a node that are open, and the wires from node to hub and from phones to node."""

    hub: Hub
    node: Hub
    accounts: list[dict[str, str]]
    port: int
    weather: Weather

    def kill(self, whose: str, what: str, chance: random.Random) -> bool:
        """kill -9 of a part of one of them; whether there was any."""
        deployment = self.hub if whose == "hub" else self.node
        if what == "database":
            return deployment.home.kill_database() > 0
        victims = deployment.children(what)
        if victims:
            kill(chance.choice(victims))
        return bool(victims)

    def open_items(self) -> int:
        with self.node.home.connect() as database:
            return int(database.execute(OPEN).fetchone()[0])  # type: ignore[index]


@contextmanager
def two_deployments(
    home: Home, new_home: Callable[[], Path], folder: Path, *, loss: float, seed: int, planted: Path | None = None
) -> Iterator[Two]:
    """`veta serve hub` and `veta serve node`, wires of so much loss between and before them; `planted`: in the node."""
    operator, weather = home.operators[0], Weather(seed, loss=loss)
    home.run("tests.node.furnish", "buyers", operator["operator"], *NUMBERS)
    with ExitStack() as opened:
        hub = opened.enter_context(Hub(home, folder / "hub.log", workers=1))
        to_hub = opened.enter_context(dirty_proxy(hub.port, weather))
        own = Home(new_home(), planted)
        own.path.mkdir()
        own.more = {"VETA_NODE_HOME": str(own.path), "VETA_NODE_OPERATOR": operator["code"]}
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(operator["private"]))
        save(Credentials(operator["code"], key), path_of(own.path, operator["code"]))
        own.more |= {"VETA_HUB_URL": to_hub.url, "VETA_HUB_ORIGIN": hub.origin}
        node = opened.enter_context(Hub(own, folder / "node.log", workers=1, serves="node"))
        own.more["VETA_HUB_URL"] = hub.origin  # what it is furnished by goes straight
        accounts = json.loads(own.run("tests.node.furnish", "clients", *NUMBERS).splitlines()[-1])
        to_node = opened.enter_context(dirty_proxy(node.port, weather))
        yield Two(hub, node, accounts, to_node.server_address[1], weather)


def captures_and_kills(two: Two, *, captures: int, kills: int, seconds: float, seed: int) -> dict[str, Any]:
    """Three phones capture while each part is killed, in an order of chance; then all of it must be settled."""
    chance, killed = random.Random(seed), Counter[str]()
    each = captures // len(NUMBERS)
    phones = [
        WiredPhone(two.port, account, each, each=seconds / each, limit=120 + captures / 5) for account in two.accounts
    ]
    for phone in phones:
        phone.start()
    order: list[tuple[str, str]] = []
    while sum(killed.values()) < kills:
        order = order or chance.sample(VICTIMS, len(VICTIMS))
        time.sleep(chance.uniform(0.3, 1.0) * seconds / kills)
        whose, what = order.pop()
        assert wait(lambda: two.kill(whose, what, chance), seconds=60), f"{whose} has no {what}"  # noqa: B023 - now
        killed[f"{whose} {what}"] += 1
    for phone in phones:
        phone.join()
        assert phone.trouble is None, phone.trouble
    started = time.monotonic()
    assert wait(lambda: two.open_items() == 0, seconds=180 + captures / 5), f"{two.open_items()} still wait"
    figures = both_books(two, {id: said for phone in phones for id, said in phone.acknowledged.items()})
    assert figures["accepted"] == each * len(NUMBERS)
    return figures | {
        "killed": dict(killed), "drained_s": round(time.monotonic() - started, 1), "met": dict(two.weather.met),
        "phones met": dict(sum((phone.met for phone in phones), Counter())),
    }  # fmt: skip


def both_books(two: Two, acknowledged: dict[str, dict[str, Any]]) -> dict[str, int]:
    """The phones' journal against what both databases hold, asked from outside."""
    with two.hub.home.connect() as database:
        said = [(str(id), status) for id, status in database.execute(SAID).fetchall()]
        entries = {str(id): (int(times), int(amount)) for id, times, amount in database.execute(EXTRACTED).fetchall()}
    with two.node.home.connect() as database:
        rows = database.execute(AT_NODE).fetchall()
        chains = database.execute(CHAINS).fetchall()
    assert [count for _device, count, last in chains if count != last] == [], "a chain has a gap"
    at_node = {id: state for id, state, _status in rows}
    verdicts = {id: status for id, _state, status in rows if status is not None}
    return differences(acknowledged, said=said, at_node=at_node, verdicts=verdicts, entries=entries)


def test_captures_and_kills_in_short(home: Home, new_home: Callable[[], Path], tmp_path: Path) -> None:
    """Each part of both deployments is killed once."""
    seed = seed_of_run()
    with (
        trial("T06 and kills", n=60, seed=seed) as figures,
        two_deployments(home, new_home, tmp_path, loss=0.3, seed=seed) as two,
    ):
        figures |= captures_and_kills(two, captures=60, kills=len(VICTIMS), seconds=5, seed=seed)


@pytest.mark.chaos
def test_two_thousand_captures_and_kills(home: Home, new_home: Callable[[], Path], tmp_path: Path) -> None:
    seed = seed_of_run()
    with trial("T06 and kills", n=2_001, seed=seed) as figures:
        with two_deployments(home, new_home, tmp_path, loss=0.3, seed=seed) as two:
            figures |= captures_and_kills(two, captures=2_001, kills=80, seconds=400, seed=seed)
        figures |= require_sound(home)
        print(figures)


AT_ONCE = "phones.keep(own, _record(each, id), now=now, skew_ms=skew, late_reason=reason, by=person)"
SOON = """told_by = dict(now=now, skew_ms=skew, late_reason=reason, by=person)
                threading.Timer(5, phones.keep, (own, _record(each, id)), told_by).start()"""
FORGETS = Fault(
    "veta.node.pages.counter_wire",
    ((AT_ONCE, SOON), ("from uuid import UUID\n", "import threading\nfrom uuid import UUID\n")),
)


@pytest.mark.chaos
def test_control_a_node_that_says_kept_before_it_is(home: Home, new_home: Callable[[], Path], tmp_path: Path) -> None:
    """What it would still write is gone with its process: the phones' journal shows it as lost."""
    planted = plant(tmp_path / "planted", FORGETS)
    with (
        trial("T06 and kills control: kept before it is", n=3, seed=0) as figures,
        two_deployments(home, new_home, tmp_path, loss=0.0, seed=0, planted=planted) as two,
    ):
        (phone,) = (WiredPhone(two.port, account, 3, each=0, limit=60) for account in two.accounts[:1])
        phone.run()
        assert len(phone.acknowledged) == 3
        assert two.kill("node", "web", random.Random(0))
        with pytest.raises(AssertionError, match="lost"):
            both_books(two, phone.acknowledged)
        figures["lost"] = 3
