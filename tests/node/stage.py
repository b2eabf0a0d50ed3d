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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from tests.assurance.running import kill, wait
from tests.conftest import PREFIX, Cluster, _point_to
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
    process: subprocess.Popen[Any] | None = None
    port: int = 0
    clients: dict[str, Client] = field(default_factory=dict)
    desk: User | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open_hub(self) -> None:
        """`veta serve hub` over the hub's database; again, on the port it had."""
        before = self.log.stat().st_size if self.log.exists() else 0
        environment = self._environment(self.hub_dsn, "veta.config.settings", Path(settings.VETA_HOME))
        command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(self.port), "--workers", "1"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        said = lambda: self.log.read_bytes()[before:].decode(errors="replace")  # noqa: E731
        wait(lambda: "está abierta en" in said() or self.process.poll() is not None, seconds=90)  # type: ignore[union-attr]
        found = re.search(r"abierta en http://127\.0\.0\.1:(\d+)", said())
        assert found is not None, said()[-3000:]
        self.port = int(found[1])

    def close_hub(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def kill_web(self) -> None:
        """kill -9 of the hub's web worker; its supervisor starts another."""
        assert self.process is not None
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)], text=True, capture_output=True, check=False)
        for pid in map(int, done.stdout.split()):
            if Path(f"/proc/{pid}/comm").read_text().startswith("veta web"):
                for child in _children(pid):
                    kill(child)
                kill(pid)

    def node_process(self, name: str, hub_url: str, *, planted: Path | None = None) -> subprocess.Popen[Any]:
        """One process of the node (`node-sender`, `node-reader`), speaking to the hub through an address."""
        environment = self._environment(self.node_dsn, "veta.config.node_settings", self.home) | node_keys() | {
            "VETA_HUB_URL": hub_url, "VETA_HUB_ORIGIN": self.origin, "VETA_NODE_OPERATOR": self.world.first.code,
        }  # fmt: skip
        if planted is not None:
            environment["PYTHONPATH"] = os.pathsep.join([str(planted), environment["PYTHONPATH"]])
        with (self.home / f"{name}.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "veta.config.serve.child", name], env=environment, cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

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

    def settle_clients(self, names: Sequence[str] = CLIENTS) -> None:
        """The node's clients, each under the mandate that the hub lists."""
        (self.desk,) = found_desk(("mesa@demo.invalid", "Mesa Demo"))
        with self.connect() as hub:
            mandates = {
                document["number"]: each["id"]
                for each in hub.mandates()
                if each["party"]
                for document in each["party"]["documents"]
            }
        for name in names:
            number = World.PARTIES[name]["number"]
            self.clients[name] = new_client(self.desk, name, number, mandate=mandates[number])

    def production(self, name: str, quantity: str = "1.000", **more: Any) -> dict[str, Any]:
        """Coal of holder2, gold of holder, a gold purchase of trader: each client's own kind of movement."""
        world = self.world.world
        if name == "trader":
            made = world.purchase(quantity="0.010")
        elif name == "holder":
            gold = {"mineral": "oro", "unit": "g", "fineness": "900", "assay": "declared"}
            made = world.production(quantity, holder=World.PARTIES["holder"], origin=_title("DEMO-ORO"), **gold)
        else:
            made = world.production(quantity)
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


@contextmanager
def staged(cluster: Cluster, django_db_blocker: Any, home: Path, log: Path) -> Iterator[Stage]:
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
        made = Stage(hub_dsn, node_dsn, home, HubWorld.build(), log)
        close_committer()
        _point_to(names[1], APP)
        save_key(made)
        after.callback(made.close_hub)
        made.open_hub()
        made.settle_clients()
        yield made


def _title(code: str) -> dict[str, str]:
    return {"kind": "title", "code": code}


def _children(pid: int) -> list[int]:
    done = subprocess.run(["pgrep", "-P", str(pid)], text=True, capture_output=True, check=False)
    return [int(each) for each in done.stdout.split()]


@contextmanager
def running(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """End a process at the end of the block, if nobody killed it before."""
    try:
        yield process
    finally:
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


def books_agree(stage: Stage, acknowledged: Sequence[str]) -> dict[str, int]:
    """What was captured against what the hub's own tables hold: nothing lost, nothing double, the same verdicts."""
    at_hub = {str(id): status for id, status in stage.at_hub(
        "SELECT movement_id, convert_from(body, 'UTF8')::jsonb ->> 'status' FROM movements_verdict"
    )}  # fmt: skip
    at_node = {str(id): state for id, state in stage.at_node("SELECT record_id, state FROM node_outboxitem")}
    verdicts = {str(id): body for id, body in stage.at_node("SELECT movement, body FROM node_verdict")}
    lost = [id for id in acknowledged if id not in at_node or id not in at_hub]
    differ = [id for id in at_node if at_hub.get(id) != at_node[id] or verdicts[id]["status"] != at_hub[id]]
    doubled = len(at_hub) - len(set(at_hub))
    extra = [id for id in at_hub if id not in at_node]
    assert (lost, differ, doubled, extra) == ([], [], 0, []), json.dumps([lost, differ, doubled, extra])[:2000]
    return {"captured": len(at_node), "at_hub": len(at_hub)}


def save_key(stage: Stage) -> None:
    save(stage.credentials(stage.world.first), path_of(stage.home, stage.world.first.code))
