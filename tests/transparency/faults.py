"""What the fault tests run: a process that forks a round of publisher or sequencer for each fault, and how it ended.

A child stops itself before its round, so that strace can attach to it: the calls that are counted are the round's own.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import django


def round_of_the_publisher(dsn: str, *, planted: bool) -> None:
    """Integrate and publish what waits. `planted` is the control: files written in place, with no fsync or rename."""
    import psycopg

    from tests.transparency.logs import KEY
    from veta.transparency import files, publisher

    if planted:
        files._write_one = in_place  # type: ignore[assignment]
    publisher._signers = lambda: [KEY]
    files.ThreadPoolExecutor = OneThread  # type: ignore[misc,assignment] - strace counts each thread's calls apart
    with psycopg.connect(dsn, autocommit=True) as session:
        made = publisher.Publisher(session)
        os.kill(os.getpid(), signal.SIGSTOP)
        while made.integrator.step():
            made.publish()
        made.publish()


def round_of_the_sequencer(dsn: str, *, planted: bool) -> None:
    """Take the lock and number what waits, twice. `planted` is the control: one that keeps the head in a file."""
    import psycopg

    from veta.transparency import sequencer

    with psycopg.connect(dsn, autocommit=True) as session:
        assert sequencer._hold_lock(session, threading.Event())
        os.kill(os.getpid(), signal.SIGSTOP)
        for _ in range(2):
            number_by_a_file(session) if planted else sequencer.number_pending(session)


def number_by_a_file(session: Any) -> None:
    """The next number is taken from a file, written before the row: what is killed in between is a number lost."""
    head = Path(os.environ["VETA_LOG_DIR"]).with_suffix(".head")
    waiting = session.execute("SELECT id, size FROM transparency_group WHERE id NOT IN "
        "(SELECT group_id FROM transparency_log_group) ORDER BY id").fetchall()  # fmt: skip
    for group, size in waiting:
        first = int(head.read_text())
        head.write_text(str(first + size))
        given = (group, first, size)
        session.execute("INSERT INTO transparency_log_group (group_id, first_index, size) VALUES (%s, %s, %s)", given)


class OneThread:
    """A pool that does the work where it is asked for."""

    def __init__(self, workers: int) -> None:
        self.map = map

    def __enter__(self) -> "OneThread":
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing to end."""


def in_place(path: object, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:  # type: ignore[call-overload]
        file.write(data[: len(data) // 2])
        file.write(data[len(data) // 2 :])


def serve() -> None:
    """For each line «ROLE DSN FOLDER PLANTED»: the pid of a stopped child; once it ended, its exit code."""
    from veta.transparency import integrate, publisher, sequencer  # noqa: F401 - loaded once, for every child

    for line in sys.stdin:
        role, dsn, folder, planted = line.split()
        work = round_of_the_sequencer if role == "sequencer" else round_of_the_publisher
        os.environ["VETA_LOG_DIR"] = folder
        child = os.fork()
        if child == 0:
            try:
                work(dsn, planted=planted == "1")
            except BaseException as error:
                print(type(error).__name__, error, file=sys.stderr)
                os._exit(1)
            os._exit(0)
        os.waitpid(child, os.WUNTRACED)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    django.setup()
    serve()
