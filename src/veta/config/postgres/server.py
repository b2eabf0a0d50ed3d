"""Start, find and stop the embedded server."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from veta.config.postgres import cluster, processes, roles
from veta.config.postgres.account import server_account
from veta.config.postgres.binaries import Binaries, find_binaries
from veta.config.postgres.errors import PostgresError
from veta.config.postgres.lock import held
from veta.config.postgres.place import PORT, SERVED, Place, home_of, place_of

Say = Callable[[str], None]
SAY_EVERY = 5.0


def ensure_running(home: Path | None = None, *, say: Say | None = None) -> str:
    """Make sure that the home's server answers, and tell how to reach it.

    home: VETA_HOME (default `./.veta`). say: called with each line of progress (default: standard error).
    Returns a DSN of the database `veta` as the role `veta_app`. Creates the cluster, the roles and the database
    where they are missing; starts the server where it is down, in a session of its own: it outlives the caller.
    Recovery is waited for as long as `VETA_PG_START_LIMIT` seconds (default an hour). Raises PostgresError.
    """
    place, tell = find_place(home), say or _stderr
    if not _answers(place):
        waiting = partial(tell, "Otro proceso está arrancando PostgreSQL; lo espero …")
        with held(place.home / "run" / "pg.lock", waiting=waiting, every=SAY_EVERY):
            if not _answers(place):
                _bring_up(place, tell)
    return dsn_of(place)


def stop(home: Path | None = None) -> bool:
    """Stop the home's server after its transactions end or are rolled back; False if it was not running."""
    place = find_place(home)
    pid = processes.postmaster(place.data)
    if pid is None:
        return False
    os.kill(pid, signal.SIGINT)
    if not processes.wait_until(lambda: processes.postmaster(place.data) is None, seconds=300):
        raise PostgresError(f"PostgreSQL (proceso {pid}) no termina. Vea {place.data / 'log'}.")
    return True


def is_running(home: Path | None = None) -> bool:
    """Whether the home's server answers now."""
    return _answers(find_place(home))


def find_place(home: Path | None = None) -> Place:
    """The place of a home's cluster, run by the owner of its data where there is data already."""
    where = home_of(home)
    return place_of(where, account=server_account(where / "pg"))


def dsn_of(place: Place) -> str:
    """The DSN of a place's database for the application's role."""
    return f"postgresql:///{cluster.DATABASE}?host={quote(str(place.sockets))}&port={PORT}&user={cluster.APP}"


def _answers(place: Place) -> bool:
    """Whether the server answers on its socket, with our database in it."""
    if not (place.sockets / f".s.PGSQL.{PORT}").exists():
        return False
    try:
        psycopg.connect(
            host=str(place.sockets), user=cluster.SUPERUSER, dbname=cluster.DATABASE, connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _bring_up(place: Place, say: Say) -> None:
    major = cluster.major_of(place)
    binaries = find_binaries(account=place.account, copies=place.base, major=major)
    if major is None and SERVED in os.environ:
        raise PostgresError(f"{place.data} ya no tiene la base de datos con que Veta se abrió. Restáurela de su copia.")
    if major is None:
        say(f"Creando la base de datos (PostgreSQL {binaries.version}) en {place.data} …")
        cluster.create(place, binaries)
    if processes.postmaster(place.data) is None:
        processes.clear_stale(place.data, sockets=place.sockets)
        cluster.configure(place)
        _spawn(place, binaries)
    _wait(place, say)
    roles.prepare(str(place.sockets))


def _spawn(place: Place, binaries: Binaries) -> None:
    log = place.data / "start.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        place.account.own([log])
        child = subprocess.Popen(  # noqa: S603 - our own binary, fixed arguments
            [binaries.directory / "postgres", "-D", place.data, "-k", place.sockets, "-p", str(PORT)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=cluster.environment(),
            start_new_session=True,
            umask=0o077,
            **place.account.switch,
        )
    processes.remember(child)
    processes.wait_until(lambda: child.poll() is not None or processes.postmaster(place.data) is not None, seconds=30)


def _wait(place: Place, say: Say) -> None:
    """Wait until the server takes connections; a server that recovers is alive and is waited for."""
    started, told = time.monotonic(), time.monotonic()
    limit = float(os.environ.get("VETA_PG_START_LIMIT", "3600"))
    while not _takes_connections(place):
        now = time.monotonic()
        if processes.postmaster(place.data) is None:
            raise PostgresError(f"PostgreSQL no arrancó. {_last_words(place)}")
        if now - started > limit:
            raise PostgresError(
                f"PostgreSQL lleva {limit:.0f} s arrancando y sigue vivo. Espere y repita la orden, o suba "
                f"VETA_PG_START_LIMIT. {_last_words(place)}"
            )
        if now - told > SAY_EVERY:
            told = now
            say(f"PostgreSQL se está recuperando ({now - started:.0f} s) …")
        time.sleep(0.03)


def _takes_connections(place: Place) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(host=str(place.sockets), user=cluster.SUPERUSER, dbname="postgres", connect_timeout=5).close()
        return True
    return False


def _last_words(place: Place) -> str:
    logs = [place.data / "start.log", *(place.data / "log").glob("*.log")]
    newest = max((path for path in logs if path.exists()), key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        return f"No dejó registro en {place.data}."
    tail = newest.read_text(errors="replace")[-600:].strip()
    return f"Su registro ({newest}) termina así:\n{tail}"


def _stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
