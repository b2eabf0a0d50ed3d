"""The operating system's user that runs the server: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from veta.config.postgres.errors import PostgresError

# Where root starts the server, the first of these that the machine knows runs it.
UNPRIVILEGED = ("postgres", "nobody")


class Switch(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the user of the child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def switch(self) -> Switch:
        """Arguments for `subprocess` that make a child run as this user; none where it already does."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether this user may walk down to `path` and read or execute it; links are followed."""
        real = path.resolve()
        bits = 5 if real.is_dir() or os.access(real, os.X_OK) else 4
        return all(self._allowed(parent, 1) for parent in real.parents) and self._allowed(real, bits)

    def _allowed(self, path: Path, bits: int) -> bool:
        if self.uid == 0:
            return True
        status = path.stat()
        mode = stat.S_IMODE(status.st_mode)
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (mode >> shift) & bits == bits

    def own(self, paths: Iterable[Path]) -> None:
        """Give the paths to this user, where the caller is root and the user another."""
        if self.uid != os.geteuid():
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account(data: Path) -> Account:
    """The user that runs PostgreSQL: the caller; where that is root, the owner of the data or an unprivileged one.

    data: the data directory, which need not exist yet. `VETA_PG_USER` names another user for a new
    one. Raises PostgresError where none is suitable.
    """
    uid = os.geteuid()
    if uid != 0:
        return _known(uid)
    if data.exists() and data.stat().st_uid != 0:
        return _known(data.stat().st_uid)
    wanted = os.environ.get("VETA_PG_USER")
    for name in (wanted,) if wanted else UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL no puede correr como root y no hay otro usuario para él. "
        "Cree uno (useradd --system veta) y nómbrelo en VETA_PG_USER."
    )


def _known(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise PostgresError(
            f"El usuario {uid} no tiene nombre en este equipo y PostgreSQL lo exige. "
            "Agréguelo a /etc/passwd, o dé una base en DATABASE_URL."
        ) from None
    return Account(entry.pw_name, uid, os.getegid() if uid == os.geteuid() else entry.pw_gid)
