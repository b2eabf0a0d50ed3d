"""What needs no signature: the catalogue, the places, the norms, the hub's keys; and the document of the API itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.hub.conftest import told
from tests.hub.country import Hub
from veta.hub.api import addresses
from veta.hub.queries import openapi_document
from veta.norms.catalogue import catalogue
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.limits import DEFAULT, Limits, Rate

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def get(path: str, **more: Any) -> Any:
    return Client().get(f"/api/v1{path}", **more)


def test_the_document_is_the_one_committed_and_the_one_served(hub: Hub) -> None:
    assert DOCUMENT.read_text() == openapi_document(), (
        "run `veta hub openapi > docs/openapi.json` and read the difference"
    )
    assert told(get("/openapi.json")) == json.loads(DOCUMENT.read_text())


def test_every_operation_says_what_it_answers_and_refuses() -> None:
    for path, methods in json.loads(DOCUMENT.read_text())["paths"].items():
        for method, operation in methods.items():
            assert {"422", "429"} < set(operation["responses"]), (method, path)
            assert ("401" in operation["responses"]) == bool(operation["security"]), (method, path)
            assert method != "post" or operation["requestBody"]["required"]


def test_the_catalogue_is_whole(hub: Hub) -> None:
    found = told(get("/minerals"))
    assert ([m["code"] for m in found["items"]], found["cursor"]) == ([m.code for m in catalogue()], None)
    page = told(get("/minerals?limit=2"))
    following = told(get(f"/minerals?limit=2&cursor={page['cursor']}"))
    assert page["items"] + following["items"] == found["items"][:4]


@pytest.mark.parametrize("q", ["05001", "050", "medellin", "MEDELLÍN", "antioq"])
def test_a_municipality_is_found_however_it_is_typed(hub: Hub, q: str) -> None:
    assert [unit["code"] for unit in told(get("/municipalities", data={"q": q}))["items"]] == ["05001"]


@pytest.mark.parametrize(
    "path",
    ["/municipalities?q=", "/municipalities?q=%00", "/municipalities?q=a%E2%80%AEb", "/norms?on=2026-02-30",
     "/norms?on=2026", "/minerals?colour=red", "/hub-keys?limit=0", "/norms?on=2026-01-01&on=2026-01-02",
     "/minerals?" + "&".join(f"a{n}=1" for n in range(40))],
)  # fmt: skip
def test_what_is_not_a_parameter_is_an_error(hub: Hub, path: str) -> None:
    response = get(path)
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json"), response.content


def test_more_parameters_than_the_server_counts_are_not_a_fault(hub: Hub) -> None:
    response = get("/minerals?" + "&".join(f"a{n}=1" for n in range(1100)))
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_norms_are_those_of_the_day(hub: Hub) -> None:
    on = {norm["id"]: norm for norm in told(get("/norms?on=2017-02-09"))["items"]}
    before = {norm["id"] for norm in told(get("/norms?on=2017-02-08"))["items"]}
    cap = on["subsistence.cap.metales_preciosos"]
    assert (cap["value"]["year"], cap["status"], cap["valid_from"]) == ("420", "unverified", "2017-02-09")
    assert "subsistence.cap.metales_preciosos" not in before
    assert told(get("/norms"))["digest"].startswith("sha256:")


def test_the_hubs_keys_are_listed(hub: Hub) -> None:
    assert hub_signer().key_id in {key["keyid"] for key in told(get("/hub-keys"))["items"]}


def test_head_goes_with_get(hub: Hub) -> None:
    assert Client().head("/api/v1/minerals").status_code == 200


def test_an_address_that_asks_too_much_waits_and_others_do_not(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "limits", Limits(dict.fromkeys(DEFAULT, Rate(0.5, 3))))
    answers = [get("/minerals", REMOTE_ADDR="192.0.2.1") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert get("/minerals", REMOTE_ADDR="192.0.2.2").status_code == 200
    for low in range(4):
        last = get("/minerals", REMOTE_ADDR=f"2001:db8::{low}")
    assert last.status_code == 429, "one network of 64 bits is one caller"
    spoofed = get("/minerals", REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": "203.0.113.9"})
    assert spoofed.status_code == 429, "nobody trusted said so"
