"""The suite's database and data: one real PostgreSQL, migrated once, cloned for whoever asks.

`db`: a clone shared by the run, each test rolled back. `fresh_database`: a clone of one's own, with real commits.
`data_dir`: the public data files, for tests marked `data`.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from tests.place import MEMORY, folder_of_run, remove
from veta.config.postgres import ensure_running, stop
from veta.config.postgres.cluster import APP, OWNER, SUPERUSER
from veta.config.postgres.roles import create_database

ROOT = Path(__file__).parents[1]
# Never the demo's database, whatever the caller's environment says.
os.environ.pop("DATABASE_URL", None)
# One home for each process of the run: what is in it, from server to keys, is shared with nobody.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
RUN = folder_of_run()
os.environ["VETA_HOME"] = str(RUN / (WORKER or "home"))
# What tests and the browsers that they open make on the way lies there too.
(RUN / "tmp").mkdir(exist_ok=True)
os.environ["TMPDIR"] = tempfile.tempdir = str(RUN / "tmp")
# An example that had to wait for a core is slow, not wrong.
settings.register_profile("veta", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("veta")

DATA = Path(os.environ.get("VETA_DATA", ROOT.parent / "shared" / "data"))
PREFIX = f"test_{os.getpid()}"


@pytest.fixture(autouse=True)
def _language() -> None:
    """Each test begins in the product's language, whatever page the one before asked for in another."""
    translation.deactivate()


@dataclass(frozen=True, slots=True)
class Cluster:
    """The suite's server, and its template database with every migration and grant applied."""

    dsn: str
    template: str

    def clone(self, name: str) -> str:
        """Make a database of the template's content; returns its DSN as the application's role."""
        with psycopg.connect(self.dsn, user=SUPERUSER, dbname="postgres", autocommit=True) as admin:
            create_database(admin, name, template=self.template, as_files=RUN.parent == MEMORY)
        return self.dsn.replace("/veta?", f"/{name}?")

    def drop(self, name: str) -> None:
        """Drop a database, closing whoever is still in it."""
        with psycopg.connect(self.dsn, user=SUPERUSER, dbname="postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A database of one test's own."""

    name: str
    dsn: str


@pytest.fixture(scope="session")
def cluster(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cluster]:
    """The running server with the template built, once for each process of the run."""
    made = Cluster(ensure_running(), f"{PREFIX}_template")
    with psycopg.connect(made.dsn, user=SUPERUSER, dbname="postgres", autocommit=True) as admin:
        create_database(admin, made.template)
    with django_db_blocker.unblock():
        _migrate(made.template)
    yield made
    stop()


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster) -> Iterator[None]:
    """pytest-django's own creation of a database is replaced: the `db` fixture works on a clone."""
    name = f"{PREFIX}_shared"
    cluster.clone(name)
    _point_to(name, APP)
    yield
    _point_to("none", APP)
    cluster.drop(name)


@pytest.fixture(scope="module")
def priced(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demonstration's prices, entered once for a module: each of its tests is rolled back to them, from the first
    that asks for them on, whether it asks or not.

    Not for a module that asks for a database of its own too, which closes this one's connection.
    """
    from django.db import transaction

    from veta.prices.services import load_demo

    around = transaction.atomic()
    around._from_testcase = True  # as Django's own around a test: what asks to be outermost is let be
    with django_db_blocker.unblock():
        around.__enter__()
        load_demo()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def fresh_database(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[FreshDatabase]:
    """A new clone with real commits; `django.db.connection` is pointed at it, and `dsn` serves subprocesses."""
    yield from _fresh(cluster, django_db_blocker)


@pytest.fixture(scope="module")
def module_database(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[FreshDatabase]:
    """The same for a whole module, whose tests write beside each other in it."""
    yield from _fresh(cluster, django_db_blocker)


def _fresh(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[FreshDatabase]:
    from django.db import connection

    before = connection.settings_dict["NAME"]
    name = f"{PREFIX}_{next(_numbers)}"
    dsn = cluster.clone(name)
    with django_db_blocker.unblock():
        _point_to(name, APP)
        yield FreshDatabase(name, dsn)
        _point_to(before, APP)
    cluster.drop(name)


@pytest.fixture(scope="session")
def new_home() -> Iterator[Callable[[], Path]]:
    """Make a VETA_HOME for a server of a test's own; it is stopped when the session ends."""
    bases: list[Path] = []

    def make() -> Path:
        bases.append(Path(tempfile.mkdtemp(prefix="home-", dir=RUN)))
        bases[-1].chmod(0o755)
        return bases[-1] / "home"

    yield make
    for base in bases:
        if (base / "home").exists():
            stop(base / "home")


@pytest.fixture(scope="session")
def new_port() -> Iterator[Callable[[], int]]:
    """Give a port of the loopback for a server that starts later, whose public origin has to be known before."""
    with ExitStack() as held:
        yield lambda: held_port(held)


def held_port(until: ExitStack) -> int:
    """A port of the loopback that is given to nobody else until then.

    It is bound here and never listened on, with its address to be reused: a server of ours, which asks for the same,
    may begin on it and begin again; whoever takes any free port does not get it.
    """
    own = until.enter_context(socket.socket())
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind(("127.0.0.1", 0))
    return int(own.getsockname()[1])


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of public data files (VETA_DATA); ask for it in tests marked `data`."""
    return DATA


# By what they took of the suite, the longest first.
LONGEST = (
    "demo/test_job", "test_t05_idempotency", "test_t01_crash", "conformance/", "test_authorisation_matrix",
    "browser/test_desk_walks", "node/browser/", "test_t04_double_spend", "node/test_against_a_hub", "config/postgres/",
    "config/serve/", "demo/", "test_t21_denial", "test_t09a_contract", "test_share", "site/browser/", "bench/",
)  # fmt: skip


def pytest_unconfigure() -> None:
    """The run's folder goes with it: what is in memory would stay there."""
    if not WORKER:
        remove(RUN)


def pytest_sessionstart(session: pytest.Session) -> None:
    """What a test starts is one deployment or the other, never the tools' both."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "veta.config.settings"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this machine cannot run, and `chaos` unless it is asked for; the last lines say it.

    The longest files go first: two processes share the suite file by file, and one begun last leaves the other idle.
    """
    items.sort(key=_length)
    lacking = {
        "data": not DATA.is_dir(),
        "browser": shutil.which("chromium") is None,
        "chaos": not config.getoption("markexpr"),
    }
    left_out = {
        mark: [i for i in items if i.get_closest_marker(mark)] if lacks else [] for mark, lacks in lacking.items()
    }
    gone = {id(item) for group in left_out.values() for item in group}
    config.stash[_left_out] = {mark: len(group) for mark, group in left_out.items()}
    if WORKER:
        config.workeroutput["left_out"] = config.stash[_left_out]  # type: ignore[attr-defined]
    if gone:
        config.hook.pytest_deselected(items=[item for item in items if id(item) in gone])
        items[:] = [item for item in items if id(item) not in gone]


WHY = {
    "data": f"they read public data files and {DATA} does not exist. Set VETA_DATA to run them.",
    "browser": "they need a browser. Install Debian's chromium to run them.",
    "chaos": "they are the long ones. Run them with `make chaos`.",
}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What a process of the run left out is said by the whole: each of them collects the same."""
    node.config.stash[_left_out] = getattr(node, "workeroutput", {}).get("left_out", {})


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in the last lines what was not run, and why."""
    for mark, number in config.stash.get(_left_out, {}).items():
        if number:
            terminalreporter.write_line(f"{number} tests deselected: {WHY[mark]}")


def _length(item: pytest.Item) -> int:
    """The place of its file among the longest; after them all where it is none of them."""
    return next((place for place, path in enumerate(LONGEST) if path in item.nodeid), len(LONGEST))


_left_out = pytest.StashKey[dict[str, int]]()
_numbers = iter(range(1, 1_000_000))


def _point_to(name: str, role: str) -> None:
    from django.db import connection, connections

    connections.close_all()
    connection.settings_dict.update(NAME=name, USER=role)
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={role}"


def _migrate(name: str) -> None:
    from django.db import connection

    from veta.config.migrate import migrate

    _point_to(name, OWNER)
    migrate(verbosity=0)
    connection.close()
