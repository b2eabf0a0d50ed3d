"""The signed API, from the bytes of a request to the bytes of its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hub.operators import Signer, send
from tests.movements.world import World
from veta.kernel.ids import uuid7
from veta.movements.committer import close_committer
from veta.operators.keyring import forget
from veta.operators.services.hub_keys import hub_signer
from veta.transparency.domain import verify_receipt


@pytest.fixture
def first(fresh_database: Any) -> Iterator[Signer]:
    forget()
    yield Signer.enrol("DEMO-OTTM-1")
    close_committer()
    forget()


@pytest.fixture
def world(first: Signer) -> World:
    second = Signer.enrol("DEMO-OTTM-2")
    world = World(operator=first.operator, other_operator=second.operator).build()
    world.second = second  # type: ignore[attr-defined]
    return world


def now_production(world: World, **more: Any) -> dict[str, Any]:
    from datetime import UTC, datetime

    return {**world.production(**more), "occurred_at": datetime.now(UTC).isoformat()}


def test_a_signed_report_is_verified_and_answered_with_a_receipt(first: Signer, world: World) -> None:
    production = now_production(world)
    response = first.call("POST", "/movements", {"movements": [production]})
    assert response.status_code == 200, response.content
    result = json.loads(response.content)["results"][0]
    assert result["verdict"]["status"] == "accepted", result
    receipt = result["receipt"]
    assert verify_receipt(
        bytes.fromhex(receipt["leaf"]), index=receipt["index"], size=receipt["size"],
        path=[bytes.fromhex(node) for node in receipt["path"]], signature=bytes.fromhex(receipt["signature"]),
        public_key=hub_signer().private.public_key().public_bytes_raw(),
    )  # fmt: skip
    shown = json.loads(first.call("GET", f"/movements/{production['id']}").content)
    assert (shown["state"], shown["verdict"]) == ("accepted", result["verdict"])


def test_the_same_request_again_is_refused_and_the_same_item_repeated(first: Signer, world: World) -> None:
    body = json.dumps({"movements": [now_production(world)]}).encode()
    headers = first.headers("POST", "/api/v1/movements", body)
    sent = send("POST", "/api/v1/movements", body, headers)
    replayed = send("POST", "/api/v1/movements", body, headers)
    assert (sent.status_code, replayed.status_code) == (200, 401)
    assert json.loads(replayed.content)["findings"][0]["code"] == "SIG-004"
    again = json.loads(first.call("POST", "/movements", body=body).content)["results"][0]
    assert again == {**json.loads(sent.content)["results"][0], "repeated": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"movements":[]}', 422),
        (b'{"movements":{}}', 400),
        (b'{"movements":[{}],"movements":[{}]}', 400),
        (b'{"movements":[{"id":NaN}]}', 400),
        (b'\xff{"movements":[{}]}', 400),
        (b'{"movements":[' + b'{"a":' * 17 + b"1" + b"}" * 17 + b"]}", 400),
    ],
)  # fmt: skip
def test_an_unreadable_request_is_a_problem_document(first: Signer, body: bytes, status: int) -> None:
    response = first.call("POST", "/movements", body=body)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), response.content


def test_bad_items_fail_alone(first: Signer, world: World) -> None:
    good = now_production(world)
    bad = {**now_production(world), "colour": "red", "quantity": 12}
    response = first.call("POST", "/movements", {"movements": [bad, good]})
    refused, accepted = json.loads(response.content)["results"]
    assert {f["code"] for f in refused["verdict"]["findings"]} == {"SCH-001", "SCH-003"}
    assert refused["receipt"] is None
    assert accepted["verdict"]["status"] == "accepted"


@pytest.mark.parametrize("number", ["1.5", "1e5", "9007199254740993", "9" * 400, "-0.0"])
def test_a_number_where_text_is_due_fails_its_item_alone(first: Signer, world: World, number: str) -> None:
    bad = json.dumps({**now_production(world), "quantity": 0}).replace('"quantity": 0', f'"quantity": {number}')
    body = f'{{"movements":[{bad},{json.dumps(now_production(world))}]}}'.encode()
    response = first.call("POST", "/movements", body=body)
    assert response.status_code == 200, response.content
    refused, accepted = json.loads(response.content)["results"]
    assert [f["code"] for f in refused["verdict"]["findings"]] == ["SCH-003"]
    assert accepted["verdict"]["status"] == "accepted"


def test_check_decides_and_keeps_nothing(first: Signer, world: World) -> None:
    production = now_production(world)
    checked = json.loads(first.call("POST", "/movements/check", {"movements": [production]}).content)["results"][0]
    assert (checked["verdict"]["status"], checked["receipt"]) == ("accepted", None)
    assert first.call("GET", f"/movements/{production['id']}").status_code == 404
    reported = json.loads(first.call("POST", "/movements", {"movements": [production]}).content)["results"][0]
    assert not reported["repeated"]


def test_an_offer_is_confirmed_by_the_other_operator(first: Signer, world: World) -> None:
    second: Signer = world.second  # type: ignore[attr-defined]
    production = now_production(world)
    sale = {**world.sale(production["lot"], "40.000"), "occurred_at": production["occurred_at"]}
    first.call("POST", "/movements", {"movements": [production, sale]})
    answer = {"id": str(uuid7()), "decision": "confirm"}
    confirmed = second.call("POST", f"/movements/{sale['id']}/confirmation", answer)
    assert json.loads(confirmed.content)["verdict"]["outcome"] == "accepted", confirmed.content
    again = json.loads(second.call("POST", f"/movements/{sale['id']}/confirmation", answer).content)
    assert again["repeated"]
    assert json.loads(first.call("GET", f"/movements/{sale['id']}").content)["state"] == "accepted"
    unknown = first.call("POST", f"/movements/{uuid7()}/confirmation", {"id": str(uuid7()), "decision": "confirm"})
    assert unknown.status_code == 404


def test_without_a_signature_nothing_is_said(first: Signer) -> None:
    assert (
        send("POST", "/api/v1/movements", b'{"movements":[{}]}', {"Content-Type": "application/json"}).status_code
        == 401
    )
    assert send("GET", f"/api/v1/movements/{uuid7()}", b"", {}).status_code == 401
