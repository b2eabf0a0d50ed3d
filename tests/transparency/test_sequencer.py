"""Numbers without gaps, that never change, in the order that matters: with writers, kills and rivals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.transparency import processes
from veta.config.postgres.cluster import OWNER, SUPERUSER
from veta.transparency import sequencer, services

ROOT = Path(__file__).parents[2]


@pytest.fixture
def session(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(fresh_database.dsn, autocommit=True) as connection:
        yield connection


class Processes:
    """Starts them, and ends those that it started."""

    def __init__(self, dsn: str, **more: str) -> None:
        self._environment = {
            **os.environ,
            **more,
            "DATABASE_URL": dsn,
            "DJANGO_SETTINGS_MODULE": "veta.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, processes.__file__, *map(str, arguments)]
        process = subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True)
        self._running.append(process)
        return process

    def sequencer(self) -> "subprocess.Popen[str]":
        process = self.start("sequence")
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        return process

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture
def started(fresh_database: Any) -> Iterator[Processes]:
    made = Processes(fresh_database.dsn)
    yield made
    made.end()


class Reader(threading.Thread):
    """Polls the numbering as a client of the feed does, and fails on a gap, a change or a step back."""

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._dsn, self.enough = dsn, threading.Event()
        self.seen: list[tuple[int, int, int]] = []
        self.faults: list[str] = []

    def run(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            while not self.enough.wait(0.02):
                self._poll(connection)
            self._poll(connection)
            if _numbering(connection) != self.seen:
                self.faults.append("the numbering is not what was read on the way")

    def _poll(self, connection: psycopg.Connection[Any]) -> None:
        end = self.seen[-1][1] + self.seen[-1][2] if self.seen else 0
        found = connection.execute(
            "SELECT group_id, first_index, size FROM transparency_log_group "
            "WHERE first_index >= %s ORDER BY first_index",
            (end,),
        ).fetchall()
        for row in found:
            if row[1] != end:
                self.faults.append(f"{row} does not begin at {end}")
            end = row[1] + row[2]
            self.seen.append(row)


def _numbering(connection: psycopg.Connection[Any]) -> list[tuple[int, int, int]]:
    return connection.execute(
        "SELECT group_id, first_index, size FROM transparency_log_group ORDER BY first_index"
    ).fetchall()


def _add(connection: psycopg.Connection[Any], size: int) -> int:
    with connection.cursor() as cursor:
        group = services.next_group_id(cursor)
        services.record(cursor, processes.new_group(group, size))  # type: ignore[arg-type]
    return group


def _wait(connection: psycopg.Connection[Any], groups: int, *, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while len(_numbering(connection)) < groups:
        assert time.monotonic() < until, "the groups were not numbered in time"
        time.sleep(0.02)


def _check_journals(journals: list[str], numbered: list[tuple[int, int, int]], *, committed: int) -> None:
    first = {group: index for group, index, _ in numbered}
    sizes = {group: size for group, _, size in numbered}
    written = [tuple(map(int, line.split())) for journal in journals for line in journal.splitlines()]
    assert len(written) == len(numbered) == committed
    assert all(sizes[group] == size for _, group, size in written)
    for key in range(processes.KEYS):
        of_key = sorted(group for touched, group, _ in written if touched == key)
        indices = [first[group] for group in of_key]
        assert indices == sorted(indices), "groups of one key left the order of their ids"


def test_four_writers_a_reader_and_a_sequencer_killed_on_the_way(
    fresh_database: Any, started: Processes, session: psycopg.Connection[Any]
) -> None:
    reader = Reader(fresh_database.dsn)
    reader.start()
    rivals = [started.sequencer(), started.sequencer()]
    writers = [started.start("write", 150, seed) for seed in range(4)]
    for _ in range(3):
        time.sleep(0.4)
        rivals[0].send_signal(signal.SIGKILL)
        rivals = [rivals[1], started.sequencer()]
    journals = [writer.communicate(timeout=60)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    row = session.execute("SELECT count(*) FROM transparency_group").fetchone()
    assert row is not None
    _wait(session, row[0])
    reader.enough.set()
    reader.join()
    assert reader.faults == []
    assert 500 < row[0] < 600
    _check_journals(journals, reader.seen, committed=row[0])


def test_a_group_that_commits_late_is_found_later(fresh_database: Any, session: psycopg.Connection[Any]) -> None:
    with psycopg.connect(fresh_database.dsn) as slow:
        late = _add(slow, 2)
        early = _add(session, 3)
        numbered, since = sequencer.number_pending(session)
        assert (numbered, _numbering(session)) == (1, [(early, 0, 3)])
        assert sequencer.number_pending(session, since=since)[0] == 0
        slow.commit()
        numbered, since = sequencer.number_pending(session, since=since)
    assert (numbered, _numbering(session)) == (1, [(early, 0, 3), (late, 3, 2)])
    assert sequencer.number_pending(session, since=since)[0] == 0


def test_later_passes_do_not_look_at_what_ended_before(session: psycopg.Connection[Any]) -> None:
    for _ in range(50):
        _add(session, 1)
    _, since = sequencer.number_pending(session)
    _add(session, 1)
    row = session.execute("SELECT count(*) FROM transparency_group WHERE xid >= %s::text::xid8", (since,)).fetchone()
    assert row == (1,)


def test_one_numbers_while_the_other_waits(fresh_database: Any, session: psycopg.Connection[Any]) -> None:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(fresh_database.dsn, autocommit=True)

    stops = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=sequencer.run, args=(stop,), kwargs={"connect": connect}) for stop in stops]
    for thread in threads:
        thread.start()
        time.sleep(0.2)
    _add(session, 1)
    _wait(session, 1)
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM "
    held += "pg_database WHERE datname = current_database())"
    assert session.execute(held).fetchone() == (1,)
    stops[0].set()
    threads[0].join(5)
    _add(session, 1)
    _wait(session, 2)
    stops[1].set()
    threads[1].join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_it_outlives_a_lost_database(fresh_database: Any, session: psycopg.Connection[Any]) -> None:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(fresh_database.dsn, autocommit=True, application_name="sequencer")

    stop = threading.Event()
    thread = threading.Thread(target=sequencer.run, args=(stop,), kwargs={"connect": connect})
    thread.start()
    for count in (1, 2, 3):
        _add(session, 1)
        _wait(session, count)
        with psycopg.connect(fresh_database.dsn, user=SUPERUSER) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'sequencer' AND datname = current_database()"
            )
    _add(session, 1)
    _wait(session, 4)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("first", [0, 1, 4, 6], ids=["a fork", "an overlap", "inside", "a gap"])
def test_the_database_refuses_another_numbering(first: int, session: psycopg.Connection[Any]) -> None:
    _add(session, 5)
    sequencer.number_pending(session)
    other = _add(session, 1)
    with pytest.raises((errors.UniqueViolation, errors.ForeignKeyViolation)):
        session.execute(
            "INSERT INTO transparency_log_group (group_id, first_index, size) VALUES (%s, %s, 1)", (other, first)
        )


@pytest.mark.parametrize("table", ["transparency_group", "transparency_log_group"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET size = size", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_groups_and_numbers_never_change(statement: str, table: str, fresh_database: Any) -> None:
    for user, refusal in ((None, errors.InsufficientPrivilege), (OWNER, errors.RestrictViolation)):
        given = {"user": user} if user else {}
        with psycopg.connect(fresh_database.dsn, **given) as connection, pytest.raises(refusal):
            connection.execute(statement.format(table))


@pytest.mark.parametrize(
    ("size", "leaves", "root", "signature"), [(0, 0, 32, 64), (2, 32, 32, 64), (1, 32, 31, 64), (1, 32, 32, 63)]
)
def test_a_group_has_the_shape_of_its_size(
    size: int, leaves: int, root: int, signature: int, session: psycopg.Connection[Any]
) -> None:
    group = processes.new_group(1, 1)
    bad = group._replace(  # type: ignore[attr-defined]
        size=size, leaves=b"l" * leaves, root=b"r" * root, signature=b"s" * signature
    )
    with session.cursor() as cursor, pytest.raises(errors.CheckViolation):
        services.record(cursor, bad)
