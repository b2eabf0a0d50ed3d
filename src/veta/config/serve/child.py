"""The child processes of a deployment: `python -m veta.config.serve.child web|sequencer|publisher|jobs|node-…`."""

import ctypes
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Run one child until it is told to end. It ends too when its parent dies, however that dies."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    match arguments:
        case ["web", listener, threads, backlog]:
            from veta.config.serve.web import serve

            serve(int(listener), threads=int(threads), backlog=int(backlog))
        case ["sequencer"]:
            _set_up()
            from veta.transparency.sequencer import run

            run(told_to_end())
        case ["publisher"]:
            _set_up()
            from veta.movements.written import row_digests
            from veta.transparency.publisher import run as publish

            publish(told_to_end(), row_digests=row_digests)
        case ["jobs"]:
            _set_up()
            from veta.config.serve.jobs import work

            work()
        case ["node-sender"]:
            _set_up()
            from veta.node.sender import run as send

            send(told_to_end())
        case ["node-reader"]:
            _set_up()
            from veta.node.reader import run as read

            read(told_to_end())
        case _:
            raise SystemExit(f"unknown child: {arguments}")


def end_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent dies: a killed supervisor leaves no orphans (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def told_to_end() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.set())
    return told


def _set_up() -> None:
    import django
    from django.db import connection

    django.setup()
    # Starts the embedded server where it is down, before anything that would not.
    connection.ensure_connection()
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
