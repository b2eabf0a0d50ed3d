"""A server starts in any home, for any user, without opening anything."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from veta.config.postgres import ensure_running, is_running, processes, stop
from veta.config.postgres.account import Account, server_account
from veta.config.postgres.binaries import find_binaries
from veta.config.postgres.server import find_place

from .conftest import SOURCES, as_superuser, discard

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a process as another user")
NOBODY = pwd.getpwnam("nobody")


def modes_of(path: Path) -> list[int]:
    return [parent.stat().st_mode for parent in path.parents]


def test_the_data_is_private_and_the_parents_keep_their_modes(home: Path) -> None:
    before = modes_of(home)
    dsn = ensure_running(home)
    place = find_place(home)
    assert modes_of(home) == before
    assert [path.stat().st_mode & 0o777 for path in (place.data, place.sockets)] == [0o700, 0o700]
    with as_superuser(dsn) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in SAFE}
    assert shown == SAFE


SAFE = {
    "listen_addresses": "",
    "data_checksums": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "unix_socket_permissions": "0700",
    "server_encoding": "UTF8",
    "timezone": "UTC",
}


@root_only
def test_root_starts_it_as_an_unprivileged_user(running: tuple[Path, str]) -> None:
    place = find_place(running[0])
    pid = processes.postmaster(place.data)
    assert Path("/proc", str(pid)).stat().st_uid == place.data.stat().st_uid == place.account.uid != 0


@root_only
def test_another_user_starts_it_as_himself(home: Path, starter: Callable[..., subprocess.Popen[str]]) -> None:
    nobody = Account("nobody", NOBODY.pw_uid, NOBODY.pw_gid)
    version = f"python3.{sys.version_info.minor}"
    pythons = [sys.executable, f"/usr/local/bin/{version}", f"/usr/bin/{version}"]
    python = next((path for path in pythons if Path(path).exists() and nobody.reaches(Path(path))), None)
    if python is None or not all(nobody.reaches(path) for path in (SOURCES, Path(psycopg.__file__))):
        pytest.skip("nobody cannot reach the interpreter, the sources or the environment")
    home.mkdir()
    os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
    out, err = starter(home, python=python, user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[]).communicate(
        timeout=60
    )
    assert out.startswith("postgresql:///veta?"), err
    assert (home / "pg").stat().st_uid == NOBODY.pw_uid
    # Root takes over the server of the data's owner instead of starting one of its own.
    assert find_place(home).account.name == "nobody"
    assert is_running(home)


def test_it_outlives_its_starter_and_stops_when_told(home: Path, starter: Callable[..., subprocess.Popen[str]]) -> None:
    out, err = starter(home).communicate(timeout=60)
    with psycopg.connect(out.strip()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("veta_app",), err
    assert stop(home)
    assert not is_running(home)
    assert not stop(home)


def test_starters_at_once_get_one_server(home: Path, starter: Callable[..., subprocess.Popen[str]]) -> None:
    ended = [child.communicate(timeout=120) for child in [starter(home) for _ in range(4)]]
    assert len({out for out, _ in ended}) == 1, ended
    assert "Creando" in "".join(err for _, err in ended)
    assert sum("Creando" in err for _, err in ended) == 1
    with as_superuser(ended[0][0].strip()) as connection:
        assert connection.execute("SELECT count(*) FROM pg_database WHERE datname = 'veta'").fetchone() == (1,)


@pytest.mark.parametrize("length", [90, 140])
def test_a_long_path_still_has_a_socket(home: Path, length: int) -> None:
    deep = home / ("d" * length)
    dsn = ensure_running(deep)
    try:
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert len(str(find_place(deep).sockets)) < 90
    finally:
        discard(deep)


@root_only
def test_a_home_that_the_server_cannot_reach_keeps_its_data_elsewhere(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    home = shut / "home"
    try:
        with psycopg.connect(ensure_running(home)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        place = find_place(home)
        assert shut.stat().st_mode & 0o777 == 0o700
        assert (home / "pg").is_symlink()
        assert place.base.parent in {Path("/var/lib"), Path("/var/tmp")}
        assert place.base.stat().st_mode & 0o777 == 0o700
        assert (place.base / "HOME").read_text() == f"{home}\n"
    finally:
        discard(home)


@root_only
def test_binaries_that_the_server_cannot_reach_are_copied(tmp_path: Path, home: Path, monkeypatch) -> None:
    account = server_account(home)
    found = find_binaries(account=account, copies=tmp_path)
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    package = found.directory.parents[1]
    shutil.copytree(package / "pginstall", shut / package.name / "pginstall")
    shutil.copytree(f"{package}.libs", shut / f"{package.name}.libs")
    unreachable = shut / package.name / "pginstall" / "bin"
    monkeypatch.setenv("VETA_PG_BINDIR", str(unreachable))
    assert not account.reaches(unreachable / "postgres")
    with psycopg.connect(ensure_running(home)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert shut.stat().st_mode & 0o777 == 0o700


def test_a_directory_without_binaries_is_refused_with_its_remedy(home: Path, tmp_path: Path, monkeypatch) -> None:
    from veta.config.postgres import PostgresError

    monkeypatch.setenv("VETA_PG_BINDIR", str(tmp_path))
    with pytest.raises(PostgresError, match="VETA_PG_BINDIR"):
        ensure_running(home)


def test_somebody_elses_socket_directory_is_refused(home: Path) -> None:
    from veta.config.postgres import PostgresError

    (home / "run" / "pg").mkdir(parents=True)
    (home / "run" / "pg").chmod(0o777)
    with pytest.raises(PostgresError, match="no es un directorio privado"):
        ensure_running(home)
    (home / "run" / "pg").rmdir()
