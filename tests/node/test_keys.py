"""The keys of a node's database: what was written before digests were keyed is converted, and a lost key is refused."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from tests.conftest import ROOT, _point_to
from tests.node.conftest import NOW, House, purchase
from tests.node.test_sealed import CSV, DIGESTED, copied, holding
from veta.cli.node import app as node_command
from veta.config.node_environment import NODE_SETTINGS
from veta.config.postgres.cluster import OWNER
from veta.config.serve.child import be_ready
from veta.node.connect import SANDBOX
from veta.node.doctor import examine
from veta.node.models import BusinessRecord, Device, Sheet, SignedRequest
from veta.node.queries.chains import breaks_of
from veta.node.queries.mending import chain_of
from veta.node.services import requests, sheets
from veta.node.services.capture import Given, capture
from veta.node.services.identities import PURPOSES
from veta.node.transport import Prepared
from veta.storage.keys import KeyRefused, key_of

KEYING: Any = import_module("veta.node.migrations.0014_keyed_digests")
BODY, SIGNED = b'{"movements":[]}', b"s" * 64
BEFORE = (
    "ALTER TABLE node_businessrecord DROP COLUMN previous, DROP COLUMN link, DROP COLUMN follows,"
    " ADD COLUMN previous varchar(64), ADD COLUMN digest varchar(64)",
    "ALTER TABLE node_device DROP COLUMN last_digest, ADD COLUMN last_digest varchar(64) NOT NULL DEFAULT ''",
    "ALTER TABLE node_signedrequest DROP COLUMN body_digest",
    *(f"DROP TRIGGER append_only ON {table}" for table in KEYING.FROZEN),
)


@pytest.fixture
def of_before(committed: House) -> list[BusinessRecord]:
    """Three records, a workbook and a signed request, their digests as a database of before held them."""
    gold = committed.clients["gold"]
    made = capture(gold, [Given(purchase()) for _ in range(3)], now=NOW)
    sheets.upload(gold, "subsistence_purchase", "hoja.csv", CSV.encode(), by=committed.desk)
    headers = {"Content-Digest": field(hashlib.sha256(BODY).digest()), "Signature": field(SIGNED)}
    requests.keep(Prepared("POST", "http://127.0.0.1/api/v1/movements", headers, BODY))
    _point_to(str(connection.settings_dict["NAME"]), OWNER)
    with connection.cursor() as cursor:
        for statement in BEFORE:
            cursor.execute(statement)
        for record in made:
            cursor.execute(
                "UPDATE node_businessrecord SET previous = %s, digest = %s WHERE id = %s",
                [record.previous, record.digest, record.pk],
            )
        cursor.execute("UPDATE node_device SET last_digest = %s", [made[-1].digest])
        cursor.execute("UPDATE node_sheet SET digest = %s", [hashlib.sha256(CSV.encode()).hexdigest()])
        digest = hashlib.sha256(BODY).digest()
        cursor.execute("UPDATE node_signedrequest SET digest = %s, signature = %s", [digest, SIGNED])
    return made


def field(value: bytes) -> str:
    return f"x=:{base64.b64encode(value).decode()}:"


def plain(made: list[BusinessRecord]) -> list[bytes]:
    """Every digest that stood in clear."""
    of_records = [bytes.fromhex(each.digest) for each in made]
    return [*of_records, hashlib.sha256(CSV.encode()).digest(), hashlib.sha256(BODY).digest(), SIGNED]


def test_digests_that_stood_in_clear_are_keyed_by_the_migration(
    of_before: list[BusinessRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches; the chain holds, and goes on; what is compared is found."""
    monkeypatch.setattr(KEYING, "AT_ONCE", 2)
    assert holding(plain(of_before)) == DIGESTED
    with connection.schema_editor() as editor:
        KEYING.convert(None, editor)
    assert holding(plain(of_before), copied()) == set()
    client = of_before[0].client
    capture(client, [Given(purchase())], now=NOW)
    kept = list(BusinessRecord.objects.order_by("sequence"))
    assert [(each.previous, each.digest) for each in kept[:3]] == [(each.previous, each.digest) for each in of_before]
    assert (kept[3].previous, Device.objects.get().last_digest) == (kept[2].digest, kept[3].digest)
    assert ([chain_of(each).whole for each in kept], breaks_of(client.pk)) == ([True] * 4, [])
    (asked,) = SignedRequest.objects.all()
    assert (bytes(asked.body_digest), bytes(asked.signature)) == (hashlib.sha256(BODY).digest(), SIGNED)
    again = sheets.upload(client, "subsistence_purchase", "otra.csv", CSV.encode(), by=Sheet.objects.get().uploaded_by)
    assert len({each.digest for each in Sheet.objects.all()} | {again.digest}) == 1


def test_the_migration_is_refused_without_the_keys_of_the_database(
    of_before: list[BusinessRecord], settings: Any, tmp_path: Path
) -> None:
    """And makes none in their place; nothing is converted."""
    settings.VETA_HOME = tmp_path
    with pytest.raises(KeyRefused) as refused, connection.schema_editor() as editor:
        KEYING.convert(None, editor)
    said = refused.value.message
    assert all(word in said for word in ("Falta la clave", "identity.key", "lookup.key", "Restáurela")), said
    assert (holding(plain(of_before)), list(tmp_path.iterdir())) == (DIGESTED, [])


@pytest.fixture
def lost(committed: House, settings: Any, tmp_path: Path) -> Path:
    """A node with a record, and its home as a machine that was made anew has it: without the keys."""
    capture(committed.clients["gold"], [Given(purchase())], now=NOW)
    settings.VETA_HOME = settings.NODE_HOME = tmp_path / "home"
    settings.NODE_HUB_URL, settings.NODE_OPERATOR = SANDBOX, "DEMO-OTTM-1"
    return tmp_path / "home"


def test_nothing_of_a_node_begins_without_the_keys_of_its_database(
    lost: Path, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the worker, the sender or a verb, and the doctor says why; nor is another key made, or taken for its own."""
    for name, value in (("DJANGO_SETTINGS_MODULE", NODE_SETTINGS), ("VETA_DB_ROLE", "veta_app")):
        monkeypatch.setenv(name, value)
    for said in ("Falta la clave con que se escribió", "Las claves identity, lookup no son las de esta base de datos"):
        with pytest.raises(SystemExit):
            be_ready()
        assert said in capsys.readouterr().err
        tried = CliRunner().invoke(node_command, ["reconcile"])
        assert isinstance(tried.exception, KeyRefused)
        (found,) = [each for each in examine() if each.what == "Claves de la base de datos"]
        assert (found.good, said in found.said) == (False, True)
        assert not (lost / "keys").exists() or said.startswith("Las claves")
        for purpose in PURPOSES:
            key_of(purpose)


def test_a_node_is_not_served_without_the_keys_of_its_database(lost: Path, fresh_database: Any) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": fresh_database.dsn, "VETA_NODE_HOME": str(lost), "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    }  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "node", "--port", "0"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "Falta la clave" in done.stderr, "Traceback" in done.stderr) == (1, True, False), done
    assert not {f"{purpose}.key" for purpose in PURPOSES} & {file.name for file in (lost / "keys").iterdir()}
