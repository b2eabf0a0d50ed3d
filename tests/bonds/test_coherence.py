"""A title's year side by side: each difference is a finding with its amount, just below, at and above the limit."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from tests.bonds.test_life import POLICY
from tests.bonds.titled import holder, title
from tests.ledger.book import Book
from veta.bonds.domain.coherence import Year, compare
from veta.bonds.services import coherence_of, decide, present, quote_of, require
from veta.cli.bonds import app
from veta.kernel.period import Period
from veta.prices.services import load_demo
from veta.royalties.services import declare, save_draft

PERIOD = Period(date(2025, 8, 1), date(2026, 7, 31))
YEAR = Year(
    title="DEMO-001", period=PERIOD, plan={"antracita": 1000}, declared={"antracita": 900}, moved={"antracita": 900},
    bond_base={"antracita": 1000}, insured=50, needed=50,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"declared": {"antracita": 1000}, "moved": {"antracita": 1000}}, []),
        ({"declared": {"antracita": 1001}, "moved": {"antracita": 1001}}, ["COH-002", "COH-003"]),
        ({"declared": {"antracita": 899}}, ["COH-004"]),
        ({"declared": {"antracita": 901}}, ["COH-004"]),
        ({"moved": {"antracita": 900, "carbon_termico": 5}}, ["COH-001", "COH-004"]),
        ({"declared": None}, []),
        ({"moved": None, "plan": None}, []),
        ({"certified": {"antracita": 900}}, []),
        ({"certified": {"antracita": 901}}, ["COH-005"]),
        ({"bond_base": {"antracita": 999}}, ["COH-006"]),
        ({"bond_base": None}, []),
        ({"insured": None}, ["COH-007"]),
        ({"insured": 49}, ["COH-008"]),
        ({"insured": 51}, []),
        ({"needed": None}, []),
    ],
)
def test_each_difference_is_a_finding(changes: dict[str, Any], codes: list[str]) -> None:
    found = compare(replace(YEAR, **changes))
    assert [finding.code for finding in found.findings] == codes
    assert all(finding.params for finding in found.findings)


def test_a_heading_is_compared_with_the_sum_of_its_types() -> None:
    plan = {"carbon": 1_000_000}
    kinds = {"carbon_termico": 600_000, "antracita": 400_000}
    year = replace(YEAR, plan=plan, declared=kinds, moved=kinds, bond_base=None)
    assert compare(year).findings == ()
    over = kinds | {"antracita": 401_000}
    found = compare(replace(year, declared=over, moved=over)).findings
    assert [(f.code, f.params["amount"]) for f in found] == [("COH-002", "1.000"), ("COH-003", "1.000")]


def test_the_amount_goes_with_its_unit() -> None:
    [found] = compare(replace(YEAR, declared={"antracita": 1400})).findings[1:]
    assert found.params["amount"] == "0.500"
    assert "0,500 t" in found.message


def test_gathered_from_every_record(fresh_database: Any) -> None:
    load_demo()
    owner = holder()
    title(held_by=owner, volumes={"antracita": 10_000_000})
    with psycopg.connect(fresh_database.dsn, autocommit=True) as app_connection:
        Book(app_connection).produce(3_000_000, code="DEMO-001", mineral="antracita")
    draft = save_draft(
        {
            "quarter": "2026-T2", "title": "DEMO-001", "contract_date": "2015-08-01",
            "lines": [{"mineral": "antracita", "quantity": "2500", "unit": "t", "holder_year_tonnes": "10000"}],
        },
        by="ana",
    )  # fmt: skip
    declare(draft.id, signer=owner, by="ana")
    on = date(2026, 6, 1)
    # lo declarado antes entra en el caso del título: el plan lo nombra, así que nada se dice
    assert [f.code for f in quote_of({"title": "DEMO-001", "starts_on": "2026-08-01"}).findings] == ["PRI-010"]
    assert quote_of({"title": "DEMO-001", "starts_on": "2026-08-01"}).case.declared == {"antracita"}
    before = coherence_of("DEMO-001", on=on)
    assert [f.code for f in before.findings] == ["COH-004", "COH-007"]
    assert before.findings[0].params["amount"] == "500.000"
    entry = require("DEMO-001", starts_on=on, by="ana")
    entry = present(entry.id, replace(POLICY, policyholder=owner, insured=entry.life.required or 0), on=on, by="ana")
    decide(entry.id, approved=True, act="Auto DEMO-1", on=on, by="luis")
    after = coherence_of("demo-001", on=on)
    assert [f.code for f in after.findings] == ["COH-004"]
    [row] = after.rows
    assert (row.plan, row.declared, row.moved, row.bond_base) == ("10000.000", "2500.000", "3000.000", "10000.000")
    shown = CliRunner().invoke(app, ["coherence", "DEMO-001", "--on", "2026-06-01", "--json"])
    assert json.loads(shown.output) == json.loads(json.dumps(after.as_json()))
    assert "COH-004" in CliRunner().invoke(app, ["coherence", "DEMO-001", "--on", "2026-06-01"]).output
