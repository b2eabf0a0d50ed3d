"""The server's processes: is the one that postmaster.pid names alive, and is it ours?"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from veta.config.postgres.place import PORT

PROC = Path("/proc")
_children: list[subprocess.Popen[bytes]] = []


def remember(child: subprocess.Popen[bytes]) -> None:
    """Keep the handle of a server that this process started, to reap it when it ends."""
    _children.append(child)


def postmaster(data: Path) -> int | None:
    """The id of the live server of this data directory; None where it is dead or was never started.

    A postmaster.pid left by a kill names a process that is gone, or a number that another process now bears:
    a server counts as alive only if its working directory is the data directory.
    """
    _reap()
    pid = _named(data)
    if pid is None or not _exists(pid):
        return None
    return pid if not PROC.is_dir() or pid in living_in(data) else None


def clear_stale(data: Path, *, sockets: Path) -> None:
    """End what a killed server left behind: its orphan processes first, then its two lock files.

    PostgreSQL refuses to start beside orphans, rightly: they still write in the directory. They are asked to
    quit, then killed. It also refuses where a lock file's number is alive, be it of a zombie or of a stranger.
    The files are removed only where the processes can be seen to be gone; elsewhere PostgreSQL judges them.
    """
    if not PROC.is_dir():
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in living_in(data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not living_in(data), seconds=5):
            break
    if not living_in(data):
        for lock in (data / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock"):
            lock.unlink(missing_ok=True)


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `done` came true within so many seconds."""
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _named(data: Path) -> int | None:
    try:
        first = (data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def living_in(data: Path) -> set[int]:
    """Processes whose working directory is the data directory, which is that of a server and its children."""
    target = os.path.realpath(data)
    found = set()
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") == target and _is_postgres(entry):
                    found.add(int(entry.name))
    return found


def _is_postgres(entry: Path) -> bool:
    return (entry / "comm").read_text().strip() in {"postgres", "postmaster"}


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]
