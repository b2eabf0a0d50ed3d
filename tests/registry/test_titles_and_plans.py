"""Titles and plans: every refusal, versions around their dates, two persons, and what a changed plan moves."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests.registry.given import CONTRACT, ONE, TWO, D, codes_of, firm, person, places, plan_record, title, title_record
from veta.registry import queries
from veta.registry.domain import PlanLine, version_on
from veta.registry.refusals import RegistryRefused
from veta.registry.services.plans import record_plan, require_heading_types
from veta.registry.services.proposals import approve, propose_plan, propose_title_version, refuse_proposal
from veta.registry.services.titles import record_title_version, record_title_versions, register_title

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _places() -> None:
    places()


def test_a_title_comes_back_as_its_act_said_it() -> None:
    holders = ((firm(), "66.67"), (person(), "33.33"))
    record = title_record(
        code=" demo\u2013009 ",
        holders=holders,
        associated=frozenset({"plata"}),
        municipalities=frozenset({"05736", "05604"}),
        inscription_date=CONTRACT + DAY,
        end_date=date(2050, 2, 28),
        environmental_instrument="DEMO-LICENCIA-1",
        scale="mediana",
        scale_act="DEMO-ACTO-9",
    )
    made = register_title(record, TWO)
    (version,) = queries.titles_by_code(["DEMO-009", "NADIE-1"])["DEMO-009"]
    assert version.title == made
    assert version.holders == holders
    assert (version.code, version.kind, version.stage, version.status) == (
        "DEMO-009",
        "title",
        "exploitation",
        "in_force",
    )
    for name in ("minerals", "associated", "municipalities", "contract_date", "inscription_date", "end_date", "scale"):
        assert getattr(version, name) == getattr(record, name)
    assert version.environmental_instrument == "DEMO-LICENCIA-1"
    assert version.scale_act == "DEMO-ACTO-9"
    assert queries.title_versions([version.id, uuid4()]) == {version.id: version}


@pytest.mark.parametrize(
    ("changes", "act", "codes"),
    [
        ({}, ONE, ["REG-003"]),
        ({}, replace(TWO, approved_by="Oficial.Uno "), ["REG-003"]),
        ({}, replace(TWO, reference=" "), ["REG-001"]),
        ({}, replace(TWO, recorded_by=""), ["REG-002"]),
        ({"minerals": frozenset({"oropel"})}, TWO, ["MIN-001"]),
        ({"associated": frozenset({"oropel"})}, TWO, ["MIN-001"]),
        ({"municipalities": frozenset({"99999"})}, TWO, ["PLC-001"]),
        ({"holders": ((uuid4(), "100"),)}, TWO, ["IDE-001"]),
        ({"valid_to": CONTRACT - DAY}, TWO, ["REG-007"]),
        ({"end_date": CONTRACT - DAY}, TWO, ["TIT-010"]),
        (
            {"minerals": frozenset({"oropel"}), "municipalities": frozenset({"00000"})},
            ONE,
            ["REG-003", "MIN-001", "PLC-001"],
        ),
    ],
)
def test_a_title_is_refused_with_every_reason(changes: dict[str, object], act, codes: list[str]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RegistryRefused) as refused:
        register_title(title_record(**changes), act)
    assert codes_of(refused.value) == codes
    assert queries.titles_by_code(["DEMO-001"]) == {}


@pytest.mark.parametrize("ends", [{"valid_to": CONTRACT}, {"end_date": CONTRACT}])
def test_a_validity_of_one_day_is_admitted(ends: dict[str, object]) -> None:
    title(**ends)


@pytest.mark.parametrize(
    ("shares", "refused"),
    [
        (("50", "50"), False),
        (("33.33", ""), False),
        (("", ""), False),
        (("50", "50.01"), True),
        (("0", "50"), True),
        (("-1", "50"), True),
        (("mitad", ""), True),
        (("NaN", ""), True),
        (("Infinity", ""), True),
    ],
)
def test_shares_are_per_cent_and_reach_a_hundred_at_most(shares: tuple[str, str], refused: bool) -> None:
    holders = tuple(zip((person(), person()), shares, strict=True))
    if not refused:
        title(holders=holders)
        return
    with pytest.raises(RegistryRefused) as error:
        title(holders=holders)
    assert codes_of(error.value) == ["TIT-009"]


def test_a_holder_stands_once() -> None:
    holder = person()
    with pytest.raises(RegistryRefused) as refused:
        title(holders=((holder, "50"), (holder, "50")))
    assert codes_of(refused.value) == ["TIT-009"]


def test_a_title_is_registered_once_and_keeps_its_kind() -> None:
    title()
    with pytest.raises(RegistryRefused) as twice:
        title()
    with pytest.raises(RegistryRefused) as other:
        record_title_version(title_record(kind="special_reserve"), TWO)
    with pytest.raises(RegistryRefused) as unknown:
        record_title_version(title_record(code="DEMO-404"), TWO)
    assert [codes_of(e.value) for e in (twice, other, unknown)] == [["TIT-007"], ["TIT-008"], ["TIT-001"]]


@pytest.mark.parametrize(
    ("on", "status"),
    [(CONTRACT - DAY, None), (CONTRACT, "in_force"), (D - DAY, "in_force"), (D, "suspended"), (D + DAY, "suspended")],
)
def test_versions_of_a_title_around_their_dates(on: date, status: str | None) -> None:
    title()
    record_title_version(title_record(status="suspended", valid_from=D), TWO)
    version = version_on(queries.titles_by_code(["DEMO-001"])["DEMO-001"], on)
    assert (version.status if version else None) == status


def test_what_was_known_before_a_correction_can_be_asked_again() -> None:
    title()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    record_title_version(title_record(status="ended"), TWO)
    known = queries.titles_by_code(["DEMO-001"], known_at=before)["DEMO-001"]
    assert [version.status for version in known] == ["in_force"]
    assert [v.status for v in queries.titles_by_code(["DEMO-001"])["DEMO-001"]] == ["ended", "in_force"]


def test_many_titles_enter_together_or_not_at_all() -> None:
    records = [title_record(code=f"DEMO-{n:03}") for n in range(500)]
    assert len(record_title_versions(records, TWO, new=True)) == 500
    assert len(queries.titles_by_code([r.code for r in records])) == 500
    mixed = [title_record(code="DEMO-777"), title_record(code="DEMO-001", kind="tailings")]
    with pytest.raises(RegistryRefused) as refused:
        record_title_versions(mixed, TWO, new=True)
    assert codes_of(refused.value) == ["TIT-008"]
    assert queries.titles_by_code(["DEMO-777"]) == {}


def test_the_database_itself_asks_for_two_persons() -> None:
    title()
    statement = """INSERT INTO registry_worksplanversion (id, valid_from, recorded_by, approved_by, act, source,
        title_id, kind, approved_on, characteristics)
        SELECT gen_random_uuid(), now(), 'a', 'a', 'x', 'x', id, 'PTO', now(), '' FROM registry_title"""
    with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_plan_says_which_one_it_follows() -> None:
    made = title()
    first = record_plan(plan_record(), TWO)
    assert first.before is None
    lines = (PlanLine("oro", {"2026-03-01": 6_000_000}), PlanLine("plata", {"2026-03-01": 0}))
    second = record_plan(plan_record(lines=lines, valid_from=D), TWO)
    assert second.before == first.after
    assert queries.plans_of([made, uuid4()]) == {made: [second.after, first.after]}
    assert queries.plan_versions([first.after.id]) == {first.after.id: first.after}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"lines": (PlanLine("oropel", {"2026-03-01": 1}),)}, ["MIN-001"]),
        ({"lines": ()}, ["PLA-009"]),
        ({"lines": (PlanLine("oro", {}),)}, ["PLA-009"]),
        ({"lines": (PlanLine("oro", {"2026-03-01": -1}),)}, ["PLA-009"]),
        ({"lines": (PlanLine("oro", {"2026-03-01": 10**16 + 1}),)}, ["PLA-009"]),
        ({"lines": (PlanLine("oro", {"2026-03-01": 1.5}),)}, ["PLA-009"]),  # type: ignore[dict-item]
        ({"lines": (PlanLine("oro", {"2026-03-01": 1}), PlanLine("oro", {"2027-03-01": 1}))}, ["PLA-009"]),
        ({"lines": (PlanLine("oro", {"2026-02-28": 1}),)}, ["PLA-008"]),
        ({"lines": (PlanLine("oro", {"2026-03-02": 1}),)}, ["PLA-008"]),
        ({"lines": (PlanLine("oro", {"2019-03-01": 1}),)}, ["PLA-008"]),
        ({"lines": (PlanLine("oro", {"2026": 1}),)}, ["PLA-008"]),
        ({"lines": (PlanLine("oro", {"20260301": 1}),)}, ["PLA-008"]),
        ({"valid_to": date(2020, 5, 31)}, ["REG-007"]),
        ({"title_code": "DEMO-404"}, ["TIT-001"]),
        ({"valid_from": CONTRACT - DAY}, ["PLA-007"]),
    ],
)
def test_a_plan_is_refused_with_every_reason(changes: dict[str, object], codes: list[str]) -> None:
    made = title()
    with pytest.raises(RegistryRefused) as refused:
        record_plan(plan_record(**changes), TWO)
    assert codes_of(refused.value) == codes
    assert queries.plans_of([made]) == {}


@pytest.mark.parametrize("volumes", [{"2026-03-01": 0}, {"2026-03-01": 10**16}, {"2020-03-01": 1}])
def test_the_nearest_volumes_that_are_admitted(volumes: dict[str, int]) -> None:
    title()
    assert record_plan(plan_record(lines=(PlanLine("oro", volumes),)), TWO).after.lines == (PlanLine("oro", volumes),)


def test_a_title_without_the_date_of_its_years_takes_no_plan() -> None:
    title(contract_date=None)
    with pytest.raises(RegistryRefused) as refused:
        record_plan(plan_record(), TWO)
    assert codes_of(refused.value) == ["PLA-007"]


def test_a_contract_of_29_february_starts_its_common_years_on_the_28th() -> None:
    title(contract_date=date(2020, 2, 29), valid_from=date(2020, 2, 29))
    record_plan(plan_record(lines=(PlanLine("oro", {"2026-02-28": 1, "2028-02-29": 1}),)), TWO)
    with pytest.raises(RegistryRefused):
        record_plan(plan_record(lines=(PlanLine("oro", {"2028-02-28": 1}),)), TWO)


def test_a_requirement_to_type_a_heading_stands_until_the_plan_names_types() -> None:
    title(minerals=frozenset({"carbon"}), municipalities=frozenset({"25224"}))
    record_plan(plan_record(lines=(PlanLine("carbon", {"2026-03-01": 9}),)), TWO)
    change = require_heading_types("demo-001", required_from=D, act=replace(TWO, reference="DEMO-AUTO-7"))
    assert change.before is not None
    assert change.after.lines == change.before.lines
    assert change.after.heading_required_from == D
    assert "DEMO-AUTO-7" in change.after.act
    still = record_plan(plan_record(lines=(PlanLine("carbon", {"2026-03-01": 7}),)), TWO)
    assert still.after.heading_required_from == D
    typed = record_plan(plan_record(lines=(PlanLine("carbon_termico", {"2026-03-01": 7}),)), TWO)
    assert typed.after.heading_required_from is None
    with pytest.raises(RegistryRefused) as refused:
        require_heading_types("DEMO-001", required_from=D, act=TWO)
    assert codes_of(refused.value) == ["PLA-010"]


def test_a_requirement_needs_a_plan_and_two_persons() -> None:
    title()
    for act, code in ((TWO, "PLA-001"), (ONE, "REG-003")):
        with pytest.raises(RegistryRefused) as refused:
            require_heading_types("DEMO-001", required_from=D, act=act)
        assert codes_of(refused.value) == [code]


def test_a_proposal_has_no_effect_until_another_person_approves() -> None:
    made = title(holders=((firm(), "100"),))
    plan, change = plan_record(), title_record(status="suspended", valid_from=D, holders=((firm(), "100"),))
    proposed = propose_plan(plan, ONE), propose_title_version(change, ONE)
    assert queries.plans_of([made]) == {}
    for proposal in proposed:
        with pytest.raises(RegistryRefused) as own:
            approve(proposal, by="OFICIAL.uno")
        assert codes_of(own.value) == ["REG-003"]
    approved = [approve(proposal, by="oficial.dos") for proposal in proposed]
    assert approved[0].change is not None
    assert queries.plans_of([made])[made] == [approved[0].change.after]
    assert approved[0].change.after.lines == plan.lines
    version = queries.titles_by_code(["DEMO-001"])["DEMO-001"][0]
    assert (version.id, version.status, version.holders) == (approved[1].version, "suspended", change.holders)


def test_a_proposal_is_decided_once() -> None:
    title()
    proposal = propose_plan(plan_record(), ONE)
    with pytest.raises(RegistryRefused) as wordless:
        refuse_proposal(proposal, by="oficial.dos", reason=" ")
    refuse_proposal(proposal, by="oficial.dos", reason="El acto no corresponde")
    with pytest.raises(RegistryRefused) as decided:
        approve(proposal, by="oficial.tres")
    with pytest.raises(RegistryRefused) as unknown:
        approve(uuid4(), by="oficial.tres")
    assert [codes_of(e.value) for e in (wordless, decided, unknown)] == [["REG-006"], ["REG-005"], ["REG-004"]]


def test_an_approval_that_no_longer_makes_sense_records_nothing() -> None:
    proposal = propose_plan(plan_record(title_code="DEMO-404"), ONE)
    with pytest.raises(RegistryRefused) as refused:
        approve(proposal, by="oficial.dos")
    assert codes_of(refused.value) == ["TIT-001"]
    title(code="DEMO-404")
    assert approve(proposal, by="oficial.dos").change is not None


def test_the_database_ties_a_decision_to_the_proposal_s_own_author() -> None:
    title()
    proposal = propose_plan(plan_record(), ONE)
    statement = """INSERT INTO registry_actdecision (proposal_id, proposed_by, decided_by, decision, reason)
        VALUES (%s, 'otro', 'oficial.uno', 'refused', 'x')"""
    with pytest.raises(IntegrityError, match="act_decision_of_its_author"), transaction.atomic():
        connection.cursor().execute(statement, [proposal])
