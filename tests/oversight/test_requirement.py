"""From the concept's case to what the platform accepts: warned, required, refused, and accepted under the new plan."""

from datetime import date, timedelta
from typing import Any

from tests.movements.world import ACT, TOWN, World, codes
from veta.kernel.identity import document
from veta.oversight.queries import cases, plan_history
from veta.oversight.services import Opening, open_case, propose_requirement, settle_requirement
from veta.registry.domain import PlanLine
from veta.registry.services.plans import PlanRecord, record_plan

CODE = "DEMO-RUBRO"


def report(world: World, day: date) -> tuple[str, set[str], set[str]]:
    """What production of thermal coal on a day is answered: status, what blocks, what warns."""
    world.now = world.now.replace(day=day.day)
    made: dict[str, Any] = world.production(
        origin={"kind": "title", "code": CODE}, place={"municipality": TOWN}, occurred_at=f"{day}T09:00:00-05:00"
    )
    [result] = world.send(made)
    return result["verdict"]["status"], codes(result, "blocking"), codes(result, "warning")


def test_a_requirement_blocks_from_its_day_until_the_new_plan(db: None) -> None:
    world = World().build()
    world.title(CODE, "holder2", {"carbon": 1_000_000_000})
    day = world.now.date()
    status, _, warned = report(world, day)
    assert (status, "PLA-003" in warned) == ("accepted", True)
    asked = Opening(title=CODE, opener="holder", reason="¿Qué tipo?", document=document("NIT", "900100002"))
    case = open_case(asked, on=day)
    snapshot = case.events[0].snapshot
    assert snapshot is not None
    assert snapshot["coherence"]["rows"][1]["moved"] == "100.000"
    required = day + timedelta(days=1)
    propose_requirement(case.id, required_from=required, act="Auto DEMO-9", reason="Precise", by="ana", on=day)
    assert report(world, required)[0] == "accepted"  # propuesto, y todavía sin efecto
    settle_requirement(case.id, approved=True, reason="", by="luis", on=day)
    assert report(world, day)[0] == "accepted"
    status, blocked, _ = report(world, required)
    assert (status, blocked) == ("rejected", {"PLA-003"})
    new = required + timedelta(days=1)
    years = dict.fromkeys((f"{year}-01-01" for year in range(2020, 2031)), 1_000_000_000)
    lines = (PlanLine("carbon_termico", years),)
    record_plan(PlanRecord(title_code=CODE, kind="PTO", approved_on=new, lines=lines, valid_from=new), ACT)
    assert report(world, required)[0] == "rejected"
    status, blocked, warned = report(world, new)
    assert (status, blocked, "PLA-003" in warned) == ("accepted", set(), False)
    [now] = cases(id=case.id)
    assert now.state(plan_history(CODE)) == "superseded"
