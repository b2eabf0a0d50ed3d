"""Parties, balances and titles over the API: figures by mandate, or against the person's card or consent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from tests.hub.conftest import told
from tests.hub.country import STRANGER, UNKNOWN, Hub
from tests.movements.world import ACT, SINCE
from veta.hub.desk.days import today
from veta.kernel.clock import SystemClock
from veta.movements.grants import grant_differences
from veta.registry.domain import PlanLine
from veta.registry.services.plans import PlanRecord, record_plan

MINER = {"type": "CC", "number": "10200300"}
HOLDER = {"type": "NIT", "number": "900100001"}


def quota(answer: dict[str, Any], basis: str, group: str) -> dict[str, Any]:
    return next(q for q in answer["quotas"] if (q["basis"], q["group"]) == (basis, group))


def balance(signer: Any, party: dict[str, str], **more: Any) -> Any:
    response = signer.call("POST", "/balances/query", {"party": party, **more})
    assert response.status_code == 200, response.content
    return told(response)


def test_registrations_are_public_and_persons_are_masked(hub: Hub) -> None:
    client = told(hub.first.call("POST", "/actors/lookup", {"party": MINER}))
    masked = told(hub.second.call("POST", "/actors/lookup", {"party": MINER}))
    assert (client["name"], client["client"]) == ("DEMO miner (ficticio)", True)
    assert (masked["name"], masked["client"]) == ("D. M.", False)
    assert masked["registrations"] == client["registrations"]
    assert [r["producer_class"] for r in client["registrations"]] == ["barequero"]
    firm = told(hub.second.call("POST", "/actors/lookup", {"party": HOLDER}))
    assert firm["name"] == "DEMO holder (ficticio)"
    assert hub.first.call("POST", "/actors/lookup", {"party": UNKNOWN}).status_code == 404


def test_a_quota_nobody_opened_is_what_the_norm_gives_and_then_what_the_ledger_says(hub: Hub) -> None:
    before = balance(hub.first, MINER, mineral="oro")
    year = quota(before, "person_year", "metales_preciosos")
    assert (year["limit"], year["used"], year["left"], year["opened"]) == ("420.000", "0.000", "420.000", False)
    (bought,) = hub.report(hub.movement("purchase", quantity="12.500", fineness="920"))
    assert bought["verdict"]["status"] == "accepted"
    after = quota(balance(hub.first, MINER, mineral="plata"), "person_year", "metales_preciosos")
    assert (after["used"], after["left"], after["opened"]) == ("11.500", "408.500", True)
    month = quota(balance(hub.first, MINER), "person_month", "metales_preciosos")
    assert (month["limit"], month["left"], month["effect"]) == ("35.000", "23.500", "warning")


def test_a_titles_holder_has_its_plans_quotas_and_its_stock(hub: Hub) -> None:
    holder = {"type": "NIT", "number": "900100002"}
    hub.report(hub.movement("production", quantity="100.000"))
    found = balance(hub.first, holder)
    year, quarter = quota(found, "title_year", "carbon_termico"), quota(found, "title_quarter", "carbon_termico")
    assert (year["title"], year["limit"], year["used"]) == ("DEMO-CARBON", "1000000.000", "100.000")
    assert (quarter["limit"], quarter["opened"]) == ("250000.000", False)
    assert found["stock"] == [
        {
            "mineral": "carbon_termico",
            "accreditation": "accredited",
            "quantity": "100.000",
            "held": "0.000",
            "unit": "t",
            "lots": 1,
        }
    ]
    assert balance(hub.first, holder, mineral="oro")["stock"] == []


def test_what_was_undone_is_not_told_as_used(hub: Hub) -> None:
    holder = {"type": "NIT", "number": "900100002"}
    before = quota(balance(hub.first, holder), "title_year", "carbon_termico")
    kept, undone = hub.movement("production", quantity="30.000"), hub.movement("production", quantity="100.000")
    hub.report(kept, undone)
    (reversed_,) = hub.report(hub.world.movement("reversal", movement=undone["id"], reason="peso equivocado"))
    assert reversed_["verdict"]["status"] == "accepted", reversed_["verdict"]["findings"]
    year = quota(balance(hub.first, holder), "title_year", "carbon_termico")
    assert Decimal(year["used"]) == Decimal(before["used"]) + 30
    assert Decimal(year["used"]) + Decimal(year["left"]) == Decimal(year["limit"])


def test_a_year_is_told_by_the_plan_that_counts_it_before_that_plan_begins(hub: Hub) -> None:
    title, year = "DEMO-LUEGO", today().year
    hub.world.title(title, "holder2", {"carbon_termico": 1_000_000})
    hub.report(hub.movement("production", quantity="100.000", origin={"kind": "title", "code": title}))
    cut = PlanRecord(
        title_code=title, kind="PTO", approved_on=SINCE, valid_from=date(year, 12, 31),
        lines=(PlanLine("carbon_termico", {f"{year}-01-01": 400_000}),),
    )  # fmt: skip
    with transaction.atomic():
        grant_differences(record_plan(cut, ACT), clock=SystemClock(), signer=hub.world.signer)
    found = balance(hub.first, {"type": "NIT", "number": "900100002"})["quotas"]
    (told,) = [q for q in found if (q["title"], q["basis"]) == (title, "title_year")]
    assert (told["limit"], told["used"], told["left"]) == ("400.000", "100.000", "300.000")


def test_without_mandate_only_whether_it_is_over(hub: Hub) -> None:
    assert balance(hub.first, STRANGER) == {"detail": "over", "over": False}
    assert balance(hub.second, MINER, mineral="oro") == {"detail": "over", "over": False}
    used = hub.movement("purchase", seller=STRANGER, quantity="40.000")
    assert hub.report(used)[0]["verdict"]["status"] == "accepted"
    assert balance(hub.first, STRANGER, mineral="oro") == {"detail": "over", "over": True}
    assert balance(hub.second, STRANGER, mineral="esmeralda") == {"detail": "over", "over": False}


def test_the_persons_card_or_consent_opens_the_figures_once(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert balance(hub.second, STRANGER, card=hub.card)["detail"] == "full"
    asked = told(hub.second.call("POST", "/consents", {"purpose": "balance", "party": STRANGER}))
    consent = {"id": asked["id"], "code": capsys.readouterr().err.split("código es ")[1][:6]}
    refused = hub.first.call("POST", "/balances/query", {"party": STRANGER, "consent": consent})
    assert (refused.status_code, told(refused)["findings"][0]["code"]) == (422, "CON-001")
    assert balance(hub.second, STRANGER, consent=consent)["detail"] == "full"
    again = hub.second.call("POST", "/balances/query", {"party": STRANGER, "consent": consent})
    assert (again.status_code, told(again)["findings"][0]["code"]) == (422, "CON-001")


def test_a_card_and_its_pin_say_whose_it_is(hub: Hub) -> None:
    found = told(hub.second.call("POST", "/balances/query", {"card": hub.card, "mineral": "oro"}))
    assert (found["detail"], found["party"], found["name"]) == ("card", STRANGER, "M. P.")
    full = balance(hub.second, STRANGER, card=hub.card, mineral="oro")
    assert (found["municipalities"], found["quotas"], found["stock"]) == (["05001"], full["quotas"], full["stock"])
    for given, code in (({}, "SCH-002"), ({"card": {**hub.card, "pin": "9999"}}, "CON-011")):
        refused = hub.second.call("POST", "/balances/query", given)
        assert (refused.status_code, told(refused)["findings"][0]["code"]) == (422, code)


def test_anothers_card_opens_nothing(hub: Hub) -> None:
    refused = hub.second.call("POST", "/balances/query", {"party": MINER, "card": hub.card})
    assert (refused.status_code, told(refused)["findings"][0]["code"]) == (422, "CON-011")


def test_a_title_is_public_and_its_volumes_are_its_holders(hub: Hub) -> None:
    own = told(hub.first.call("GET", "/titles/demo-carbon"))
    others = told(hub.second.call("GET", "/titles/DEMO-CARBON"))
    assert (own["code"], own["stage"], own["holders"][0]["share"]) == ("DEMO-CARBON", "exploitation", "100")
    assert own["plan"]["lines"][0]["volumes"]["2026-01-01"] == "1000000.000"
    assert (others["plan"]["lines"], others["plan"]["minerals"]) == (None, ["carbon_termico"])
    assert others["holders"][0]["holder"] == {"kind": "firm", "name": "DEMO holder2 (ficticio)", "client": False}
    for code in ("DEMO-NADA", "%00", "%E2%80%AE", "%C3%91-1", "A%20B", "x" * 200):
        assert hub.first.call("GET", f"/titles/{code}").status_code == 404, code
