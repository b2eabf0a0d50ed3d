"""Which database and which role the settings give, the keys they make, and that reading them starts nothing."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from veta.config.database import database_settings

SOURCES = Path(__file__).parents[2] / "src"
EMBEDDED = "veta.config.embedded"
GIVEN = "veta.config.installed"

# DATABASE_URL, VETA_DB_ROLE → engine, name, host, user, options
CASES = [
    (None, None, EMBEDDED, "veta", None, "veta_app", "-c role=veta_app"),
    (None, "veta_owner", EMBEDDED, "veta", None, "veta_owner", "-c role=veta_owner"),
    ("postgresql://one:pass@db.example:6432/book", None, GIVEN, "book", "db.example", "one", "-c role=veta_app"),
    ("postgresql://one:p@db.example/book", "veta_owner", GIVEN, "book", "db.example", "one", "-c role=veta_owner"),
    ("postgresql://veta_app:p@db.example/", None, GIVEN, "veta", "db.example", "veta_app", "-c role=veta_app"),
    ("postgresql:///book?host=/run/pg&user=veta_app", None, GIVEN, "book", "/run/pg", "veta_app", "-c role=veta_app"),
    # Over a socket without password the role signs in itself, whichever of the two the address names.
    (
        "postgresql:///book?host=/run/pg&user=veta_app",
        "veta_owner",
        GIVEN,
        "book",
        "/run/pg",
        "veta_owner",
        "-c role=veta_owner",
    ),
    (
        "postgresql://one@db.example/book?options=-c%20jit%3Doff",
        None,
        GIVEN,
        "book",
        "db.example",
        "one",
        "-c jit=off -c role=veta_app",
    ),
]


@pytest.mark.parametrize(("url", "role", "engine", "name", "host", "user", "options"), CASES)
def test_the_database(monkeypatch, url, role, engine, name, host, user, options) -> None:
    for key, value in (("DATABASE_URL", url), ("VETA_DB_ROLE", role)):
        if value is None:
            monkeypatch.delenv(key, raising=False)
        else:
            monkeypatch.setenv(key, value)
    given = database_settings()
    assert (given["ENGINE"], given["NAME"], given.get("HOST"), given["USER"]) == (engine, name, host, user)
    assert given["OPTIONS"]["options"] == options


def test_a_user_of_both_roles_takes_the_role_that_is_asked_for(fresh_database, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database.dsn.replace("user=veta_app", "user=postgres"))
    for role in ("veta_app", "veta_owner"):
        monkeypatch.setenv("VETA_DB_ROLE", role)
        given = database_settings()
        with psycopg.connect(
            host=given["HOST"], user=given["USER"], dbname=given["NAME"], options=given["OPTIONS"]["options"]
        ) as connection:
            assert connection.execute("SELECT session_user, current_user").fetchone() == ("postgres", role)


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "VETA_DB_ROLE"}}
    environment |= {
        "VETA_HOME": str(home),
        "PYTHONPATH": str(SOURCES),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=home.parent, text=True, capture_output=True, check=False
    )


def test_reading_the_settings_starts_no_database(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "-c", "import django; django.setup()")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "home" / "pg").exists()


@pytest.mark.parametrize("verb", [["norms", "check"], ["db", "--help"], ["serve", "--help"]])
def test_verbs_that_need_no_database_start_none(tmp_path: Path, verb: list[str]) -> None:
    done = run(tmp_path / "home", "-m", "veta.cli.main", *verb)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "home" / "pg").exists()


def test_an_error_with_its_remedy_is_shown_without_a_traceback(tmp_path: Path, new_home, monkeypatch) -> None:
    monkeypatch.setenv("VETA_PG_BINDIR", str(tmp_path))
    done = run(new_home(), "-m", "veta.cli.main", "db", "start")
    assert done.returncode == 1
    assert "VETA_PG_BINDIR" in done.stderr
    assert "Traceback" not in done.stderr
