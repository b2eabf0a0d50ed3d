"""One hub for the session's trials, and nodes before it: each a process of its own, as an operator's would be.

Their operators are enrolled together before the first trial, so that the hub has read all their keys once it knows one.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from tests.assurance.planted import Fault
from tests.assurance.running import kill, wait
from tests.conformance.broken import BROKEN
from tests.conftest import PREFIX, Cluster
from tests.node.stage import running
from veta.config.postgres.cluster import APP
from veta.conformance.candidate import read_target
from veta.conformance.engine import Trial
from veta.conformance.sandbox import Sandbox, open_sandbox
from veta.conformance.trial import before
from veta.node.client import HubClient
from veta.node.credentials import Credentials, new_credentials, path_of, save
from veta.node.transport import HubRefused, HubUnreachable

ROOT = Path(__file__).parents[2]
ORIGIN = "http://plataforma.ensayo.invalid"
# The trials of `make test`; one beyond them waits by itself until the hub knows its key.
ENROLLED = len(BROKEN) + 3
_numbers = iter(range(1, 10_000))


@pytest.fixture(scope="session")
def sandbox(cluster: Cluster, new_home: Callable[[], Path]) -> Iterator[Sandbox]:
    """The suite's hub, over a clone of the template: nothing to migrate."""
    name = f"{PREFIX}_conformance_hub"
    with open_sandbox(origin=ORIGIN, home=new_home(), database=cluster.clone(name)) as opened:
        yield opened
    cluster.drop(name)


@dataclass
class Nodes:
    """Nodes before the session's hub: `driver` starts one as an operator does, `forked` one with faults, by a fork."""

    cluster: Cluster
    new_home: Callable[[], Path]
    sandbox: Sandbox
    zygote: subprocess.Popen[bytes]
    enrolled: list[Credentials]
    turn: threading.Lock

    @contextmanager
    def driver(self) -> Iterator[Path]:
        """`veta node driver` in a process of its own; the file that it wrote."""
        name, home, operator = self._place()
        try:
            with driving(self.cluster.clone(name), home, operator) as file:
                yield file
        finally:
            self.cluster.drop(name)

    @contextmanager
    def forked(self, *faults: Fault, seed: int = 1, known: Credentials | None = None) -> Iterator[Trial]:
        """The same node with each fault planted in it; in milliseconds, so that there can be many.

        `known`: whose node it is, where it was another's before.
        """
        with self.turn:
            name, home, operator = self._place(known)
            self.cluster.clone(name)
            file = home / "candidate.toml"
            pid = self._order(
                database=name, home=str(home), operator=operator, target=str(file),
                faults=[[fault.module, fault.changes] for fault in faults],
            )  # fmt: skip
        try:
            assert wait(file.exists, seconds=90), "the forked node did not open: its screen says why"
            with before(self.sandbox, read_target(file), person=None, seed=seed) as made:
                yield made
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not wait(lambda: not Path(f"/proc/{pid}").exists(), seconds=20):
                kill(pid)  # its node ends with it
            self.cluster.drop(name)

    def _place(self, known: Credentials | None = None) -> tuple[str, Path, str]:
        """A database's name, a home with the key of an operator that the hub knows, while there are any, and it."""
        number = next(_numbers)
        home = self.new_home()
        home.mkdir()
        operator = f"ENSAYO-{number}"
        if known is None and self.enrolled:
            known = self.enrolled.pop()
        if known is not None:
            operator = known.operator
            save(known, path_of(home, operator))
        return f"{PREFIX}_conformance_node_{number}", home, operator

    def _order(self, **order: object) -> int:
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(orjson.dumps(order) + b"\n")
        self.zygote.stdin.flush()
        return int(orjson.loads(self.zygote.stdout.readline())["pid"])


@contextmanager
def driving(dsn: str, home: Path, operator: str) -> Iterator[Path]:
    """`veta node driver` over a database, as an operator opens it, until the end of the block; gives its file."""
    file, log = home / "candidate.toml", home / "driver.log"
    command = [sys.executable, "-m", "veta.cli.main", "node", "driver", "--target", str(file), "--operator", operator]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=_environment(dsn, home), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    with running(process):
        said = lambda: b"atiende al formato" in log.read_bytes()  # noqa: E731
        wait(lambda: said() or process.poll() is not None, seconds=60)
        assert said(), log.read_text()[-2000:]
        yield file


@pytest.fixture(scope="session")
def zygote(cluster: Cluster, new_home: Callable[[], Path]) -> Iterator[subprocess.Popen[bytes]]:
    """What forks nodes; it loads its code while the hub opens."""
    home = new_home()
    home.mkdir()
    environment = _environment(cluster.dsn, home) | {
        "DJANGO_SETTINGS_MODULE": "veta.config.node_settings", "DATABASE_URL": cluster.dsn, "VETA_DB_ROLE": APP,
        "VETA_PUBLIC_ORIGIN": "http://127.0.0.1:8700",
    }  # fmt: skip
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.conformance.zygote"], env=environment, cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    yield zygote
    zygote.terminate()
    zygote.wait()


@pytest.fixture(scope="session")
def nodes(cluster: Cluster, new_home: Callable[[], Path], zygote: subprocess.Popen[bytes], sandbox: Sandbox) -> Nodes:
    return Nodes(cluster, new_home, sandbox, zygote, _enrolled(sandbox), threading.Lock())


def _enrolled(sandbox: Sandbox) -> list[Credentials]:
    """Operators whose keys the hub has read: they are enrolled in order, and read together."""
    made = [new_credentials(f"ENSAYO-{number}") for number in range(10_001, 10_001 + ENROLLED)]
    for each in made:
        public = base64.b64encode(each.public_key).decode()
        sandbox.enrol(code=each.operator, name="Nodo de Veta (ficticio)", public_key=public, proof=each.proof())
    with HubClient(f"http://127.0.0.1:{sandbox.port}", made[-1], origin=sandbox.origin) as hub:
        assert wait(lambda: _known(hub), seconds=60), "the hub did not learn its operators"
    return made


def _known(hub: HubClient) -> bool:
    try:
        list(hub.mandates())
    except HubUnreachable:
        return False
    except HubRefused as refusal:
        if refusal.status != 401:
            raise
        return False
    return True


def _environment(dsn: str, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_", "DJANGO_"))}
    return kept | {
        "VETA_NODE_DATABASE_URL": dsn, "VETA_HOME": str(home), "VETA_NODE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
