"""One hub for the session's trials, and nodes before it: each a process of its own, as an operator's would be."""

from __future__ import annotations

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
from tests.conftest import PREFIX, Cluster
from tests.node.stage import running
from veta.config.postgres.cluster import APP
from veta.conformance.candidate import read_target
from veta.conformance.engine import Trial
from veta.conformance.sandbox import Sandbox, open_sandbox
from veta.conformance.trial import before

ROOT = Path(__file__).parents[2]
ORIGIN = "http://plataforma.ensayo.invalid"
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
    """Nodes before the session's hub: `trial` starts one as an operator does, `forked` one with faults, by a fork."""

    cluster: Cluster
    new_home: Callable[[], Path]
    sandbox: Sandbox
    zygote: subprocess.Popen[bytes]
    turn: threading.Lock

    @contextmanager
    def trial(self, *, seed: int = 1) -> Iterator[Trial]:
        """`veta node driver` in a process of its own."""
        number = next(_numbers)
        name, home = f"{PREFIX}_conformance_node_{number}", self.new_home()
        home.mkdir()
        file, log = home / "candidate.toml", home / "driver.log"
        command = [sys.executable, "-m", "veta.cli.main", "node", "driver", "--target", str(file)]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--operator", f"ENSAYO-{number}"], env=_environment(self.cluster.clone(name), home),
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        try:
            with running(process):
                said = lambda: b"atiende al formato" in log.read_bytes()  # noqa: E731
                wait(lambda: said() or process.poll() is not None, seconds=60)
                assert said(), log.read_text()[-2000:]
                with before(self.sandbox, read_target(file), person=None, seed=seed) as made:
                    yield made
        finally:
            self.cluster.drop(name)

    @contextmanager
    def forked(self, *faults: Fault, seed: int = 1) -> Iterator[Trial]:
        """The same node with each fault planted in it; in milliseconds, so that there can be many."""
        with self.turn:
            number = next(_numbers)
            name, home = f"{PREFIX}_conformance_node_{number}", self.new_home()
            home.mkdir()
            self.cluster.clone(name)
            file = home / "candidate.toml"
            pid = self._order(
                database=name, home=str(home), operator=f"ENSAYO-{number}", target=str(file),
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

    def _order(self, **order: object) -> int:
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(orjson.dumps(order) + b"\n")
        self.zygote.stdin.flush()
        return int(orjson.loads(self.zygote.stdout.readline())["pid"])


@pytest.fixture(scope="session")
def nodes(cluster: Cluster, new_home: Callable[[], Path], sandbox: Sandbox) -> Iterator[Nodes]:
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
    yield Nodes(cluster, new_home, sandbox, zygote, threading.Lock())
    zygote.terminate()
    zygote.wait()


def _environment(dsn: str, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_", "DJANGO_"))}
    return kept | {
        "VETA_NODE_DATABASE_URL": dsn, "VETA_HOME": str(home), "VETA_NODE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
