"""What the fault tests run: a process that forks one round of the publisher for each fault, and says how it ended.

A child stops itself before its round, so that strace can attach to it: the calls that are counted are the round's own.
"""

import os
import signal
import sys

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
    """For each line «DSN FOLDER PLANTED»: the pid of a stopped child; once it ended, its exit code."""
    from veta.transparency import integrate, publisher  # noqa: F401 - loaded once, for every child

    for line in sys.stdin:
        dsn, folder, planted = line.split()
        os.environ["VETA_LOG_DIR"] = folder
        child = os.fork()
        if child == 0:
            try:
                round_of_the_publisher(dsn, planted=planted == "1")
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
