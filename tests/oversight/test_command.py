"""`veta oversight`: a validation from the console, by two persons where two are asked."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from tests.bonds.titled import holder, title
from veta.cli.main import app
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.oversight.queries import cases, plan_history

pytestmark = pytest.mark.django_db


def run(*words: str, ends: int = 0) -> str:
    done = CliRunner().invoke(app, ["oversight", *words])
    assert done.exit_code == ends, done.output
    return done.output


@pytest.fixture(autouse=True)
def titles(priced: None, db: None) -> None:
    owner = holder()
    title(held_by=owner, volumes={"carbon": 1_000_000}, years=tuple(range(2024, 2036)))
    title("DEMO-002", held_by=owner, scale="gran_mineria", scale_act="Acto DEMO")


def test_a_requirement_from_the_console() -> None:
    assert "abierto" in run("open", "demo-001", "--reason", "El plan no dice el tipo", "--as", "ana")
    [case] = cases()
    today = bogota_date(SystemClock().now())
    given = ("--reason", "Precise", "--act", "Auto DEMO-9", "--as", "ana")
    run("require", case.code, *given, "--from", str(today - timedelta(days=1)), ends=1)
    assert "por aprobar" in run("require", case.code, *given, "--from", str(today))
    assert "otra persona" in run("settle", case.code, "--as", "ana", ends=1)
    assert "con resultado: requerimiento" in run("settle", case.code, "--as", "luis")
    assert plan_history("DEMO-001")[0].heading_required_from == today
    assert case.code in run("list", "--title", "demo-001")
    run("settle", "AAAAA-AAAAA", "--as", "luis", ends=1)


def test_an_outcome_and_what_the_records_say() -> None:
    run("open", "DEMO-001", "--reason", "x", "--as", "ana")
    [case] = cases()
    given = ("--reason", "Precise el tipo", "--as", "luis")
    assert "use clear" in run("decide", case.code, "--outcome", "requirement", *given, ends=2)
    assert "actualizar el plan" in run("decide", case.code, "--outcome", "update", *given)
    shown = json.loads(run("show", "demo-001"))
    assert (shown["headings"], shown["quote"], shown["bond"]) == (["carbon"], "indicative", None)
    assert [finding["code"] for finding in shown["year"]["findings"]] == ["COH-007"]
    assert "Señores" in run("show", "DEMO-001", "--petition")
    run("show", "DEMO-999", ends=1)


def test_who_is_bound_and_linked_to_nobody() -> None:
    assert "DEMO-002" in run("unlinked", "--on", "2026-11-01")
    assert "DEMO-002" not in run("unlinked", "--on", "2026-10-31")
