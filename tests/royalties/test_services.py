"""A quarter in the database: draft, declaration, payment and its proof; the withholding book."""

import json
from datetime import date
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from typer.testing import CliRunner

from tests.bonds.titled import holder, title
from veta.cli.main import app as veta
from veta.kernel.ids import uuid7
from veta.kernel.period import month_of, quarter_of
from veta.movements.domain import law
from veta.registry.queries import titles_by_code
from veta.royalties import queries
from veta.royalties.services import (
    Purchase,
    RoyaltyRefused,
    declare,
    pay,
    save_draft,
    withhold,
)

CASE = {
    "quarter": "2025-T3", "title": "DEMO-001", "contract_date": "2015-01-01",
    "lines": [
        {"mineral": "carbon_termico", "quantity": "1000", "unit": "t", "market": "interno", "municipality": "15759",
         "holder_year_tonnes": "9000"}
    ],
}  # fmt: skip


@pytest.fixture
def prices(priced: None, db: None) -> None:
    title(held_by=holder())


def owner() -> UUID:
    """The holder of the title."""
    return titles_by_code(["DEMO-001"])["DEMO-001"][0].holders[0][0]


@pytest.mark.usefixtures("prices")
def test_from_draft_to_declaration_to_payment_and_its_proof() -> None:
    first = save_draft(CASE, by="ana")
    second = save_draft(CASE | {"lines": [CASE["lines"][0] | {"quantity": "2000"}]}, by="ana")  # type: ignore[index,operator]
    assert first.id == second.id
    assert [event["kind"] for event in second.events] == ["draft", "draft"]
    with pytest.raises(RoyaltyRefused) as early:
        pay(first.id, proof_number="X", paid_on=date(2025, 10, 15), paid_cop="1", bank="", by="ana")
    assert early.value.code == "ROY-026"
    with pytest.raises(RoyaltyRefused) as unsigned:
        declare(first.id, signer=uuid7(), by="ana")
    assert unsigned.value.code == "ROY-024"
    declared = declare(first.id, signer=owner(), by="ana")
    # 2.000 t × 215.000 (DEMO) × 5 % = 21.500.000
    assert (declared.state, declared.answer["payable_cop"]) == ("declared", "21500000")
    assert "efectivamente" in declared.answer["truth"]
    assert declared.answer["lines"][0]["resolution"].startswith("DEMO")
    paid, findings = pay(
        first.id, proof_number="BCO-77", paid_on=date(2025, 10, 15), paid_cop="21500000", bank="Banco Demo", by="ana"
    )
    assert (paid.state, findings) == ("paid", ())
    proof = queries.payment_proof("BCO-77")
    assert proof
    assert (proof.title_code, proof.quarter, proof.paid_cop) == ("DEMO-001", "2025-T3", "21500000.00")
    assert proof.minerals == ("carbon_termico",)
    assert proof.evidence == {"type": "royalty_payment", "number": "BCO-77", "issued_on": "2025-10-15"}
    assert proof.evidence["type"] in law.royalty_proofs(date(2025, 10, 15))  # what EXP-001 asks for
    said = CliRunner().invoke(veta, ["royalties", "proof", "BCO-77", "--json"])
    assert (said.exit_code, json.loads(said.stdout)) == (0, proof.evidence)
    assert CliRunner().invoke(veta, ["royalties", "proof", "OTRO"]).exit_code == 1
    assert queries.payment_proof("OTRO") is None
    with pytest.raises(RoyaltyRefused) as closed:
        save_draft(CASE, by="ana")
    assert closed.value.code == "ROY-022"


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("paid_on", "amount", "short"),
    [
        (date(2025, 10, 15), "10750000", False),
        (date(2025, 10, 15), "10749999.99", True),
        # un día de mora: 10.750.000 × 12 % ÷ 365 = 3.534,24
        (date(2025, 10, 16), "10753534.24", False),
        (date(2025, 10, 16), "10753534.23", True),
    ],
)
def test_a_payment_that_is_short_of_what_is_owed_is_said(paid_on: date, amount: str, short: bool) -> None:
    draft = save_draft(CASE, by="ana")
    declare(draft.id, signer=owner(), by="ana")
    _, findings = pay(draft.id, proof_number="B-1", paid_on=paid_on, paid_cop=amount, bank="", by="ana")
    assert [finding.code for finding in findings] == (["ROY-010"] if short else [])


@pytest.mark.usefixtures("prices")
def test_a_proof_pays_once() -> None:
    for quarter in ("2025-T3", "2025-T4"):
        draft = save_draft(CASE | {"quarter": quarter}, by="ana")
        declare(draft.id, signer=owner(), by="ana")
        given = {"proof_number": "B-1", "paid_on": date(2026, 1, 1), "paid_cop": "99999999", "bank": "", "by": "ana"}
        if quarter == "2025-T3":
            pay(draft.id, **given)  # type: ignore[arg-type]
        else:
            with pytest.raises(RoyaltyRefused) as twice:
                pay(draft.id, **given)  # type: ignore[arg-type]
            assert twice.value.code == "ROY-027"


@pytest.mark.usefixtures("prices")
def test_what_cannot_be_charged_is_not_declared_and_a_title_is_needed() -> None:
    draft = save_draft(CASE | {"quarter": "2024-T3"}, by="ana")
    with pytest.raises(RoyaltyRefused) as pending:
        declare(draft.id, signer=owner(), by="ana")
    assert (pending.value.code, [f.code for f in pending.value.findings]) == ("ROY-025", ["PRI-001"])
    with pytest.raises(RoyaltyRefused) as nameless:
        save_draft({key: value for key, value in CASE.items() if key != "title"}, by="ana")
    assert nameless.value.code == "ROY-021"
    with pytest.raises(RoyaltyRefused) as nobody:
        save_draft(CASE, by=" ")
    assert nobody.value.code == "ROY-030"
    with pytest.raises(RoyaltyRefused) as unknown:
        declare(uuid7(), signer=owner(), by="ana")
    assert unknown.value.code == "ROY-029"
    kept = save_draft(CASE, by="ana")
    declare(kept.id, signer=owner(), by="ana")
    with pytest.raises(RoyaltyRefused) as again:
        declare(kept.id, signer=owner(), by="ana")
    assert again.value.code == "ROY-023"


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    "text", ["{", "[]", json.dumps(CASE | {"quarter": "2025-T5"}), json.dumps(CASE | {"lines": []})]
)
def test_a_case_that_cannot_be_read_ends_with_2_and_its_findings(text: str) -> None:
    found = CliRunner().invoke(veta, ["royalties", "settle", "--file", "-"], input=text)
    assert found.exit_code == 2
    assert json.loads(found.stdout)["findings"]


@pytest.mark.usefixtures("prices")
def test_another_modality_than_a_concession_is_said() -> None:
    title("DEMO-7", held_by=owner(), modality="Licencia de explotación")
    case = queries.case_from_ledger("DEMO-7", quarter_of(date(2026, 6, 1)), said={})
    assert (case["modality"], case["lines"]) == ("otra", [])


@pytest.mark.usefixtures("prices")
def test_nothing_is_rewritten() -> None:
    save_draft(CASE, by="ana")
    for table in ("royalties_settlement", "royalties_settlementevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


@pytest.mark.usefixtures("prices")
def test_the_buyers_month_by_municipality() -> None:
    buyer, seller = uuid7(), uuid7()

    def bought(day: date, place: str, mg: int, mineral: str = "oro") -> Purchase:
        return Purchase(buyer=buyer, seller=seller, bought_on=day, municipality=place, mineral=mineral, fine_mg=mg)

    withheld = withhold(
        [
            bought(date(2025, 8, 1), "27361", 10_000),
            bought(date(2025, 8, 31), "27361", 2_500),
            bought(date(2025, 8, 15), "05250", 1_000, "platino"),
            bought(date(2025, 9, 1), "27361", 1_000),
        ],
        by="ana",
    )
    # 10 g × 342.250 × 4 % = 136.900; 2,5 g → 34.225; 1 g × 121.150 × 5 % = 6.057,50; septiembre 1 g × 344.000 × 4 %
    assert withheld == [13_690_000, 3_422_500, 605_750, 1_376_000]
    book = queries.withholding_book(buyer, month_of(date(2025, 8, 10)))
    assert [(line.municipality, line.mineral, line.purchases, line.fine_mg) for line in book] == [
        ("05250", "platino", 1, 1_000),
        ("27361", "oro", 2, 12_500),
    ]
    with pytest.raises(RoyaltyRefused) as no_price:
        withhold([bought(date(2024, 8, 1), "27361", 10)], by="ana")
    assert no_price.value.code == "ROY-028"
    with pytest.raises(RoyaltyRefused):
        withhold([bought(date(2025, 8, 1), "27361", 10, "carbon_termico")], by="ana")
