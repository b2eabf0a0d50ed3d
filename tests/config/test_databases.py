"""The suite's own fixtures do what the other tests trust them to do."""

import subprocess
import sys

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_db_is_rolled_back(turn: int) -> None:
    assert not Group.objects.exists()
    Group.objects.create(name=f"turn {turn}")


@pytest.mark.parametrize("turn", [1, 2])
def test_fresh_database_commits_and_is_new_each_time(fresh_database, turn: int) -> None:
    assert not Group.objects.exists()
    Group.objects.create(name=f"turn {turn}")
    with psycopg.connect(fresh_database.dsn) as other:
        assert other.execute("SELECT name FROM auth_group").fetchall() == [(f"turn {turn}",)]


def test_fresh_database_serves_a_subprocess(fresh_database) -> None:
    code = (
        "import django; django.setup(); from django.contrib.auth.models import Group;"
        "from django.db import connection as c; Group.objects.create(name='child');"
        "print(c.cursor().execute('SELECT current_user, current_database()').fetchone())"
    )
    env = {
        "PYTHONPATH": ":".join(sys.path),
        "DATABASE_URL": fresh_database.dsn,
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
        "VETA_SECRET_KEY": "of this test",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, text=True, capture_output=True, check=False)
    assert done.stdout.strip() == str(("veta_app", fresh_database.name)), done.stderr
    assert Group.objects.get().name == "child"


def test_fresh_database_leaves_the_connection_where_it_was() -> None:
    assert connection.settings_dict["NAME"] in {"veta", f"test_{__import__('os').getpid()}_shared"}
