"""A new cluster: initdb, who may enter, and the settings for two cores under a high load of commits."""

import os
import shutil
import subprocess

from veta.config.postgres.account import Account
from veta.config.postgres.binaries import Binaries
from veta.config.postgres.errors import PostgresError
from veta.config.postgres.place import Place

SUPERUSER = "postgres"
OWNER = "veta_owner"
APP = "veta_app"
DATABASE = "veta"

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "superuser_reserved_connections": "5",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'2GB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "'4GB'",
    "min_wal_size": "'512MB'",
    "checkpoint_timeout": "'15min'",
    "checkpoint_completion_target": "0.9",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "logging_collector": "on",
    "log_directory": "'log'",
    "log_filename": "'postgresql-%a.log'",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "'1d'",
    "log_line_prefix": "'%m [%p] %u@%d '",
    "log_lock_waits": "on",
    "log_min_duration_statement": "'2s'",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

HBA = "# Only this machine, only by the operating system's word on who asks.\nlocal all all peer map=veta\n"


def major_of(place: Place) -> int | None:
    """The major version of the data directory; None where there is no cluster yet."""
    try:
        return int((place.data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None


def create(place: Place, binaries: Binaries) -> None:
    """Make the cluster: data directory 0700, checksums on, entry by peer authentication only.

    It is built beside its place and renamed when complete: an interrupted initdb leaves no half cluster.
    """
    half = place.data.with_name(f"{place.data.name}.part")
    if half.exists():
        shutil.rmtree(half)
    half.mkdir(mode=0o700)
    place.account.own([half])
    command = [
        str(binaries.directory / "initdb"),
        f"--pgdata={half}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        *(["--locale-provider=builtin"] if binaries.major >= 17 else []),
        "--auth=peer",
        "--data-checksums",
    ]
    done = subprocess.run(  # noqa: S603 - our own binary, fixed arguments
        command,
        check=False,
        env=environment(),
        cwd="/",
        umask=0o077,
        text=True,
        capture_output=True,
        **place.account.switch,
    )
    if done.returncode != 0:
        raise PostgresError(f"initdb no pudo crear {place.data}: {done.stderr.strip()[-800:]}")
    with (half / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'veta.conf'\n")
    _write(half / "veta.conf", "", place.account)
    half.rename(place.data)


def configure(place: Place) -> None:
    """Write our settings and who may enter; done at each start, so that a newer Veta's settings apply."""
    lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
    _write(place.data / "veta.conf", "\n".join(lines) + "\n", place.account)
    _write(place.data / "pg_hba.conf", HBA, place.account)
    users = sorted({"root", place.account.name})
    rows = [f'veta "{user}" {role}' for user in users for role in (SUPERUSER, OWNER, APP)]
    _write(place.data / "pg_ident.conf", "\n".join(rows) + "\n", place.account)


def environment() -> dict[str, str]:
    """What the server's programs inherit: nothing of the caller's PG* variables or secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _write(path: os.PathLike[str], text: str, account: Account) -> None:
    part = f"{os.fspath(path)}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if account.uid != os.geteuid():
            os.fchown(descriptor, account.uid, account.gid)
        file.write(text)
    os.replace(part, path)
