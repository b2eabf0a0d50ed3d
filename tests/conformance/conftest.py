"""One hub for the session's trials, and nodes before it: each a process of its own, as an operator's would be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.assurance.running import wait
from tests.conftest import PREFIX, Cluster
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
    """Starts nodes before the session's hub. `planted`: a folder that stands first in their PYTHONPATH."""

    cluster: Cluster
    new_home: Callable[[], Path]
    sandbox: Sandbox

    @contextmanager
    def trial(self, *, seed: int = 1, planted: Path | None = None) -> Iterator[Trial]:
        number = next(_numbers)
        name, home = f"{PREFIX}_conformance_node_{number}", self.new_home()
        home.mkdir()
        environment = _environment(self.cluster.clone(name), home, planted)
        file, log = home / "candidate.toml", home / "driver.log"
        command = [sys.executable, "-m", "veta.cli.main", "node", "driver", "--target", str(file)]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--operator", f"ENSAYO-{number}"], env=environment, cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        try:
            said = lambda: b"atiende al formato" in log.read_bytes()  # noqa: E731
            wait(lambda: said() or process.poll() is not None, seconds=60)
            assert said(), log.read_text()[-2000:]
            with before(self.sandbox, read_target(file), person=None, seed=seed) as made:
                yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
            self.cluster.drop(name)


@pytest.fixture(scope="session")
def nodes(cluster: Cluster, new_home: Callable[[], Path], sandbox: Sandbox) -> Nodes:
    return Nodes(cluster, new_home, sandbox)


def _environment(dsn: str, home: Path, planted: Path | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_", "DJANGO_"))}
    folders = [*([str(planted)] if planted else []), str(ROOT / "src"), str(ROOT)]
    return kept | {
        "VETA_NODE_DATABASE_URL": dsn, "VETA_HOME": str(home), "VETA_NODE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(folders),
    }  # fmt: skip
