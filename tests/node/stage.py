"""A real hub in processes of its own, and a node beside it in another database: for the trials between the two."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection

from tests.assurance.running import wait
from tests.conftest import PREFIX, Cluster, _point_to, held_port
from tests.hub.country import Hub as HubWorld
from tests.hub.operators import Signer
from tests.movements.world import World
from tests.node.conftest import new_client
from veta.config.postgres.cluster import APP
from veta.movements.committer import close_committer
from veta.node.client import HubClient
from veta.node.credentials import Credentials, path_of, save
from veta.node.models import Client
from veta.node.services.capture import Given, capture
from veta.node.services.members import found_desk
from veta.operators.keyring import forget
from veta.site.models import User
from veta.storage.keys import key_of
from veta.storage.sealing import unseal

ROOT = Path(__file__).parents[2]
CLIENTS = ("holder2", "trader", "holder")


@dataclass
class Stage:
    """The hub's world (built in its database), its address, and the node's database and home."""

    hub_dsn: str
    node_dsn: str
    home: Path
    world: HubWorld
    log: Path
    port: int
    process: subprocess.Popen[Any] | None = None
    clients: dict[str, Client] = field(default_factory=dict)
    desk: User | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open_hub(self, *, planted: Path | None = None) -> None:
        """`veta serve hub` over its database, on the port that is held for it. `planted`: a folder with faults."""
        before = self.log.stat().st_size if self.log.exists() else 0
        environment = _planted(
            self._environment(self.hub_dsn, "veta.config.settings", Path(settings.VETA_HOME)), planted
        )
        command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(self.port), "--workers", "1"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        said = lambda: self.log.read_bytes()[before:].decode(errors="replace")  # noqa: E731
        wait(lambda: "está abierta en" in said() or self.process.poll() is not None, seconds=90)  # type: ignore[union-attr]
        assert "está abierta en" in said(), said()[-3000:]

    def close_hub(self) -> None:
        if self.process is not None:
            ended(self.process)

    def node_process(self, name: str, hub_url: str, *, planted: Path | None = None) -> subprocess.Popen[Any]:
        """One process of the node (`node-sender`, `node-reader`), speaking to the hub through an address."""
        with (self.home / f"{name}.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "veta.config.serve.child", name], env=self._of_the_node(hub_url, planted),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def node_program(self, program: str, *words: str, planted: Path | None = None) -> int:
        """Run a program as a process of the node; how it ended."""
        command = [sys.executable, "-c", program, *words]
        return subprocess.run(command, env=self._of_the_node(self.origin, planted), check=False).returncode

    def _of_the_node(self, hub_url: str, planted: Path | None) -> dict[str, str]:
        environment = self._environment(self.node_dsn, "veta.config.node_settings", self.home) | node_keys() | {
            "VETA_HUB_URL": hub_url, "VETA_HUB_ORIGIN": self.origin, "VETA_NODE_OPERATOR": self.world.first.code,
        }  # fmt: skip
        return _planted(environment, planted)

    def credentials(self, signer: Signer) -> Credentials:
        return Credentials(signer.code, signer.private)

    def connect(self, signer: Signer | None = None) -> HubClient:
        """A client of the hub as an operator, straight."""
        return HubClient(self.origin, self.credentials(signer or self.world.first), deadline=20)

    @contextmanager
    def in_hub(self) -> Iterator[None]:
        """Inside, this process is the hub's officers: its connection is to the hub's database."""
        ours, theirs = (re.search(r"/(\w+)\?", dsn)[1] for dsn in (self.node_dsn, self.hub_dsn))  # type: ignore[index]
        _point_to(theirs, APP)
        try:
            yield
        finally:
            close_committer()
            _point_to(ours, APP)

    def hub_command(self, *words: str) -> None:
        """`veta …` over the hub's database."""
        environment = self._environment(self.hub_dsn, "veta.config.settings", Path(settings.VETA_HOME))
        command = [sys.executable, "-m", "veta.cli.main", *words]
        subprocess.run(command, env=environment, capture_output=True, check=True)

    def at_hub(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the hub's database says, asked from outside."""
        with psycopg.connect(self.hub_dsn) as connection:
            return connection.execute(query, values).fetchall()

    def at_node(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.node_dsn) as connection:
            return connection.execute(query, values).fetchall()

    def payloads(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """What records say, opened."""
        rows = self.at_node("SELECT id, payload FROM node_businessrecord WHERE id = ANY (%s) ORDER BY id", list(ids))
        return [
            json.loads(unseal(sealed, table="node_businessrecord", column="payload", row=id)) for id, sealed in rows
        ]

    def settle_clients(self, names: Sequence[str]) -> None:
        """The node's clients, each under the mandate that the hub lists."""
        (self.desk,) = found_desk(("mesa@demo.invalid", "Mesa Demo"))
        mandates = self.mandates()
        for name in names:
            number = World.PARTIES[name]["number"]
            self.clients[name] = new_client(self.desk, name, number, mandate=mandates[number])

    def mandates(self) -> dict[str, UUID]:
        """The first operator's mandates as the hub lists them, by the document's number."""
        with self.connect() as hub:
            named = [(each["id"], each["party"]["documents"]) for each in hub.mandates() if each["party"]]
        return {document["number"]: UUID(id) for id, documents in named for document in documents}

    def production(self, name: str, **more: Any) -> dict[str, Any]:
        """Coal of holder2, gold of holder, a gold purchase of trader: each client's own kind of movement.

        So little that a hundred thousand of them pass no cap. Whoever else it is, by document, buys gold.
        """
        world = self.world.world
        if name == "trader" or name.isdigit():
            buyer = World.PARTIES.get(name, {"type": "NIT", "number": name})
            made = world.purchase(quantity="0.001", buyer=buyer)
        elif name == "holder":
            gold = {"mineral": "oro", "unit": "g", "fineness": "900", "assay": "declared"}
            made = world.production("0.100", holder=World.PARTIES["holder"], origin=_title("DEMO-ORO"), **gold)
        else:
            made = world.production("1.000")
        return {**made, "occurred_at": datetime.now(UTC).isoformat()} | more

    def keep(self, name: str, count: int = 1) -> list[str]:
        items = [Given(self.production(name)) for _ in range(count)]
        return [str(record.id) for record in capture(self.clients[name], items, now=datetime.now(UTC))]

    def open_items(self) -> int:
        return int(self.at_node("SELECT count(*) FROM node_outboxitem WHERE state IN ('queued', 'sent')")[0][0])

    def _environment(self, dsn: str, module: str, home: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
        return kept | {
            "DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": module, "VETA_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }  # fmt: skip


def node_keys() -> dict[str, str]:
    """What a node's processes are to open and find with what this one kept."""
    return {
        f"VETA_{name.upper()}_KEY": base64.urlsafe_b64encode(key_of(name)).decode() for name in ("identity", "lookup")
    }


def _planted(environment: dict[str, str], folder: Path | None) -> dict[str, str]:
    """A process's environment, with the faults of a folder before all other code."""
    path = [str(folder)] if folder is not None else []
    return environment | {"PYTHONPATH": os.pathsep.join([*path, environment["PYTHONPATH"]])}


@contextmanager
def staged(
    cluster: Cluster, django_db_blocker: Any, home: Path, log: Path, *, clients: Sequence[str] = CLIENTS
) -> Iterator[Stage]:
    """A hub with its world and a node's database with its clients; this process's connection is the node's."""
    before = connection.settings_dict["NAME"]
    names = [f"{PREFIX}_hub", f"{PREFIX}_node"]
    hub_dsn, node_dsn = (cluster.clone(name) for name in names)
    home.mkdir()
    with django_db_blocker.unblock(), ExitStack() as after:
        # Whatever happens: the tests that follow have their database, and those of these names can be made again.
        for name in names:
            after.callback(cluster.drop, name)
        after.callback(_point_to, before, APP)
        after.callback(forget)
        _point_to(names[0], APP)
        forget()
        made = Stage(hub_dsn, node_dsn, home, HubWorld.build(), log, port=held_port(after))
        close_committer()
        _point_to(names[1], APP)
        save_key(made)
        after.callback(made.close_hub)
        made.open_hub()
        made.settle_clients(clients)
        yield made


def _title(code: str) -> dict[str, str]:
    return {"kind": "title", "code": code}


def called(pid: int) -> str:
    """The name of a process, empty where it ended since it was listed."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""


def children(pid: int) -> list[int]:
    """The processes that it started and that live."""
    done = subprocess.run(["pgrep", "-P", str(pid)], text=True, capture_output=True, check=False)
    return [int(each) for each in done.stdout.split()]


@contextmanager
def running(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """End a process at the end of the block, if nobody killed it before."""
    try:
        yield process
    finally:
        ended(process)


def ended(process: subprocess.Popen[Any]) -> None:
    """End a process, if nobody killed it before: asked, and after a while made to."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(done: Callable[[], bool], *, seconds: float) -> float:
    """Wait until it is so; how long that took. Fails where it does not come."""
    started = time.monotonic()
    assert wait(done, seconds=seconds), f"not within {seconds} s"
    return time.monotonic() - started


EXTRACTED = """
    SELECT entry.movement, count(*), sum(entry.amount)
    FROM ledger_entry AS entry JOIN ledger_account AS source ON source.id = entry.source
    WHERE source.kind = 'extraction' GROUP BY entry.movement
"""


SAID = "SELECT movement_id, convert_from(body, 'UTF8')::jsonb ->> 'status' FROM movements_verdict"


def books_agree(stage: Stage, acknowledged: Sequence[str]) -> dict[str, int]:
    """What was captured against what the hub's own tables hold, as `differences` compares them."""
    return differences(
        dict.fromkeys(acknowledged) | {each["id"]: each for each in stage.payloads(acknowledged)},
        said=[(str(id), status) for id, status in stage.at_hub(SAID)],
        at_node={str(id): state for id, state in stage.at_node("SELECT record_id, state FROM node_outboxitem")},
        verdicts=dict(stage.at_node("SELECT movement::text, status FROM node_verdict")),
        entries={str(id): (times, amount) for id, times, amount in stage.at_hub(EXTRACTED)},
    )


def differences(
    captured: Mapping[str, dict[str, Any] | None], *, said: Sequence[tuple[str, str]], at_node: Mapping[str, str],
    verdicts: Mapping[str, str], entries: Mapping[str, tuple[int, int]],
) -> dict[str, int]:  # fmt: skip
    """Require that nothing was lost, nothing doubled, and that both books hold the same verdicts; what was compared.

    captured: what was said to be kept, by id (None: it is gone); said: the hub's verdicts; at_node, verdicts: states
    and verdicts of the node's. What the ledger says was extracted (`entries`) is, of each that was accepted, once
    what was captured, and of no other.
    """
    at_hub = dict(said)
    wrong = {
        "lost": [id for id, each in captured.items() if each is None or id not in at_node or id not in at_hub],
        "unlike": [id for id in at_node if not at_hub.get(id) == at_node[id] == verdicts.get(id)],
        "doubled": [id for id, times in Counter(id for id, _status in said).items() if times > 1],
        "strange": [id for id in at_hub if id not in at_node],
        "miscounted": [
            id for id, each in captured.items() if each and entries.get(id) != expected(each, at_hub.get(id))
        ],
    }
    assert not any(wrong.values()), json.dumps({name: found for name, found in wrong.items() if found})[:2000]
    accepted = sum(at_hub[id] == "accepted" for id in captured)
    return {"captured": len(captured), "accepted": accepted} | {name: len(found) for name, found in wrong.items()}


def expected(captured: dict[str, Any], status: str | None) -> tuple[int, int] | None:
    """The entries of what was captured: one of so many milligrams of metal or kilograms, where it was accepted."""
    fine = Decimal(captured["quantity"]) * Decimal(captured.get("fineness", "1000"))
    return (1, int(fine)) if status == "accepted" else None


def save_key(stage: Stage) -> None:
    save(stage.credentials(stage.world.first), path_of(stage.home, stage.world.first.code))
