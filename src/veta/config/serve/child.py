"""The child processes of a deployment, by name, and what any of them does before its work.

The supervisor forks them (`veta.config.serve.forking`); `python -m veta.config.serve.child NAME` runs one by itself.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def main(arguments: list[str]) -> None:
    """Run one child until it is told to end. It ends too when its parent dies, however that dies."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    match arguments:
        case [name] if name in CHILDREN:
            end_with_parent(os.getppid())
            be_called(name)
            CHILDREN[name]()
        case _:
            raise SystemExit(f"unknown child: {arguments}")


def _sequencer() -> None:
    _set_up()
    from veta.transparency.sequencer import run

    run(told_to_end())


def _publisher() -> None:
    _set_up()
    from veta.movements.written import row_digests
    from veta.transparency.publisher import run

    run(told_to_end(), row_digests=row_digests)


def _committer() -> None:
    _set_up()
    from veta.config.serve.memory import keep_what_is_loaded
    from veta.movements.committer import serve_all

    keep_what_is_loaded()
    serve_all(Path(os.environ["VETA_COMMITTER"]), told_to_end())


def _jobs() -> None:
    _set_up()
    from veta.config.serve.jobs import work

    work()


def _node_sender() -> None:
    _set_up()
    from veta.node.sender import run

    run(told_to_end())


def _node_reader() -> None:
    _set_up()
    from veta.node.reader import run

    run(told_to_end())


CHILDREN: dict[str, Callable[[], None]] = {
    "committer": _committer, "sequencer": _sequencer, "publisher": _publisher, "jobs": _jobs,
    "node-sender": _node_sender, "node-reader": _node_reader,
}  # fmt: skip
# What they load besides the pages: the supervisor loads it once for all.
MODULES = {
    "committer": "veta.movements.committer",
    "sequencer": "veta.transparency.sequencer", "publisher": "veta.transparency.publisher",
    "jobs": "veta.config.serve.jobs", "node-sender": "veta.node.sender", "node-reader": "veta.node.reader",
}  # fmt: skip


def load(others: tuple[str, ...]) -> None:
    """Load Django, every page and what these children run, touching no database: what is forked then has it all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    import django

    django.setup()
    from django.conf import settings

    for module in (settings.ROOT_URLCONF, "veta.config.serve.web", *(MODULES[name] for name in others)):
        import_module(module)


def end_with_parent(parent: int) -> None:
    """Ask the kernel for a SIGTERM when the parent dies: a killed supervisor leaves no orphans (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before that was asked
        raise SystemExit(1)


def be_called(name: str) -> None:
    """Show as `veta NAME` where processes are listed (Linux only; its 15 first letters)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"veta {name}".encode())


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
    be_ready()
    connection.close()


def be_ready() -> None:
    """End this process, with one line, where its deployment may not begin as its database and keys stand."""
    from veta.kernel.errors import DomainError
    from veta.site.deployment import deployment

    try:
        deployment().ready()
    except DomainError as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(1) from refused


if __name__ == "__main__":
    main(sys.argv[1:])
