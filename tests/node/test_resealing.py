"""The key that a node seals with is changed: all is sealed again, a batch at a time, whatever cuts it short."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from typer.testing import CliRunner

from tests.assurance.running import wait
from tests.conftest import ROOT, _point_to
from tests.node.conftest import NOW, House, purchase
from tests.node.test_sealed import HOLDING, NAME, holding, use
from veta.cli.node import app as node_command
from veta.config.node_environment import NODE_SETTINGS
from veta.config.postgres.cluster import APP, OWNER
from veta.node.models import BusinessRecord, Client, Device
from veta.node.queries.mending import chain_of
from veta.node.services import identities, resealing
from veta.node.services.capture import Given, capture
from veta.node.services.resealing import NodeOpen, reseal, sealed, total
from veta.storage import key_change
from veta.storage.connection import plain_connection
from veta.storage.keys import KeyRefused, forget_keys, key_of
from veta.storage.sealing import unseal_under

KILLED = """
import os, signal
from veta.cli.environment import open_django
open_django(owner=True)
from veta.node.services import resealing
write = resealing._write
def once(model, *given):
    write(model, *given)
    if model.__name__ == "BusinessRecord":
        os.kill(os.getpid(), signal.SIGKILL)
resealing.AT_ONCE, resealing._write = 1, once
resealing.reseal(told=lambda rows: None)
"""


@pytest.fixture
def home(committed: House, fresh_database: Any, settings: Any, tmp_path: Path, monkeypatch: Any) -> Path:
    """A node with a row of all that is sealed, its keys in files of its own; this process is the owner, alone."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for purpose in identities.PURPOSES:
        (folder / f"{purpose}.key").write_bytes(base64.urlsafe_b64encode(key_of(purpose)))
    settings.VETA_HOME = tmp_path
    use(committed)
    for name, value in (("DJANGO_SETTINGS_MODULE", NODE_SETTINGS), ("VETA_DB_ROLE", OWNER)):
        monkeypatch.setenv(name, value)
    _point_to(fresh_database.name, OWNER)
    return tmp_path


def under(key: bytes) -> set[str]:
    """The tables of which something opens with a key."""
    found = set()
    for model, fields in sealed():
        names = {*fields[0].row, *(each.attname for each in fields)}
        for row in model._default_manager.values(*names):
            at = ":".join(str(row[name]) for name in fields[0].row)
            for each in fields:
                place = {"table": model._meta.db_table, "column": each.column, "row": at}
                if row[each.attname] is not None and opens(key, row[each.attname], place):
                    found.add(model._meta.db_table)
    return found


def opens(key: bytes, value: bytes, place: dict[str, str]) -> bool:
    try:
        unseal_under(key, value, **place)
    except KeyRefused:
        return False
    return True


def key_in(path: Path) -> bytes:
    return base64.urlsafe_b64decode(path.read_bytes())


def alone() -> bool:
    """Whether the killed one's connection is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type ="
            " 'client backend' AND pid <> pg_backend_pid()"
        )
        return not cursor.fetchone()[0]


def test_killed_outright_it_is_ended_by_the_next_and_the_old_key_may_go(home: Path, fresh_database: Any) -> None:
    old = key_in(home / "keys" / "identity.key")
    connections.close_all()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {"DATABASE_URL": fresh_database.dsn, "VETA_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=env, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    new = key_in(home / "keys" / "identity.next.key")
    assert under(old) & under(new) == {"node_businessrecord"}, "cut in the middle of a table"
    for begun in (identities.require_known_keys, identities.require_same_keys):
        with pytest.raises(KeyRefused, match="a medias"):
            begun()
    assert wait(alone, seconds=60)
    done = CliRunner().invoke(node_command, ["keys", "rotate"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert (under(old), under(new) >= HOLDING) == (set(), True)
    (kept_old,) = (home / "keys").glob("identity.old-*.key")
    assert (key_in(kept_old), key_in(home / "keys" / "identity.key")) == (old, new)
    assert str(kept_old) in done.output.replace("\n", "")
    kept_old.unlink()
    assert {each.name for each in (home / "keys").glob("*.key")} == {"identity.key", "lookup.key"}
    _point_to(fresh_database.name, APP)
    client = next(each for each in Client.objects.all() if each.name == NAME)
    capture(client, [Given(purchase())], now=NOW)
    records = BusinessRecord.objects.filter(client=client)
    assert [chain_of(each).whole for each in records] == [True] * 3
    assert Device.objects.get(client=client).last_digest == records.get(sequence=3).digest
    assert holding() == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled <> 'O'")
        assert cursor.fetchone() == (0,), "what is never changed is never changed again"


def test_cut_anywhere_else_it_is_ended_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between what is done to files and what the database is told: one change, cut at each of them, and ended."""
    old = key_of("identity")
    for place, name in ((resealing, "_batches"), (key_change.os, "replace"), (key_change, "_flush")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, cut)
            with pytest.raises(OSError, match="cut"):
                reseal(told=lambda rows: None)
        with pytest.raises(KeyRefused, match="a medias"):
            identities.require_known_keys()
    counted: list[int] = []
    kept = reseal(told=counted.append)
    identities.require_known_keys()
    assert (key_in(kept), key_of("identity") != old, sum(counted)) == (old, True, total())
    assert (under(old), len(list((home / "keys").glob("*.key")))) == (set(), 3)


def cut(*_: Any, **__: Any) -> None:
    raise OSError("cut")


def test_it_is_refused_while_the_node_is_open_and_where_there_is_no_file_to_change(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, key = key_of("identity"), home / "keys" / "identity.key"
    with plain_connection(autocommit=True), pytest.raises(NodeOpen, match="abierto"):
        reseal(told=lambda rows: None)
    assert wait(alone, seconds=60)
    with monkeypatch.context() as patch:
        patch.setenv("VETA_IDENTITY_KEY", base64.urlsafe_b64encode(old).decode())
        with pytest.raises(KeyRefused, match="VETA_IDENTITY_KEY"):
            reseal(told=lambda rows: None)
    key.rename(home / "away")
    forget_keys()
    with pytest.raises(KeyRefused, match="Falta la clave"):
        reseal(told=lambda rows: None)
    assert {each.name for each in key.parent.iterdir()} == {"lookup.key"}
    (home / "away").rename(key)
    identities.require_known_keys()
    assert under(old) >= HOLDING
