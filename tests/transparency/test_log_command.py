"""`veta log`, as its user runs it: verify by URL and by database, rotate a key, make the files anew."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import psycopg
import pytest
from django.conf import settings
from typer.testing import CliRunner

from tests.movements.world import World
from tests.transparency.logs import publish
from veta.cli.log import app
from veta.config.postgres.cluster import SUPERUSER

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A published log, the world that wrote it, and where it is served."""

    dsn: str
    world: World
    folder: Path
    url: str

    def veta(self, *arguments: str, code: int = 0) -> str:
        """Run a verb here, on this process's connection and keys."""
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == code, (done.output, done.exception)
        return done.stdout

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb as its user does."""
        # The home whose keys this process wrote with, whatever the environment says by now.
        environment = {**os.environ, "DATABASE_URL": self.dsn, "PYTHONPATH": str(ROOT / "src"),
                       "VETA_LOG_DIR": str(self.folder), "VETA_HOME": str(settings.VETA_HOME)}  # fmt: skip
        command = [sys.executable, "-m", "veta.cli.main", "log", *arguments]
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60, check=False)

    def publish(self) -> None:
        publish(self.dsn, self.folder, self.world)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def running(fresh_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    from veta.config.wsgi import application

    monkeypatch.setenv("VETA_LOG_DIR", str(tmp_path / "log"))
    world = World().build()
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        made = Running(fresh_database.dsn, world, tmp_path / "log", f"http://127.0.0.1:{server.server_port}")
        world.send(*(world.production("0.500") for _ in range(300)))
        made.publish()
        monkeypatch.setenv("VETA_LOG_DIR", str(tmp_path / "log"))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def test_by_database_and_by_url_with_a_receipt_and_what_was_seen_before(running: Running, tmp_path: Path) -> None:
    said = running.veta("verify", "--database")
    assert "El registro es íntegro" in said
    assert "bien  veredictos: 300 revisados, 0 con falla" in said
    result = running.world.send(running.world.production("1.000"))[0]
    running.publish()
    kept = tmp_path / "receipt.json"
    kept.write_text(json.dumps(result))
    (key,) = running.veta("keys").split()
    seen = ("--state", str(tmp_path / "seen"))
    said = running.veta("verify", "--url", running.url, "--key", key, "--receipt", str(kept), *seen)
    assert "bien  recibos: 1 revisados" in said
    assert "Sin una política de testigos" in said
    running.world.send(running.world.production("1.000"))
    running.publish()
    assert "bien  pruebas: 1 revisados" in running.veta("verify", "--url", running.url, "--key", key, *seen)
    # Another log at the same address: neither its key nor its past.
    other = "x.example/log+6d8b2c2a+AQ=="
    assert running.veta("verify", "--url", running.url, "--key", other, code=1)
    result["receipt"]["leaf"] = "00" * 32
    kept.write_text(json.dumps(result))
    said = running.veta("verify", "--url", running.url, "--receipt", str(kept), code=1)
    assert "no lo firma la plataforma" in said
    assert "su hoja no está en el registro" in said


def test_one_row_altered_by_sql_is_named_and_ends_with_1(running: Running) -> None:
    with psycopg.connect(running.dsn, user=SUPERUSER, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        row = admin.execute("SELECT movement FROM ledger_entry LIMIT 1").fetchone()
        assert row is not None
        admin.execute("UPDATE ledger_entry SET amount = amount + 1 WHERE movement = %s", row)
    done = running.process("verify", "--database")
    assert done.returncode == 1, done.stderr
    assert f"movimiento {row[0]} (grupo" in done.stdout
    assert "1 fallas." in done.stdout


def test_a_log_that_forgets_what_it_showed_is_caught_from_outside(running: Running, tmp_path: Path) -> None:
    """Yesterday's backup, restored with its tiles and grown in another way: the state of the last visit proves it."""
    (key,) = running.veta("keys").split()
    seen = ("--state", str(tmp_path / "seen"))
    running.veta("verify", "--url", running.url, "--key", key, *seen)
    note = (tmp_path / "seen").read_text().split("\n")
    (tmp_path / "seen").write_text("\n".join([note[0], str(int(note[1]) + 5), *note[2:]]))
    said = running.veta("verify", "--url", running.url, "--key", key, *seen, code=1)
    assert "el árbol visto antes no es el comienzo del de hoy" in said


def test_files_are_made_anew_byte_for_byte(running: Running) -> None:
    def files() -> dict[str, bytes]:
        return {path.relative_to(running.folder).as_posix(): path.read_bytes()
                for path in running.folder.rglob("*") if path.is_file()}  # fmt: skip

    before = files()
    shutil.rmtree(running.folder)
    assert "faltan" not in running.veta("rebuild")
    after = files()
    assert after == {place: data for place, data in before.items() if place in after}
    assert {"tile/0/000", "tile/entries/000", "checkpoint"} <= after.keys()
    running.veta("verify", "--database")


def test_a_new_key_signs_beside_the_old_until_that_is_retired(running: Running) -> None:
    (old,) = running.veta("keys").split()
    new = running.veta("rotate").strip()
    running.world.send(running.world.production("1.000"))
    running.publish()
    note = (running.folder / "checkpoint").read_text()
    assert note.count("— ") == 2
    for key in (old, new):
        running.veta("verify", "--url", running.url, "--key", key)
    running.veta("retire", old)
    assert running.veta("keys").splitlines() == [f"{old} (retirada)", new]
    running.world.send(running.world.production("1.000"))
    running.publish()
    assert (running.folder / "checkpoint").read_text().count("— ") == 1
    running.veta("verify", "--url", running.url, "--key", old, code=1)
    running.veta("verify", "--url", running.url, "--key", new)
    running.veta("verify", "--database")
    refused = running.process("retire", new)
    assert (refused.returncode, "es la única que queda" in refused.stderr) == (1, True)
