"""A title's validation, asked over the API by the operator of one of its holders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.hub.conftest import told
from tests.hub.country import UNKNOWN, Hub
from tests.hub.officers import Officers
from veta.oversight.queries import cases
from veta.site.roles import Role

HOLDER = {"type": "NIT", "number": "900100002"}
OTHER = {"type": "NIT", "number": "900100001"}


def asked(hub: Hub, **more: Any) -> Any:
    body = {"title": " demo-carbon ", "party": HOLDER, "reason": "El plan no dice el tipo.", **more}
    return hub.first.call("POST", "/validations", {k: v for k, v in body.items() if v is not None})


def test_a_holders_operator_opens_a_validation_and_follows_it_by_its_code(hub: Hub) -> None:
    first = asked(hub)
    assert first.status_code == 201, first.content
    opened = told(first)
    assert (opened["title"], opened["state"]) == ("DEMO-CARBON", "open")
    assert opened["page"].endswith(f"/{opened['code']}/")
    assert Client().get(f"/validacion/{opened['code']}/").status_code == 200
    assert told(asked(hub, reason="Otra vez"))["code"] == opened["code"]  # one open at a time
    [case] = cases(title_code="DEMO-CARBON")
    assert [(event.kind, event.by, event.opener) for event in case.events] == [
        ("opened", "titular, por DEMO-OTTM-1", "holder"), ("joined", "titular, por DEMO-OTTM-1", "holder"),
    ]  # fmt: skip
    assert all(event.actor == hub.actor("holder2") for event in case.events)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"party": OTHER}, 422, "VAL-002"), ({"party": UNKNOWN}, 404, "IDE-001"), ({"title": "NADA-1"}, 422, "VAL-001"),
        ({"reason": None}, 422, "SCH-002"), ({"more": "x"}, 422, "SCH-001"),
    ],
)  # fmt: skip
def test_who_may_not_ask_is_told_why(hub: Hub, changed: dict[str, Any], status: int, code: str) -> None:
    answer = asked(hub, **changed)
    assert answer.status_code == status, answer.content
    assert code in {finding["code"] for finding in told(answer)["findings"]}


def test_an_insurers_account_is_led_to_ask_with_its_nit(hub: Hub) -> None:
    """Its role only reads: it asks as anybody who insures the title does, by the NIT of a policy on record."""
    insurer = Officers.found().session("iris", Role.INSURER)
    text = insurer.get("/titulos/DEMO-CARBON/").content.decode()
    assert "/validacion/?placa=DEMO-CARBON&amp;quien=insurer" in text
    form = insurer.get("/validacion/", {"placa": "DEMO-CARBON", "quien": "insurer"}).content.decode()
    assert '<option value="insurer" selected' in form
    assert insurer.get("/casos/abrir/").status_code == 403
