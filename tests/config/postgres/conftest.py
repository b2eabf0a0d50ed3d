"""Homes of their own for the launcher's tests, and what kills servers the hard way."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.place import folder_of_run
from veta.config.postgres import ensure_running, processes, stop
from veta.config.postgres.server import find_place

SOURCES = Path(__file__).parents[3] / "src"


@pytest.fixture
def home() -> Iterator[Path]:
    """A new VETA_HOME that every user can walk down to; its server is stopped and it is removed afterwards."""
    base = Path(tempfile.mkdtemp(prefix="home-", dir=folder_of_run()))
    base.chmod(0o755)
    yield base / "home"
    discard(base / "home")
    shutil.rmtree(base)


def discard(home: Path) -> None:
    """Stop a home's server, and remove its data where that lies elsewhere."""
    if not home.exists():
        return
    place = find_place(home)
    if (place.data / "PG_VERSION").exists():
        kill_tree(place.data)
    if place.base != home:
        shutil.rmtree(place.base)
    if place.sockets.parent == Path("/tmp"):
        shutil.rmtree(place.sockets)


@pytest.fixture
def running(home: Path) -> Iterator[tuple[Path, str]]:
    """A home with its server up, and its DSN."""
    dsn = ensure_running(home)
    yield home, dsn
    with contextlib.suppress(Exception):
        stop(home)


def kill_tree(data: Path) -> None:
    """`kill -9` of a server and all its children."""
    for pid in processes.living_in(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.living_in(data), seconds=10)


def as_superuser(dsn: str) -> psycopg.Connection:
    """A connection with every right, each statement committed by itself."""
    return psycopg.connect(dsn, user="postgres", autocommit=True)


def count(dsn: str) -> int:
    """Rows of the table that these tests write."""
    with as_superuser(dsn) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM kept").fetchone()
    return rows


@pytest.fixture
def starter() -> Callable[..., subprocess.Popen[str]]:
    """Start a process that calls `ensure_running` on a home and ends, as whichever user."""

    def begin(home: Path, *, python: str = sys.executable, **options: object) -> subprocess.Popen[str]:
        code = (
            f"from pathlib import Path; from veta.config.postgres import *; print(ensure_running(Path({str(home)!r})))"
        )
        env = {
            "PYTHONPATH": os.pathsep.join([str(SOURCES), *sys.path]),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.Popen(
            [python, "-c", code],
            env=env,
            cwd="/",
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return begin
