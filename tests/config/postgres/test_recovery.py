"""After a kill the server comes back with every committed row, whatever was left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest

from veta.config.postgres import PostgresError, ensure_running, is_running, processes, stop
from veta.config.postgres.server import find_place

from .conftest import as_superuser, count, kill_tree

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="the killing is done by /proc")


def write_until(dsn: str, killed: threading.Event) -> list[int]:
    """Insert rows one commit at a time until the connection breaks; returns the acknowledged ones."""
    acknowledged: list[int] = []
    with contextlib.suppress(psycopg.OperationalError), as_superuser(dsn) as connection:
        while not killed.is_set() or len(acknowledged) < 50:
            (row,) = connection.execute("INSERT INTO kept DEFAULT VALUES RETURNING id").fetchone()
            acknowledged.append(row)
    return acknowledged


def test_kill_nine_and_back_keeps_every_acknowledged_row(running: tuple[Path, str]) -> None:
    home, dsn = running
    with as_superuser(dsn) as connection:
        connection.execute("CREATE TABLE kept (id bigserial PRIMARY KEY)")
    acknowledged: set[int] = set()
    for _ in range(5):
        killed = threading.Event()
        rows: list[int] = []
        writer = threading.Thread(target=lambda rows=rows, killed=killed: rows.extend(write_until(dsn, killed)))
        writer.start()
        time.sleep(0.2)
        kill_tree(find_place(home).data)
        killed.set()
        writer.join(timeout=10)
        assert rows
        acknowledged |= set(rows)
        assert ensure_running(home) == dsn
        with as_superuser(dsn) as connection:
            present = {row for (row,) in connection.execute("SELECT id FROM kept").fetchall()}
        assert acknowledged <= present


def test_orphans_of_a_killed_postmaster_are_ended_first(running: tuple[Path, str]) -> None:
    home, dsn = running
    data = find_place(home).data
    busy = as_superuser(dsn)
    backend = busy.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    os.kill(processes.postmaster(data), signal.SIGKILL)
    assert ensure_running(home) == dsn
    assert backend not in processes.living_in(data)
    assert is_running(home)


def test_a_dead_socket_and_a_pid_that_now_names_another_process(running: tuple[Path, str]) -> None:
    home, dsn = running
    place = find_place(home)
    kill_tree(place.data)
    # PostgreSQL itself refuses to start here: the number is alive and belongs to the same user.
    other = subprocess.Popen(["sleep", "60"], **place.account.switch)
    for pid_file in (place.data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]))
    stale = place.sockets / ".s.PGSQL.5432"
    stale.unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(stale))
    try:
        assert ensure_running(home) == dsn
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_pid_file_cut_short_is_cleared(running: tuple[Path, str]) -> None:
    home, dsn = running
    data = find_place(home).data
    kill_tree(data)
    (data / "postmaster.pid").write_text("")
    assert ensure_running(home) == dsn


def test_an_initdb_cut_short_is_begun_again(home: Path) -> None:
    (home / "pg.part").mkdir(parents=True)
    (home / "pg.part" / "PG_VERSION").write_text("18\n")
    assert psycopg.connect(ensure_running(home)).info.dbname == "veta"


def test_slow_recovery_is_waited_for_and_told(running: tuple[Path, str], monkeypatch) -> None:
    home, dsn = running
    data = find_place(home).data
    with as_superuser(dsn) as connection:
        connection.execute("CREATE TABLE kept (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), filler text)")
        connection.execute("INSERT INTO kept (filler) SELECT repeat('x', 200) FROM generate_series(1, 150000)")
    kill_tree(data)
    slowed = threading.Thread(target=hold_startup, args=(data, 3.0))
    slowed.start()
    monkeypatch.setenv("VETA_PG_START_LIMIT", "0.5")
    with pytest.raises(PostgresError, match="sigue vivo"):
        ensure_running(home)
    monkeypatch.delenv("VETA_PG_START_LIMIT")
    monkeypatch.setattr("veta.config.postgres.server.SAY_EVERY", 0.5)
    said: list[str] = []
    assert ensure_running(home, say=said.append) == dsn
    slowed.join()
    assert any("recuperando" in line for line in said)
    assert count(dsn) == 150_000


def hold_startup(data: Path, seconds: float) -> None:
    """Stop the recovering process for a while: a recovery as slow as one likes."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        for pid in processes.living_in(data):
            with contextlib.suppress(OSError):
                if b"startup" in Path("/proc", str(pid), "cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)
                    time.sleep(seconds)
                    os.kill(pid, signal.SIGCONT)
                    return


@pytest.mark.parametrize("major", ["14", "99"])
def test_data_of_another_version_is_refused_with_its_remedy(running: tuple[Path, str], major: str) -> None:
    home, _ = running
    stop(home)
    version = find_place(home).data / "PG_VERSION"
    real = version.read_text()
    version.write_text(f"{major}\n")
    with pytest.raises(PostgresError, match=rf"PostgreSQL {major}.*pg_upgrade") as refusal:
        ensure_running(home)
    assert "VETA_PG_BINDIR" in str(refusal.value)
    version.write_text(real)
    assert ensure_running(home)


def test_a_server_that_cannot_start_says_why(running: tuple[Path, str]) -> None:
    home, _ = running
    stop(home)
    with (find_place(home).data / "postgresql.conf").open("a") as file:
        file.write("\nshared_buffers = 'plenty'\n")
    with pytest.raises(PostgresError, match=r"no arrancó[\s\S]*plenty"):
        ensure_running(home)
