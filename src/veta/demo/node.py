"""An operator's node beside the hub: its own processes, home and database, with clients and captures of this world."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from veta.demo.keep import DemoRefused, key_path
from veta.demo.officers import demo_password
from veta.demo.people import Actor
from veta.demo.serving import HOST, Hub, address_of, taken
from veta.demo.world import Miner, World
from veta.registry.services.cards import issue_card, new_pin

SEED = "veta.demo.node_seed"
RECIPE = "beneficio_oro"
# Whose gold is bought, and whose nobody bought: its card is for whoever tries the counter.
MINERS, SPARE = 9, 9
# Class (OIML R 76), unit, largest load and division.
Scale = tuple[str, str, str, str]
COUNTER_SCALE: Scale = ("II", "g", "600", "0.01")
TRUCK_SCALE: Scale = ("III", "kg", "6000", "2")


@dataclass(frozen=True, slots=True)
class OpenNode:
    """Where the node answers, whose it is, what it keeps (`records`, and how many of some states), and who may sign
    in: role, e-mail, codes."""

    url: str
    operator: str
    told: dict[str, int]
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
        states = {name: count for name, count in told.items() if name != "people"}
        yield OpenNode(url, operator, states, people, _card(world, operator))
    finally:
        process.terminate()
        process.wait()


def _card(world: World, operator: str) -> Card:
    """A card of a miner that nobody captured a purchase of. Effects: its earlier card stops serving."""
    return _issued(_miners(world, operator)[SPARE])


def _issued(miner: Miner) -> Card:
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
    """Who takes part: a trader who buys of miners at the counter, a mine of ore, the plant that buys it, a dealer.

    Effects: the cards of the two miners that show one.
    """
    traders = [each for each in world.traders if operator in each.operators and not each.lapsed]
    plant = next(each for each in world.plants if each.recipe == RECIPE and operator in each.operators)
    title = next(each for each in world.titles if each.chain == "ore" and operator in each.holder.operators)
    miners = _miners(world, operator)[:MINERS]
    cards = [(miner, _issued(miner)) for miner in miners[:2]]
    return {
        "password": demo_password(home),
        "trader": _client(traders[0], "trader", "mostrador", "Compra de oro", "DEMO-1", COUNTER_SCALE),
        "plant": _client(plant, "plant", "planta", "Planta de beneficio", "DEMO-2", TRUCK_SCALE)
        | {"recipe": plant.recipe},
        "holder": _client(title.holder, "producer", "titular", "Bocamina", "DEMO-3", TRUCK_SCALE),
        "dealer": {"party": traders[1].party},
        "title": {"code": title.code, "kind": title.kind, "municipality": title.municipality},
        "miners": [{"party": each.actor.party, "municipality": each.actor.municipality} for each in miners],
        "cards": [{"party": each.actor.party, "token": card.letters, "pin": card.pin} for each, card in cards],
    }


def _client(actor: Actor, kind: str, mailbox: str, branch: str, scale: str, weighs: Scale) -> dict[str, Any]:
    return {
        "kind": kind, "name": actor.name, "municipality": actor.municipality, "mailbox": mailbox, "party": actor.party,
        "branch": branch, "scale": scale, "weighs": weighs,
    }  # fmt: skip
