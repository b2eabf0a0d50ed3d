"""Consents and mandates over the API: what the hub asks of a person itself, and what an operator sees of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.hub.conftest import told
from tests.hub.country import STRANGER, UNKNOWN, Hub
from tests.movements.domain.other_law import law_of, norms_of
from tests.registry.given import code_heard
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.movements.replay import replay
from veta.registry.domain import ConsentAsked
from veta.registry.services import consents
from veta.registry.services.messages import MessageNotSent, message_port

AUTHORIZATION = {"version": "1", "text": "Autorizo el tratamiento de mis datos."}
SALE = {"purpose": "sale", "party": STRANGER, "counterparty": {"type": "NIT", "number": "900200001"}}
GOLD = {"mineral": "oro", "quantity": "12.500", "price_cop": "4500000"}


def code_in(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.split("código es ")[-1][:6]


def propose(hub: Hub, signer: Any, party: dict[str, str] = STRANGER) -> str:
    response = signer.call("POST", "/mandates", {"party": party, "data_authorization": AUTHORIZATION})
    assert response.status_code == 201, response.content
    return str(told(response)["id"])


def listed(signer: Any, mandate: str) -> dict[str, Any]:
    return next(item for item in told(signer.call("GET", "/mandates"))["items"] if item["id"] == mandate)


def test_a_mandate_shows_nothing_until_the_person_consents_and_nothing_after_it_ends(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    mandate = propose(hub, hub.second)
    assert listed(hub.second, mandate) == {
        "id": mandate, "status": "proposed", "valid_from": None, "valid_to": None, "party": None,
    }  # fmt: skip
    asked = told(hub.second.call("POST", "/consents", {"purpose": "mandate", "party": STRANGER}))
    assert (asked["method"], asked["verified"]) == ("code", False)
    said = capsys.readouterr().err
    assert "DEMO-OTTM-2 (ficticio) pide reportar" in said
    code = said.split("código es ")[1][:6]
    wrong = {"consent": {"id": asked["id"], "code": f"{(int(code) + 1) % 10**6:06d}"}}
    refused = hub.second.call("POST", f"/mandates/{mandate}/confirmation", wrong)
    assert (refused.status_code, told(refused)["findings"][0]["code"]) == (422, "CON-001")
    right = {"consent": {"id": asked["id"], "code": code}}
    assert hub.first.call("POST", f"/mandates/{mandate}/confirmation", right).status_code == 404
    confirmed = told(hub.second.call("POST", f"/mandates/{mandate}/confirmation", right))
    assert (confirmed["status"], confirmed["party"]["documents"]) == ("active", [STRANGER])
    assert listed(hub.second, mandate) == confirmed
    assert hub.first.call("DELETE", f"/mandates/{mandate}").status_code == 404
    assert hub.second.call("DELETE", f"/mandates/{mandate}").status_code == 204
    assert (listed(hub.second, mandate)["status"], listed(hub.second, mandate)["party"]) == ("revoked", None)
    assert hub.second.call("DELETE", f"/mandates/{mandate}").status_code == 204


def test_a_sales_consent_is_asked_by_the_buyers_operator_alone(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    asked = hub.first.call("POST", "/consents", {**SALE, **GOLD})
    assert asked.status_code == 201, asked.content
    assert "12,500 g de Oro por 4.500.000 pesos" in capsys.readouterr().err
    refused = hub.second.call("POST", "/consents", {**SALE, **GOLD})
    assert (refused.status_code, told(refused)["findings"][0]["code"]) == (403, "MAN-001")
    assert capsys.readouterr().err.count("código es") == 0


def test_a_verified_consent_serves_one_purchase(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    asked = told(hub.first.call("POST", "/consents", {**SALE, **GOLD}))
    consent = {"id": asked["id"], "code": code_in(capsys)}
    bought = hub.movement("purchase", seller=STRANGER, consent=consent)
    again = hub.movement("purchase", seller=STRANGER, consent=consent)
    (first,), (second,) = hub.report(bought), hub.report(again)
    assert "CON-004" not in {f["code"] for f in first["verdict"]["findings"]}
    assert second["verdict"]["status"] == "rejected"


def test_a_card_and_its_pin_are_verified_at_once(hub: Hub) -> None:
    by_card = told(hub.first.call("POST", "/consents", {**SALE, **GOLD, "card": hub.card}))
    assert (by_card["method"], by_card["verified"]) == ("card_pin", True)
    wrong = hub.first.call("POST", "/consents", {**SALE, **GOLD, "card": {**hub.card, "pin": "9999"}})
    assert (wrong.status_code, told(wrong)["findings"][0]["code"]) == (422, "CON-011")
    assert hub.card["pin"] not in wrong.content.decode()


BOTH = {"required_consent": ["card_pin", "code"]}


@pytest.fixture
def both_required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The authority requires card and PIN, and a code."""
    monkeypatch.setattr("veta.registry.services.consents.norms", lambda: norms_of(BOTH))
    with law_of(BOTH):
        yield


def blocked(result: Any) -> dict[str, Any]:
    return {f["code"]: f["params"] for f in result["verdict"]["findings"] if f["severity"] == "blocking"}


@pytest.mark.usefixtures("both_required")
def test_two_methods_together_serve_where_two_are_required_and_one_names_the_other(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    by_code = told(hub.first.call("POST", "/consents", {**SALE, **GOLD}))
    assert (by_code["methods"], by_code["missing"]) == (["code"], ["card_pin", "code"])
    alone = {"id": by_code["id"], "code": code_in(capsys)}
    by_both = told(hub.first.call("POST", "/consents", {**SALE, **GOLD, "card": hub.card}))
    assert (by_both["method"], by_both["methods"], by_both["missing"], by_both["verified"]) == (
        "code", ["card_pin", "code"], ["code"], False,
    )  # fmt: skip
    code = code_in(capsys)
    wrong = {"id": by_both["id"], "code": f"{(int(code) + 1) % 10**6:06d}"}
    consents = ({}, alone, {"id": by_both["id"]}, wrong, {"id": by_both["id"], "code": code})
    items = [
        hub.movement("purchase", quantity="0.100", seller=STRANGER, **({"consent": c} if c else {})) for c in consents
    ]
    *others, whole, again = hub.report(
        *items, hub.movement("purchase", quantity="0.100", seller=STRANGER, consent=consents[-1])
    )
    missing = [blocked(each)["CON-001"]["missing"] for each in others]
    assert missing == ["card_pin, code", "card_pin", "code", "code"]
    assert (whole["verdict"]["status"], blocked(whole)) == ("accepted", {})
    assert blocked(again)["CON-001"]["missing"] == "card_pin, code", "it serves once"
    decided = {item["id"] for item in items}
    replayed = [each for each in replay() if str(each.movement) in decided]
    assert (len(replayed), [each for each in replayed if not each.same]) == (len(items), [])


def test_more_methods_than_are_required_may_be_asked_for_and_a_call_is_one(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = told(hub.first.call("POST", "/consents", {**SALE, **GOLD, "card": hub.card, "methods": ["voice"]}))
    assert (asked["method"], asked["methods"], asked["missing"]) == ("voice", ["card_pin", "voice"], ["voice"])
    said = capsys.readouterr().err
    assert "[llamada …67] Le habla Veta" in said
    (result,) = hub.report(
        hub.movement(
            "purchase", quantity="0.100", seller=STRANGER, consent={"id": asked["id"], "code": code_heard(said)}
        )
    )
    assert result["verdict"]["status"] == "accepted"
    assert "CON-004" not in {f["code"] for f in result["verdict"]["findings"]}


@pytest.mark.usefixtures("both_required")
def test_a_hub_without_channel_says_so_before_a_pin_is_tried(hub: Hub, settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://trazabilidad.example"
    ((before,),) = rows("SELECT count(*) FROM registry_cardattempt")
    channel = {"token": hub.card["token"], "pin": "9999"}
    with pytest.raises(MessageNotSent):
        consents.consent_by_card(
            ConsentAsked(
                purpose="sale", party=hub.actor("stranger"), operator=hub.first.operator,
                counterparty=hub.actor("trader"), mineral="oro", amount=1,
            ),
            **channel, clock=SystemClock(), channel=message_port,
        )  # fmt: skip
    assert rows("SELECT count(*) FROM registry_cardattempt") == [(before,)]


def rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[Any] = cursor.fetchall()
    return found


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**SALE, **GOLD, "colour": "red"}, 422, "SCH-001"),
        ({**SALE, **GOLD, "methods": ["biometric"]}, 422, "SCH-003"),
        ({**SALE, **GOLD, "methods": []}, 422, "SCH-004"),
        ({**SALE, **GOLD, "methods": ["card_pin"]}, 422, "SCH-002"),
        ({"purpose": "sale"}, 422, "SCH-002"),
        ({**SALE, "quantity": "1", "counterparty": UNKNOWN, "mineral": "oro"}, 404, "IDE-001"),
        ({**SALE, **GOLD, "party": UNKNOWN}, 404, "IDE-001"),
        ({**SALE, **GOLD, "party": {"type": "NIT", "number": "900200001", "check": "5"}}, 422, "IDE-002"),
        ({**SALE, **GOLD, "mineral": "unobtainio"}, 422, "MIN-001"),
        ({**SALE, "mineral": "oro"}, 422, "CON-013"),
        ({**SALE, **GOLD, "quantity": "0"}, 422, "CON-013"),
        ({**SALE, **GOLD, "quantity": 12}, 422, "SCH-003"),
        ({"purpose": "sale", "party": STRANGER, **GOLD}, 422, "SCH-002"),
        ({"purpose": "balance", "party": {"type": "CC", "number": "10200300"}}, 422, "CON-014"),
    ],
)  # fmt: skip
def test_what_a_consent_cannot_be(hub: Hub, body: dict[str, Any], status: int, code: str) -> None:
    response = hub.first.call("POST", "/consents", body)
    assert (response.status_code, told(response)["findings"][0]["code"]) == (status, code), response.content


def test_pages_of_mandates_follow_each_other_and_hold_each_once(hub: Hub) -> None:
    whole = [item["id"] for item in told(hub.first.call("GET", "/mandates"))["items"]]
    found, query = [], "limit=3"
    while True:
        page = told(hub.first.call("GET", "/mandates", query=query))
        assert len(page["items"]) <= 3
        found += [item["id"] for item in page["items"]]
        if page["cursor"] is None:
            break
        query = f"limit=3&cursor={page['cursor']}"
    assert found == whole
    assert len(set(found)) == len(found) >= 7


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=01", "limit=+1", "limit=x", "limit=1&limit=2", "cursor=%00", "cursor=YWJj",
              "cursor=", "colour=red", "limit=%D9%A3"]
)  # fmt: skip
def test_a_page_is_asked_for_as_the_document_says(hub: Hub, query: str) -> None:
    response = hub.first.call("GET", "/mandates", query=query)
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json"), response.content


def test_anothers_mandate_is_unknown(hub: Hub) -> None:
    for signer in (hub.first, hub.second):
        assert signer.call("DELETE", f"/mandates/{uuid7()}").status_code == 404
