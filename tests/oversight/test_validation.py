"""A validation from whoever asks for it to its outcome: who may ask, what each step needs, what a new plan changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from tests.bonds.test_life import POLICY
from tests.bonds.titled import ACT, holder, title
from veta.bonds.services import present, quote_of, require, save_quotation
from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.oversight.domain.validation import Outcome, ValidationCase
from veta.oversight.queries import cases, find_case, plan_history, records_of
from veta.oversight.services import (
    Opening,
    ValidationRefused,
    decide,
    open_case,
    propose_requirement,
    settle_requirement,
)
from veta.registry.domain import PlanLine, version_on
from veta.registry.queries import titles_by_code
from veta.registry.services.plans import PlanRecord, record_plan
from veta.registry.services.proposals import approve, propose_plan

pytestmark = pytest.mark.django_db
DAY = date(2025, 8, 15)
OFFICER = Opening(title="demo-001", opener="officer", reason="El plan no dice el tipo", by="ana")


@pytest.fixture(autouse=True)
def owner(priced: None, db: None) -> UUID:
    actor = holder()
    title(held_by=actor, volumes={"carbon": 1_000_000})
    return actor


def refused(attempt: Callable[[], object]) -> str:
    with pytest.raises(ValidationRefused) as caught:
        attempt()
    assert all(finding.message and finding.norm for finding in caught.value.findings)
    return caught.value.code


def test_a_holder_asks_with_the_document_that_the_registry_knows() -> None:
    asked = Opening(
        title=" demo-001 ", opener="holder", reason="No sé qué precio", document=document("NIT", "900500018")
    )
    case = open_case(asked, on=DAY)
    assert (case.title_code, case.state()) == ("DEMO-001", "open")
    [event] = case.events
    assert event.by == "titular"
    assert event.snapshot is not None
    assert event.snapshot["coherence"]["findings"][0]["code"] == "COH-007"
    found = find_case(case.code.lower().replace("-", " "))
    assert found == case
    assert find_case("nada") is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "DEMO-999"}, "VAL-001"),
        ({"opener": "holder", "document": None}, "VAL-002"),
        ({"opener": "holder", "document": document("NIT", "800100200")}, "VAL-002"),
        ({"opener": "insurer", "document": document("NIT", "900500018")}, "VAL-002"),
        ({"opener": "insurer", "quotation": "AAAAA-AAAAA"}, "VAL-002"),
        ({"reason": " "}, "VAL-004"),
        ({"by": " "}, "VAL-008"),
    ],
)
def test_who_may_not_ask_is_told_why(changes: dict[str, Any], code: str) -> None:
    assert refused(lambda: open_case(replace(OFFICER, **changes), on=DAY)) == code
    assert cases() == []


def test_an_insurer_asks_by_its_policy_or_by_the_calculation_on_its_paper(owner: UUID) -> None:
    kept = save_quotation({"title": "DEMO-001", "starts_on": "2025-08-01"})
    other = save_quotation(
        {"regime": "ley_685", "stage": "exploracion", "starts_on": "2025-08-01", "investment_cop": "1"}
    )
    asked = Opening(title="DEMO-001", opener="insurer", reason="El tomador pide otro valor")
    assert refused(lambda: open_case(replace(asked, quotation=other.code), on=DAY)) == "VAL-002"
    by_paper = open_case(replace(asked, quotation=kept.code.lower()), on=DAY)
    assert (by_paper.events[0].by, by_paper.events[0].quotation) == ("aseguradora", kept.code)
    title("DEMO-002", held_by=owner, volumes={"antracita": 1_000_000})
    bond = require("DEMO-002", starts_on=DAY, by="ana")
    by_policy = replace(asked, title="DEMO-002", document=document("NIT", "900500018"))
    assert refused(lambda: open_case(by_policy, on=DAY)) == "VAL-002"
    present(bond.id, replace(POLICY, policyholder=owner), on=DAY, by="ana")
    assert open_case(by_policy, on=DAY).title_code == "DEMO-002"


def test_a_title_has_one_open_validation_that_others_join() -> None:
    first = open_case(OFFICER, on=DAY)
    asked = Opening(title="DEMO-001", opener="holder", reason="Yo también", document=document("NIT", "900500018"))
    second = open_case(asked, on=DAY)
    assert second.id == first.id
    assert [event.kind for event in second.events] == ["opened", "joined"]
    decide(first.id, "clear", reason="El plan lo dice en su anexo", by="luis", on=DAY)
    third = open_case(asked, on=DAY)
    assert third.id != first.id
    assert [case.id for case in cases(title_code="DEMO-001")] == [third.id, first.id]


@pytest.mark.parametrize("outcome", ["clear", "clarify", "modify", "correct", "update"])
def test_an_outcome_ends_the_case_once_with_its_reason(outcome: Outcome) -> None:
    case = open_case(OFFICER, on=DAY)
    assert refused(lambda: decide(case.id, outcome, reason="", by="luis", on=DAY)) == "VAL-004"
    assert refused(lambda: decide(case.id, outcome, reason="x", by="", on=DAY)) == "VAL-008"
    decided = decide(case.id, outcome, reason="Ver concepto técnico", by="luis", on=DAY)
    assert decided.state(plan_history("DEMO-001")) == "decided"
    assert decided.ended is not None
    assert (decided.ended.outcome, decided.ended.by) == (outcome, "luis")
    assert decided.ended.snapshot is not None
    assert refused(lambda: decide(case.id, outcome, reason="Otra vez", by="luis", on=DAY)) == "VAL-003"
    assert refused(lambda: decide(uuid7(), outcome, reason="Otra", by="luis", on=DAY)) == "VAL-003"


def requirement(case: ValidationCase, **changes: Any) -> ValidationCase:
    given: dict[str, Any] = {
        "required_from": DAY, "act": "Auto DEMO-9 de 2025", "reason": "El plan solo dice «carbón»", "by": "ana",
        "on": DAY,
    }  # fmt: skip
    return propose_requirement(case.id, **(given | changes))


def test_a_requirement_takes_two_persons_and_sets_the_date_in_the_registry() -> None:
    case = open_case(OFFICER, on=DAY)
    assert refused(lambda: decide(case.id, "requirement", reason="x", by="ana", on=DAY)) == "VAL-003"
    assert requirement(case).state() == "proposed"
    [plan] = plan_history("DEMO-001")
    assert plan.heading_required_from is None
    settle: dict[str, Any] = {"approved": True, "reason": "", "on": DAY}
    assert refused(lambda: settle_requirement(case.id, by=" ANA ", **settle)) == "VAL-006"
    assert refused(lambda: settle_requirement(case.id, by="", **settle)) == "VAL-008"
    done = settle_requirement(case.id, by="luis", **settle)
    assert done.state(plan_history("DEMO-001")) == "decided"
    required, before = plan_history("DEMO-001")
    assert (required.heading_required_from, before.heading_required_from) == (DAY, None)
    assert required.act == "DEMO-ACTO-1; requerimiento: Auto DEMO-9 de 2025"
    assert refused(lambda: settle_requirement(case.id, by="luis", **settle)) == "VAL-003"


def test_a_declined_requirement_changes_nothing_and_leaves_the_case_open() -> None:
    case = open_case(OFFICER, on=DAY)
    requirement(case)
    assert refused(lambda: requirement(case)) == "VAL-003"
    assert refused(lambda: settle_requirement(case.id, approved=False, reason=" ", by="luis", on=DAY)) == "VAL-004"
    open_again = settle_requirement(case.id, approved=False, reason="Falta el concepto técnico", by="luis", on=DAY)
    assert open_again.state() == "open"
    assert len(plan_history("DEMO-001")) == 1
    assert requirement(case).state() == "proposed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"required_from": DAY - timedelta(days=1)}, "VAL-005"),
        ({"required_from": DAY}, ""),
        ({"required_from": DAY + timedelta(days=1)}, ""),
        ({"act": " "}, "VAL-005"),
        ({"reason": ""}, "VAL-004"),
        ({"by": ""}, "VAL-008"),
    ],
)
def test_what_a_requirement_needs(changes: dict[str, Any], code: str) -> None:
    case = open_case(OFFICER, on=DAY)
    if code:
        assert refused(lambda: requirement(case, **changes)) == code
    else:
        assert requirement(case, **changes).state() == "proposed"


def test_a_requirement_whose_day_passed_while_it_waited_is_not_approved() -> None:
    case = open_case(OFFICER, on=DAY)
    requirement(case)
    late: dict[str, Any] = {"approved": True, "reason": "", "by": "luis"}
    assert refused(lambda: settle_requirement(case.id, on=DAY + timedelta(days=1), **late)) == "VAL-005"
    assert settle_requirement(case.id, on=DAY, **late).state() == "decided"


def test_a_plan_that_names_its_types_has_nothing_to_require(owner: UUID) -> None:
    title("DEMO-002", held_by=owner, volumes={"antracita": 1_000})
    title("DEMO-003", held_by=owner)
    for code in ("DEMO-002", "DEMO-003"):
        case = open_case(replace(OFFICER, title=code), on=DAY)
        assert refused(lambda case=case: requirement(case)) == "VAL-007"  # type: ignore[misc]


def test_a_new_plan_supersedes_from_its_acts_date() -> None:
    case = open_case(OFFICER, on=DAY)
    records = records_of("DEMO-001", on=DAY)
    assert records is not None
    assert records.headings == ["carbon"]
    assert records.petition is not None
    assert "«Carbón (sin tipo)»" in records.petition
    decided = decide(case.id, "update", reason="Precise el tipo", by="luis", on=DAY)
    approved_on = date(2025, 10, 1)
    record = PlanRecord(
        title_code="DEMO-001", kind="PTO", approved_on=approved_on, valid_from=approved_on,
        lines=(PlanLine("antracita", {"2025-08-01": 1_000_000, "2026-08-01": 1_000_000}),),
    )  # fmt: skip
    earlier = replace(record, approved_on=DAY - timedelta(days=1), valid_from=DAY - timedelta(days=1))
    record_plan(earlier, ACT)
    assert decided.state(plan_history("DEMO-001")) == "decided"
    approve(propose_plan(record, replace(ACT, approved_by=None)), by="oficial-2")
    plans = plan_history("DEMO-001")
    new = decided.superseding(plans)
    assert new is not None
    assert (decided.state(plans), new.approved_on) == ("superseded", approved_on)
    assert version_on(plans, approved_on - timedelta(days=1)) != version_on(plans, approved_on) == new
    after = records_of("DEMO-001", on=approved_on)
    assert after is not None
    assert after.headings == []
    clear = decide(open_case(OFFICER, on=DAY).id, "clear", reason="x", by="luis", on=DAY)
    assert clear.state(plans) == "decided"


def test_the_new_plan_gives_the_bond_its_value_from_its_own_date() -> None:
    assert quote_of({"title": "DEMO-001", "starts_on": "2025-08-01"}).status == "indicative"
    lines = (PlanLine("antracita", {"2025-08-01": 1_000_000}),)
    day = date(2025, 10, 1)
    record_plan(PlanRecord(title_code="DEMO-001", kind="PTO", approved_on=day, valid_from=day, lines=lines), ACT)
    assert quote_of({"title": "DEMO-001", "starts_on": "2025-09-30"}).status == "indicative"
    # 1.000 t × 334.500 (DEMO, cuarto trimestre de 2025) × 10 %
    assert quote_of({"title": "DEMO-001", "starts_on": "2025-10-01"}).insured == 33_450_000


def test_every_record_is_shown_and_none_is_guessed(owner: UUID) -> None:
    title("DEMO-002", held_by=owner, contract_date=None, stage=None)
    bare = records_of("DEMO-002", on=DAY)
    assert bare is not None
    assert (bare.year, bare.plan, bare.coherence, bare.bond, bare.answer, bare.petition) == (None,) * 6
    assert records_of("DEMO-999", on=DAY) is None
    title("DEMO-003", held_by=owner, volumes={"antracita": 1_000_000})
    typed = records_of("DEMO-003", on=DAY)
    assert typed is not None
    assert typed.petition is not None
    assert "[COH-007]" in typed.petition
    assert "PTO aprobado por DEMO-ACTO-1" in typed.petition
    entry = require("DEMO-003", starts_on=DAY, by="ana")
    shown = records_of("DEMO-003", on=DAY)
    assert shown is not None
    assert shown.bond == entry
    assert [finding.code for finding in shown.alerts] == ["BON-023"]


def test_nothing_of_a_validation_is_rewritten_nor_approved_by_one_person() -> None:
    case = open_case(OFFICER, on=DAY)
    for statement in (
        "UPDATE oversight_validationevent SET reason = 'x'",
        "DELETE FROM oversight_validation",
        "TRUNCATE oversight_validation CASCADE",
        "INSERT INTO oversight_validationevent (id, validation_id, place, kind, occurred_on, opener, reason, outcome,"
        " act, required_from, quotation, proposed_by, recorded_by) VALUES (gen_random_uuid(), "
        f"'{case.id}', 9, 'approved', now(), '', 'x', 'requirement', 'Auto', now(), '', 'ana', 'ana')",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_who_holds_the_title_that_day_is_who_may_ask(owner: UUID) -> None:
    assert titles_by_code(["DEMO-001"])["DEMO-001"][0].holders[0][0] == owner
    asked = Opening(title="DEMO-001", opener="holder", reason="x", document=document("NIT", "900500018"))
    assert refused(lambda: open_case(asked, on=date(2015, 7, 31))) == "VAL-001"
    assert open_case(asked, on=date(2015, 8, 1)).events[0].actor == owner
