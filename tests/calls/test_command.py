"""`veta calls`: what each verb says, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import transaction
from typer.testing import CliRunner

from tests.calls.theatre import Theatre, bogota
from tests.conftest import FreshDatabase
from veta.calls.domain.refusals import CallRefused
from veta.calls.services.clock import call_now, set_clock
from veta.cli.main import app
from veta.kernel.clock import SystemClock

run = CliRunner()


@pytest.fixture(scope="module")
def entered(module_database: FreshDatabase) -> Theatre:
    with psycopg.connect(module_database.dsn, user="veta_owner") as owner:
        owner.execute("INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')")
    with transaction.atomic():
        made = Theatre.opened().at("2026-02-20 08:00:00")
        made.enter("Andina", "900500001")
        return made


@pytest.fixture
def theatre(entered: Theatre) -> Iterator[Theatre]:
    with transaction.atomic():
        yield Theatre(entered.call, entered.now, dict(entered.firms))
        transaction.set_rollback(True)


def said(*args: str, code: int = 0) -> str:
    done = run.invoke(app, ["calls", *args])
    assert done.exit_code == code, done.output
    return done.output


def test_the_verbs(theatre: Theatre, tmp_path: Path) -> None:
    assert "DEMO-OTTM-2026" in said("list")
    assert "1 Solicitante" in said("list")
    assert "Pruebas técnicas de los OTTM elegibles (Ronda 2)" in said("show", "demo-ottm-2026")
    assert json.loads(said("show", "DEMO-OTTM-2026", "--json"))["acts"][0]["kind"] == "invitation"
    assert "0 diferencias" in said("verify", "DEMO-OTTM-2026")
    out = tmp_path / "historia.json"
    said("export", "DEMO-OTTM-2026", "--out", str(out))
    assert json.loads(out.read_text())["events"][-1]["kind"] == "submitted"
    assert "No hay convocatoria" in said("show", "OTRA", code=1)
    archive = tmp_path / "historia.zip"
    said("export", "DEMO-OTTM-2026", "--out", str(archive))
    assert "0 diferencias" in said("check", str(archive))
    assert "no es una historia" in said("check", str(out), code=1)


def test_the_clock_of_a_simulation_and_its_turns(theatre: Theatre) -> None:
    theatre.register("Boreal", "900500002")
    assert said("clock", "--at", "2026-03-11 09:00").startswith("2026-03-11 09:00")
    assert "0 solicitudes sin presentar cerradas" in said("tick")
    assert said("clock", "--at", "2026-03-13 00:00").startswith("2026-03-13 00:00")
    assert "1 solicitudes sin presentar cerradas" in said("tick")
    assert theatre.of("Boreal").state == "no_presentada"
    assert "escríbala como" in said("clock", "--at", "mañana", code=2)


def test_a_history_that_was_changed_ends_in_1(theatre: Theatre, module_database: FreshDatabase) -> None:
    with psycopg.connect(module_database.dsn, user="postgres") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE calls_callevent SET by = 'otra' WHERE place = 3")
    assert "3: su contenido cambió" in said("verify", "DEMO-OTTM-2026", code=1)


def test_the_clock_is_moved_only_where_the_owner_said_that_it_is_a_simulation(fresh_database: FreshDatabase) -> None:
    assert abs(call_now() - SystemClock().now()) < timedelta(seconds=2)
    with pytest.raises(CallRefused) as refused:
        set_clock(bogota("2026-04-20 09:00:00"), by="consola")
    assert refused.value.code == "CAL-026"
    said = run.invoke(app, ["calls", "clock", "--at", "2026-03-13 00:00"])
    assert (said.exit_code, "su reloj no se cambia" in said.output) == (1, True)
    mark = "INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')"
    with psycopg.connect(fresh_database.dsn) as insider, pytest.raises(psycopg.errors.InsufficientPrivilege):
        insider.execute(mark)
    with psycopg.connect(fresh_database.dsn, user="veta_owner") as owner:
        owner.execute(mark)
    assert abs(set_clock(bogota("2026-04-20 09:00:00"), by="consola") - bogota("2026-04-20 09:00:00")) < timedelta(
        seconds=2
    )
    assert abs(set_clock(None, by="consola") - SystemClock().now()) < timedelta(seconds=2)
