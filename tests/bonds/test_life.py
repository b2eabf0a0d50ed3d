"""The life of a bond: each step in its turn, each warning at the day before, the day and the day after."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from typer.testing import CliRunner

from tests.bonds.titled import ACT, holder, title
from veta.bonds import queries
from veta.bonds.domain.life import COVERS, Event, Kind, Life, Policy, alerts, policy_findings, required_until
from veta.bonds.services import (
    BondRefused,
    decide,
    draw,
    needed_now,
    present,
    quote_of,
    read_policy,
    require,
    restore,
)
from veta.cli.bonds import app
from veta.kernel.ids import uuid7
from veta.kernel.period import Period
from veta.registry.domain import PlanLine
from veta.registry.services.plans import PlanRecord, record_plan

ANNUITY = Period(date(2025, 8, 1), date(2026, 7, 31))
POLICY = Policy(
    insurer="Aseguradora Demo SA", insurer_nit="900500018", number="POL-1", annex="0", policyholder=uuid7(),
    beneficiary="Agencia Nacional de Minería", covers=frozenset(COVERS), validity=ANNUITY, insured=100,
)  # fmt: skip
DAY = date(2025, 8, 1)


def life(*kinds: Kind, policy: Policy = POLICY, required: int = 100) -> Life:
    events = [
        Event(
            kind=kind, occurred_on=DAY, by="ana", value=required if kind in ("required", "drawn") else None,
            policy=policy if kind in ("presented", "restored") else None,
        )
        for kind in kinds
    ]  # fmt: skip
    return Life(ANNUITY, tuple(events))


@pytest.mark.parametrize(
    ("kinds", "state", "follows"),
    [
        ((), "", {"required"}),
        (("required",), "required", {"required", "presented"}),
        (("required", "presented"), "presented", {"required", "approved", "objected"}),
        (("required", "presented", "required"), "required", {"required", "presented"}),
        (("required", "presented", "objected"), "objected", {"required", "presented"}),
        (("required", "presented", "approved"), "approved", {"required", "presented", "drawn"}),
        (("required", "presented", "approved", "drawn"), "drawn", {"restored"}),
        (
            ("required", "presented", "approved", "drawn", "restored"),
            "presented",
            {"required", "approved", "objected"},
        ),
    ],
)
def test_each_step_in_its_turn(kinds: tuple[Kind, ...], state: str, follows: set[str]) -> None:
    found = life(*kinds)
    assert found.state == state
    every: tuple[Kind, ...] = ("required", "presented", "approved", "objected", "drawn", "restored")
    assert {kind for kind in every if found.admits(kind)} == follows


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"insured": 99}, ["BON-020"]),
        ({"insured": 101}, []),
        ({"validity": Period(date(2025, 8, 2), ANNUITY.end)}, ["BON-021"]),
        ({"validity": Period(date(2025, 7, 31), ANNUITY.end)}, []),
        ({"validity": Period(ANNUITY.start, date(2026, 7, 30))}, ["BON-021"]),
        ({"validity": Period(ANNUITY.start, date(2026, 8, 1))}, []),
        ({"covers": frozenset({"mineras"})}, ["BON-022"]),
    ],
)
def test_what_a_policy_lacks(changes: dict[str, Any], codes: list[str]) -> None:
    found = policy_findings(replace(POLICY, **changes), life("required"))
    assert [finding.code for finding in found] == codes


@pytest.mark.parametrize(
    ("on", "codes", "notice"),
    [
        (date(2026, 5, 31), [], None),
        (date(2026, 6, 1), ["BON-025"], "60"),
        (date(2026, 6, 30), ["BON-025"], "60"),
        (date(2026, 7, 1), ["BON-025"], "30"),
        (date(2026, 7, 31), ["BON-025"], "30"),
        (date(2026, 8, 1), [], None),
    ],
)
def test_expiring_in_60_and_30_days(on: date, codes: list[str], notice: str | None) -> None:
    found = list(alerts(life("required", "presented", "approved"), on=on))
    assert [finding.code for finding in found] == codes
    if notice:
        assert found[0].params["notice"] == notice


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2026, 6, 30), ["BON-025"]), (date(2026, 7, 1), ["BON-024"]), (ANNUITY.end, ["BON-024"]),
        (date(2026, 8, 1), []), (date(2030, 8, 1), []),
    ],
)  # fmt: skip
def test_a_policy_past_its_term_is_told_until_its_annuity_ends(on: date, codes: list[str]) -> None:
    short = replace(POLICY, validity=Period(ANNUITY.start, date(2026, 6, 30)))
    made = life("required", "presented", "approved", policy=short)
    assert [finding.code for finding in alerts(made, on=on)] == codes


@pytest.mark.parametrize(("needed", "codes"), [(99, []), (100, []), (101, ["BON-026"]), (None, [])])
def test_under_insured_since_a_price_or_plan_changed(needed: int | None, codes: list[str]) -> None:
    found = alerts(life("required", "presented", "approved"), on=DAY, needed=needed)
    assert [finding.code for finding in found] == codes


@pytest.mark.parametrize(
    ("kinds", "on", "codes"),
    [
        (("required",), date(2025, 7, 31), []),
        (("required",), date(2025, 8, 1), ["BON-023"]),
        (("required", "presented"), date(2025, 8, 1), ["BON-023"]),
        (("required", "presented", "approved", "drawn"), date(2025, 8, 1), ["BON-027"]),
    ],
)
def test_none_approved_and_drawn_without_restoring(kinds: tuple[Kind, ...], on: date, codes: list[str]) -> None:
    assert [finding.code for finding in alerts(life(*kinds), on=on)] == codes


def test_required_for_three_years_after_the_end_and_its_extensions() -> None:
    assert required_until(date(2030, 7, 31)) == date(2033, 7, 31)
    assert required_until(date(2030, 7, 31), extensions=[date(2040, 1, 1), date(2035, 1, 1)]) == date(2043, 1, 1)
    assert required_until(date(2028, 2, 29)) == date(2031, 2, 28)


@pytest.fixture
def owner(priced: None, db: None) -> UUID:
    actor = holder()
    # 10.000 t de carbón térmico al año, en kilogramos
    title(held_by=actor, volumes={"carbon_termico": 10_000_000})
    return actor


CASE = {"production": [{"mineral": "carbon_termico", "annual_volume": "10000", "unit": "t", "market": "interno"}]}
# 10.000 t × 215.000 (DEMO, tercer trimestre de 2025) × 10 %
NEEDED = 215_000_000


def bond(owner: UUID, *, insured: int = NEEDED) -> queries.BondEntry:
    entry = require("demo-001", starts_on=date(2025, 9, 15), by="ana", case=CASE)
    return present(entry.id, replace(POLICY, policyholder=owner, insured=insured), on=DAY, by="ana")


def test_from_required_to_drawn_and_restored(owner: UUID) -> None:
    entry = bond(owner, insured=NEEDED - 1)
    assert (entry.life.annuity, entry.life.required) == (ANNUITY, NEEDED)
    assert [finding.code for finding in entry.life.events[-1].findings] == ["BON-020"]
    entry = decide(entry.id, approved=False, act="Auto DEMO-1", reason="Valor corto", on=DAY, by="luis")
    entry = present(entry.id, replace(POLICY, policyholder=owner, annex="1", insured=NEEDED), on=DAY, by="ana")
    assert entry.life.events[-1].findings == ()
    with pytest.raises(BondRefused) as same:
        decide(entry.id, approved=True, act="Auto DEMO-2", on=DAY, by="ANA")
    assert same.value.code == "BON-036"
    entry = decide(entry.id, approved=True, act="Auto DEMO-2", on=DAY, by="luis")
    for pesos in (0, NEEDED + 1):
        with pytest.raises(BondRefused) as too_much:
            draw(entry.id, pesos=pesos, act="Resolución DEMO-3", on=DAY, by="luis")
        assert too_much.value.code == "BON-037"
    entry = draw(entry.id, pesos=NEEDED, act="Resolución DEMO-3", on=DAY, by="luis")
    assert "BON-027" in [finding.code for finding in alerts(entry.life, on=DAY)]
    with pytest.raises(BondRefused) as turn:
        present(entry.id, replace(POLICY, policyholder=owner), on=DAY, by="ana")
    assert turn.value.code == "BON-033"
    entry = restore(entry.id, replace(POLICY, policyholder=owner, annex="2", insured=NEEDED), on=DAY, by="ana")
    entry = decide(entry.id, approved=True, act="Auto DEMO-4", on=DAY, by="luis")
    assert entry.life.state == "approved"
    assert [e.kind for e in entry.life.events][-3:] == ["drawn", "restored", "approved"]


def test_without_an_act_or_a_reason_nothing_is_decided(owner: UUID) -> None:
    entry = bond(owner)
    for given in ({"approved": True, "act": " "}, {"approved": False, "act": "Auto 1", "reason": ""}):
        with pytest.raises(BondRefused) as refused:
            decide(entry.id, on=DAY, by="luis", **given)  # type: ignore[arg-type]
        assert refused.value.code == "BON-035"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"insurer_nit": "12"}, "insurer_nit"),
        ({"policyholder": uuid7()}, "policyholder"),
        ({"covers": frozenset({"incendio"})}, "covers"),
        ({"insured": 0}, "policy"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(owner: UUID, changes: dict[str, Any], field: str) -> None:
    entry = require("DEMO-001", starts_on=DAY, by="ana", case=CASE)
    with pytest.raises(BondRefused) as refused:
        present(entry.id, replace(POLICY, **{"policyholder": owner, **changes}), on=DAY, by="ana")
    assert refused.value.code == "BON-034"
    assert field in [finding.field for finding in refused.value.findings]


def test_a_changed_plan_asks_for_more_and_says_so(owner: UUID) -> None:
    entry = decide(bond(owner).id, approved=True, act="Auto DEMO-1", on=DAY, by="luis")
    assert needed_now(entry) is None  # dos mercados: el plan no dice a cuál va
    lines = (PlanLine("antracita", {"2025-08-01": 20_000_000}),)
    record_plan(
        PlanRecord(title_code="DEMO-001", kind="PTO", approved_on=DAY, lines=lines, valid_from=date(2015, 8, 1)), ACT
    )
    # 20.000 t × 333.000 × 10 %
    assert needed_now(entry) == 666_000_000
    assert "BON-026" in [f.code for f in alerts(entry.life, on=DAY, needed=needed_now(entry))]


def test_what_the_registry_does_not_hold_is_said_once_and_stays(owner: UUID) -> None:
    with pytest.raises(BondRefused) as untold:
        require("DEMO-001", starts_on=DAY, by="ana")
    assert untold.value.code == "BON-032"
    entry = require("DEMO-001", starts_on=DAY, by="ana", case={"market": "interno"})
    assert entry.life.required == needed_now(entry) == NEEDED
    # el de exportación: 10.000 t × 199.000 (DEMO) × 10 %
    assert require("DEMO-001", starts_on=DAY, by="ana", case={"market": "exportacion"}).life.required == 199_000_000
    title("DEMO-006", held_by=owner, stage="exploration")
    explored = require("DEMO-006", starts_on=DAY, by="ana", case={"investment_cop": "1000000"})
    assert needed_now(explored) == 50_000


def test_there_is_nothing_to_require_without_a_value_or_a_title(owner: UUID) -> None:
    with pytest.raises(BondRefused) as unpriced:
        require("DEMO-001", starts_on=date(2020, 9, 1), by="ana", case=CASE)
    assert unpriced.value.code == "BON-032"
    with pytest.raises(BondRefused) as unknown:
        require("DEMO-999", starts_on=DAY, by="ana")
    assert unknown.value.code == "BON-031"
    with pytest.raises(BondRefused) as nobody:
        require("DEMO-001", starts_on=DAY, by=" ", case=CASE)
    assert nobody.value.code == "BON-038"


def test_nothing_of_a_bond_is_rewritten(owner: UUID) -> None:
    bond(owner)
    for statement in (
        "UPDATE bonds_bondevent SET act = 'x'",
        "DELETE FROM bonds_bond",
        "TRUNCATE bonds_quotation CASCADE",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_title_fills_the_case(owner: UUID) -> None:
    found = quote_of({"title": " demo-001 ", "starts_on": "2025-08-01"})
    assert found.case.regime == "ley_685"
    assert found.case.base.production[0].mineral == "carbon_termico"
    assert found.case.from_plan.startswith("PTO aprobado por DEMO-ACTO-1")
    assert [f.code for f in found.findings] == ["PRI-002"]
    title("DEMO-002", held_by=owner, modality="Contrato en virtud de aporte", volumes={"antracita": 1000})
    assert [
        f.code for f in quote_of({"title": "DEMO-002", "starts_on": "2025-08-01", "regime": "ley_685"}).findings
    ] == ["BON-012"]
    title("DEMO-003", held_by=owner)
    assert [f.code for f in quote_of({"title": "DEMO-003", "starts_on": "2025-08-01"}).findings] == ["BON-003"]
    title("DEMO-004", held_by=owner, end_date=date(2025, 7, 31), volumes={"antracita": 1000})
    ended = quote_of({"title": "DEMO-004", "starts_on": (date(2025, 7, 31) + timedelta(days=1)).isoformat()})
    assert [f.code for f in ended.findings] == ["BON-011"]


def test_the_commands_of_a_bonds_life(owner: UUID, tmp_path: Path) -> None:
    title("DEMO-005", held_by=owner, volumes={"antracita": 1_000_000})
    policy = {
        "insurer": "Aseguradora Demo SA", "insurer_nit": "900500018", "number": "POL-9", "beneficiary": "ANM",
        "policyholder": {"type": "NIT", "number": "900500018"}, "covers": list(COVERS), "insured_cop": "33300000",
        "valid_from": "2025-08-01", "valid_to": "2026-07-31",
    }  # fmt: skip
    file = tmp_path / "poliza.json"
    file.write_text(json.dumps(policy), encoding="utf-8")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--on", "2025-08-01"])
        assert done.exit_code == 0, done.output + str(done.exception)
        return done.output

    # 1.000 t × 333.000 × 10 %
    assert "exigido 33300000 COP" in run("life", "require", "DEMO-005", "--as", "ana")
    assert "presentada" in run("life", "present", "DEMO-005", "--file", str(file), "--as", "ana")
    assert "aprobada" in run("life", "decide", "DEMO-005", "--act", "Auto DEMO-7", "--as", "luis")
    assert "DEMO-005" in run("life", "list")
    assert "efectiva" in run("life", "draw", "DEMO-005", "--act", "Resolución 1", "--pesos", "5", "--as", "luis")
    assert "presentada" in run("life", "restore", "DEMO-005", "--file", str(file), "--as", "ana")
    with pytest.raises(BondRefused) as bad:
        read_policy(policy | {"insured_cop": "1.5", "valid_to": "2025-07-31", "covers": "todo"})
    assert {f.field for f in bad.value.findings} == {"policy.valid_to", "policy.insured_cop"}
