"""Where a VETA_HOME keeps its cluster and its socket, so that the server's user reaches both."""

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from veta.config.postgres.account import Account
from veta.config.postgres.errors import PostgresError
from veta.config.postgres.lock import held

# sun_path holds 104 bytes on BSD and 108 on Linux, its final NUL included.
LONGEST_SOCKET = 103
PORT = 5432
# Which home a supervised process serves: its device and inode. Such a process makes neither another home nor a cluster.
SERVED = "VETA_HOME_SERVED"
ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - a private directory is made in it, mode 0700


@dataclass(frozen=True, slots=True)
class Place:
    """The directories of one cluster."""

    home: Path
    data: Path
    sockets: Path
    account: Account

    @property
    def base(self) -> Path:
        """The directory that holds the data, which the server's user reaches."""
        return self.data.parent


def home_of(home: Path | None = None) -> Path:
    """The home given, else VETA_HOME, else `./.veta`; absolute."""
    return Path(home or os.environ.get("VETA_HOME") or ".veta").resolve()


def place_of(home: Path, *, account: Account) -> Place:
    """The place of a home's cluster, made where it is missing; no existing directory is opened wider.

    A supervised process makes none: its home is the one that it was started over, or PostgresError.

    The data lives in HOME/pg, mode 0700. Where the server's user cannot walk down to HOME (a clone under /root
    started by root), it lives in a private directory of that user under /var/lib, and HOME/pg is a link to it.
    """
    _refuse_another(home)
    (home / "run").mkdir(mode=0o755, parents=True, exist_ok=True)
    with held(home / "run" / "place.lock"):
        return _made(home, account)


def identity_of(home: Path) -> str:
    """Device and inode of a home: what a directory made again under its name does not have. Raises OSError."""
    status = home.stat()
    return f"{status.st_dev}:{status.st_ino}"


def _refuse_another(home: Path) -> None:
    served = os.environ.get(SERVED)
    if served is None:
        return
    try:
        same = identity_of(home) == served
    except OSError:
        same = False
    if not same:
        raise PostgresError(f"{home} se borró o se cambió por otro mientras Veta estaba abierta. Restáurelo y ábrala.")


def _made(home: Path, account: Account) -> Place:
    if not (home / "pg").is_symlink() and not account.reaches(home):
        (home / "pg").symlink_to(_elsewhere(home, account) / "pg")
    data = (home / "pg").readlink() if (home / "pg").is_symlink() else home / "pg"
    if not data.parent.is_dir():
        raise PostgresError(f"{home / 'pg'} apunta a {data.parent}, que ya no existe. Restáurelo o borre el enlace.")
    return Place(home, data, _sockets(home, data, account), account)


def _elsewhere(home: Path, account: Account) -> Path:
    for root in ELSEWHERE:
        if os.access(root, os.W_OK) and account.reaches(root):
            base = root / f"veta-{secrets.token_hex(6)}"
            base.mkdir(mode=0o700)
            (base / "HOME").write_text(f"{home}\n")
            account.own([base])
            return base
    raise PostgresError(
        f"El usuario {account.name}, que corre PostgreSQL, no puede llegar a {home}, y no hay dónde más poner los "
        "datos. Dé en VETA_HOME un directorio al que él llegue, o una base en DATABASE_URL."
    )


def _sockets(home: Path, data: Path, account: Account) -> Path:
    near = home / "run" / "pg" if data.parent == home else data.parent / "run"
    far = Path("/tmp") / f"veta-{account.uid}-{_digest(data)}"  # noqa: S108 - its owner and mode are checked below
    folder = near if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET else far
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.own([folder])
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise PostgresError(
            f"{folder} no es un directorio privado del usuario {account.name}. Bórrelo, o corra como su dueño."
        )
    return folder


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
