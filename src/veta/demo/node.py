"""An operator's node beside the hub: its own processes, home and database, with clients and captures of this world."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson

from veta.demo.keep import DemoRefused, key_path
from veta.demo.officers import demo_password
from veta.demo.people import Actor
from veta.demo.serving import HOST, Hub, address_of, taken
from veta.demo.world import Miner, World
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.registry.services.cards import issue_card, new_pin

PURCHASES = 6
SEED = "veta.demo.node_seed"


@dataclass(frozen=True, slots=True)
class OpenNode:
    """Where the node answers, whose it is, what was captured in it, and who may sign in: role, e-mail, codes."""

    url: str
    operator: str
    records: int
    accepted: int
    people: tuple[tuple[str, str, tuple[str, ...]], ...]
    card: Card


@dataclass(frozen=True, slots=True)
class Card:
    """A miner's card for the counter, new each time: its letters, its PIN, and the document it answers for."""

    letters: str
    pin: str
    document: str


@contextmanager
def open_node(world: World, hub: Hub, *, home: Path, port: int) -> Iterator[OpenNode]:
    """The first operator's node, at `port` of the loopback or a free one; closed at the end of the block.

    Effects: VETA_HOME/node with its own database, a copy of the operator's key; captures that the hub decides.
    Raises DemoRefused where it does not open.
    """
    operator = world.operators[0][0]
    environment = _environment(hub, operator, home)
    _hand_over_key(home, operator)
    log = home / "demo" / "node.log"
    chosen = 0 if port and taken(port) else port
    with log.open("wb") as screen:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "veta.cli.main", "serve", "node", "--host", HOST, "--port", str(chosen)],
            env=environment, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, start_new_session=True,
        )  # fmt: skip
    try:
        url = address_of(process, log, "El nodo")
        told = _seed(_cast(world, operator, home), environment)
        people = tuple((role, email, tuple(codes)) for role, email, codes in told["people"])
        yield OpenNode(url, operator, told["records"], told["accepted"], people, _card(world, operator))
    finally:
        process.terminate()
        process.wait()


def _card(world: World, operator: str) -> Card:
    """A card of the first miner that nobody captured a purchase of. Effects: its earlier card stops serving."""
    miner = _miners(world, operator)[PURCHASES]
    pin = new_pin()
    token = issue_card(miner.actor.id, pin=pin, by="demo").token
    document = miner.actor.document
    return Card(token, pin, f"{document.type} {document.number}")


def _miners(world: World, operator: str) -> list[Miner]:
    return [each for each in world.miners if operator in each.actor.operators and each.mineral == "oro"]


def _environment(hub: Hub, operator: str, home: Path) -> dict[str, str]:
    return os.environ | {
        "VETA_NODE_HOME": str(home / "node"), "VETA_NODE_OPERATOR": operator, "VETA_HUB_URL": hub.url,
        "VETA_HUB_ORIGIN": hub.origin or hub.url,
    }  # fmt: skip


def _hand_over_key(home: Path, operator: str) -> None:
    own = key_path(home / "node", operator)
    if not own.exists():
        own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(key_path(home, operator), own)


def _seed(cast: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Have the node's own code take these clients on and capture, in a process with the node's settings."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", SEED], env=environment, input=orjson.dumps(cast), capture_output=True, check=False
    )
    if done.returncode:
        raise DemoRefused(f"El nodo no se pudo sembrar: {done.stderr.decode(errors='replace')[-400:]}")
    told: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return told


def _cast(world: World, operator: str, home: Path) -> dict[str, Any]:
    """Who is taken on, and what is captured: a trader who buys of miners at the counter, a plant, a title's holder."""
    trader = next(each for each in world.traders if operator in each.operators and not each.lapsed)
    plant = next(each for each in world.plants if operator in each.operators)
    title = next(each for each in world.titles if operator in each.holder.operators)
    miners = _miners(world, operator)
    clients = [
        _client(trader, "trader", "mostrador"), _client(plant, "plant", "planta"),
        _client(title.holder, "producer", "titular"),
    ]  # fmt: skip
    return {
        "password": demo_password(home),
        "clients": clients,
        "captures": [_purchase(miner, trader, place) for place, miner in enumerate(miners[:PURCHASES])],
    }


def _client(actor: Actor, kind: str, mailbox: str) -> dict[str, Any]:
    return {
        "kind": kind, "name": actor.name, "municipality": actor.municipality, "mailbox": mailbox, **{
            "type": actor.document.type, "number": actor.document.number, "check": actor.party.get("check", ""),
        },
    }  # fmt: skip


def _purchase(miner: Miner, buyer: Actor, place: int) -> dict[str, Any]:
    """Some tenths of a gram at the counter, minutes ago: as little as fits what any miner has left."""
    at = SystemClock().now() - timedelta(minutes=5 + place)
    rng = Random(f"veta-demo-node-{place}")  # noqa: S311 - a reproducible fiction, no secret
    payload = {
        "id": str(uuid7()), "kind": "subsistence_purchase", "occurred_at": at.isoformat(),
        "place": {"municipality": miner.actor.municipality}, "note": "Movimiento ficticio de demostración.",
        "seller": miner.actor.party, "buyer": buyer.party, "mineral": "oro", "quantity": f"0.{rng.randint(100, 400)}",
        "unit": "g", "fineness": str(rng.randint(850, 940)), "assay": "declared", "lot": str(uuid7()),
        "origin": {"kind": "subsistence", "municipality": miner.actor.municipality},
        "evidence": [{"type": "production_declaration", "number": f"DEMO-N{place:04}",
                      "issued_on": bogota_date(at).isoformat()}],
    }  # fmt: skip
    return {"number": buyer.document.number, "payload": payload}
