"""A hub of a test's own: its home, its real processes, and the ways to kill them from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from veta.config.postgres import ensure_running, processes, stop
from veta.config.postgres.cluster import DATABASE, SUPERUSER
from veta.config.postgres.server import find_place

ROOT = Path(__file__).parents[2]


@dataclass
class Home:
    """A VETA_HOME with a world in it; `planted` stands first in the path of every process that it runs."""

    path: Path
    planted: Path | None = None
    operators: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What its processes are told; `more` besides."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
        path = [str(each) for each in (self.planted, ROOT / "src", ROOT) if each is not None]
        return {**kept, "VETA_HOME": str(self.path), "PYTHONPATH": os.pathsep.join(path), **self.more}

    def start(self, *command: str, **options: Any) -> subprocess.Popen[Any]:
        """Start `python -m COMMAND …` in this home."""
        return subprocess.Popen(
            [sys.executable, "-m", *command], env=self.environment(), cwd=self.path.parent, **options
        )

    def run(self, *command: str) -> str:
        """Run `python -m COMMAND …` to its end; returns what it printed, fails with what it complained of."""
        done = subprocess.run(
            [sys.executable, "-m", *command], env=self.environment(), cwd=self.path.parent, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (
            f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
        )
        return done.stdout

    def stage(self, command: str, *arguments: object) -> Any:
        """Have `tests.assurance.stage` do something in this home; returns the JSON that it prints last."""
        return json.loads(self.run("tests.assurance.stage", command, *map(str, arguments)).splitlines()[-1])

    def build(self, operators: int = 2) -> Home:
        """A database, the world of `tests.movements.world` in it, and its operators with their keys."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.run("veta.cli.main", "db", "migrate")
        self.operators = self.stage("build", operators)
        return self

    def copy_to(self, path: Path, planted: Path | None = None) -> Home:
        """A copy of this home, its database stopped meanwhile; `cp -a` keeps the owner of the data."""
        stop(self.path)
        subprocess.run(["cp", "-a", str(self.path), str(path)], check=True)
        return Home(path, planted, self.operators)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection as the database's superuser."""
        ensure_running(self.path)
        place = find_place(self.path)
        return psycopg.connect(host=str(place.sockets), user=SUPERUSER, dbname=DATABASE, autocommit=True)

    def kill_database(self) -> int:
        """kill -9 of every process of its PostgreSQL; returns how many there were."""
        victims = processes.living_in(find_place(self.path).data)
        for pid in victims:
            kill(pid)
        return len(victims)


@dataclass
class Hub:
    """`veta serve hub` over a home, on a port of its own; or the other deployment, by its name."""

    home: Home
    log: Path
    workers: int = 2
    serves: str = "hub"
    process: subprocess.Popen[Any] = field(init=False)
    port: int = field(init=False)

    def __enter__(self) -> Hub:
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = self.home.start(
                "veta.cli.main", "serve", self.serves, "--port", "0", "--workers", str(self.workers),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        said = lambda: self.log.read_bytes()[before:].decode(errors="replace")  # noqa: E731
        wait(lambda: "está abierta en" in said() or self.process.poll() is not None, seconds=60)
        address = re.search(r"abierta en http://127\.0\.0\.1:(\d+)", said())
        assert address is not None, f"the hub did not open:\n{said()[-3000:]}"
        self.port = int(address[1])
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=60)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def children(self, name: str) -> list[int]:
        """The ids of the hub's processes whose name begins by `name`, newest last."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    called = (entry / "comm").read_text()
                    environment = (entry / "environ").read_bytes().decode(errors="replace")
                    if called.startswith(f"veta {name}") and f"VETA_HOME={self.home.path}\0" in environment:
                        found.append(int(entry.name))
        return sorted(found)


def kill(pid: int) -> None:
    """kill -9, whether or not it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait(done: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `done` came true within so many seconds."""
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def slowness() -> float:
    """By how much others already load the cores of this machine (1: not at all): times in seconds grow with it."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
