"""Where a run of the suite has its files: a folder of its own, in memory where this machine has room there.

A database is some 1,300 files. A copy of one took 1.1 s of processor on the disk of the machine that was measured and
0.03 s in memory, and a run makes 200. What a test kills are processes: the files of either outlive them alike.
"""

import os
import shutil
import tempfile
from pathlib import Path

from veta.config.postgres import stop

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM = 8 << 30
PREFIX = "veta-test-"
# The processes of a run are told its folder by who began it.
TOLD = "VETA_TEST_RUN"


def folder_of_run() -> Path:
    """This run's folder, made at the first asking; what runs that died left behind is removed then."""
    if told := os.environ.get(TOLD):
        return Path(told)
    for left in [*MEMORY.glob(f"{PREFIX}*"), *DISK.glob(f"{PREFIX}*")]:
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            remove(left)
    # pytest's own folder is closed to the server's user: its data would be put elsewhere and stay.
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if _has_room(MEMORY) else DISK))
    made.chmod(0o755)
    os.environ[TOLD] = str(made)
    return made


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free > ROOM


def remove(folder: Path) -> None:
    """Remove a run's folder; the servers of the homes in it are stopped first."""
    for data in folder.glob("**/postmaster.pid"):
        stop(data.parent.parent)
    shutil.rmtree(folder, ignore_errors=True)
