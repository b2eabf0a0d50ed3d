"""Where a run of the suite has its files: a folder of its own, in memory where this machine has room there.

A database is some 1,300 files. A copy of one took 1.1 s of processor on the disk of the machine that was measured and
0.03 s in memory, and a run makes 200. What a test kills are processes: the files of either outlive them alike.
"""

import fcntl
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from veta.config.postgres import PostgresError, stop

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM = 4 << 30  # a run holds 2 GB at most
PREFIX = "veta-test-"
# The processes of a run are told its folder by who began it.
TOLD = "VETA_TEST_RUN"
# Held while the run lives, by no other process than the one that began it.
_locks: list[IO[str]] = []


def folder_of_run() -> Path:
    """This run's folder, made at the first asking; what runs that died left behind is removed then."""
    if told := os.environ.get(TOLD):
        return Path(told)
    for left in [*MEMORY.glob(f"{PREFIX}*"), *DISK.glob(f"{PREFIX}*")]:
        if (left / "lock").exists() and _locked(left):
            remove(left)
    # pytest's own folder is closed to the server's user: its data would be put elsewhere and stay.
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if _has_room(MEMORY) else DISK))
    made.chmod(0o755)
    _locked(made)
    os.environ[TOLD] = str(made)
    return made


def _locked(folder: Path) -> bool:
    """Take a folder for this process; whether nobody had it."""
    try:
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    _locks.append(lock)
    return True


def _has_room(folder: Path) -> bool:
    """Whether files may be written and run there, and neither it nor this machine's memory is short."""
    try:
        place = os.statvfs(folder)
        available = re.search(r"MemAvailable: *(\d+)", Path("/proc/meminfo").read_text())
        allowed = Path("/sys/fs/cgroup/memory.max")
        limit = allowed.read_text().strip() if allowed.exists() else "max"
    except OSError:
        return False
    return (
        os.access(folder, os.W_OK)
        and not place.f_flag & (os.ST_RDONLY | os.ST_NOEXEC)
        and place.f_bavail * place.f_frsize > ROOM
        and available is not None
        and int(available[1]) * 1024 > 2 * ROOM
        and (limit == "max" or int(limit) > 2 * ROOM)
    )


def remove(folder: Path) -> None:
    """Remove a run's folder; the servers of the homes in it are stopped first, as far as they let themselves be."""
    with suppress(OSError):
        for data in folder.glob("**/postmaster.pid"):
            with suppress(OSError, PostgresError):
                stop(data.parent.parent)
    shutil.rmtree(folder, ignore_errors=True)
