"""Prices and calculators over the API: public, strict, limited, and the same numbers as the command."""

import json
from typing import Any

import pytest
from django.test import Client
from jsonschema_rs import Draft202012Validator

from tests.hub.conftest import told
from veta.hub.api.obligation_schemas import OBLIGATIONS
from veta.hub.api.obligations import BOND_EXAMPLE, ROYALTY_EXAMPLE
from veta.hub.api.schemas import SCHEMAS as OTHERS
from veta.operators.services.limits import DEFAULT, Limits, Rate

pytestmark = pytest.mark.django_db
SCHEMAS = {**OTHERS, **OBLIGATIONS}


@pytest.fixture(autouse=True)
def prices(priced: None, db: None) -> None:
    """Each test here has the demonstration's."""


def post(path: str, body: Any) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(f"/api/v1{path}", data=data, content_type="application/json")


def valid(name: str, value: Any) -> Any:
    """The value, after it passed its own schema of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    assert errors == []
    return value


def test_a_bond_is_quoted_without_signing() -> None:
    answer = valid("BondQuote", told(post("/bonds/quote", BOND_EXAMPLE)))
    # 120.000 t × 215.000 (DEMO, tercer trimestre de 2025) × 10 %
    assert (answer["status"], answer["insured_value_cop"], answer["exact_cop"]) == (
        "final",
        "2580000000",
        "2580000000.00",
    )
    [line] = answer["lines"]
    assert line["period"] == ["2025-07-01", "2025-09-30"]
    assert answer["demo"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"production": [{"mineral": "carbon", "annual_volume": "1", "unit": "t"}]}, "indicative", "BON-001"),
        ({"starts_on": "2020-01-01"}, "pending", "PRI-001"),
        ({"plan_approved": False}, "impossible", "BON-003"),
        ({"contract_date": "2010-10-15"}, "pending", "BON-013"),
        (
            {"stage_change": {"on": "2025-12-01", "stage": "construccion_montaje", "investment_cop": "5"}},
            "final",
            "BON-002",
        ),
    ],
)
def test_every_status_is_an_answer_of_the_documents_shape(changed: Any, status: str, code: str) -> None:
    answer = valid("BondQuote", told(post("/bonds/quote", BOND_EXAMPLE | changed)))
    assert code in [finding["code"] for finding in answer["findings"]]
    if code != "BON-013":
        assert answer["status"] == status


def test_royalties_are_settled_without_signing() -> None:
    answer = valid("RoyaltyQuote", told(post("/royalties/quote", ROYALTY_EXAMPLE | {"paid_on": "2025-12-01"})))
    # 1.000 t × 215.000 × 5 %
    assert answer["payable_cop"] == "10750000"
    assert answer["by_municipality"] == [{"municipality": "15759", "value_cop": "10750000.00"}]
    assert answer["due"]["earliest"] == "2025-10-15"
    assert answer["late"]["days"] == "47"


@pytest.mark.parametrize("path", ["/bonds/quote", "/royalties/quote"])
@pytest.mark.parametrize("body", ["{", "[]", '{"a": 1, "a": 2}', '{"regime": NaN}', '{"quarter": 1e400}', b"\xff", ""])
def test_what_cannot_be_read_is_a_problem_and_never_a_fault(path: str, body: str | bytes) -> None:
    response = post(path, body)
    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
    valid("Problem", told(response))


def test_a_bad_field_is_named_with_value_and_remedy() -> None:
    response = post("/bonds/quote", BOND_EXAMPLE | {"starts_on": "2025-02-30"})
    assert response.status_code == 422
    [finding] = valid("Problem", told(response))["findings"]
    assert (finding["field"], finding["params"]["value"]) == ("starts_on", "2025-02-30")
    assert "2025-08-01" in finding["message"]


def test_prices_of_a_day_and_of_one_mineral() -> None:
    def get(query: str) -> Any:
        return Client().get(f"/api/v1/prices{query}")

    everything = valid("PriceList", told(get("?on=2025-08-01")))
    assert len(everything["items"]) > 10
    thermal = valid("PriceList", told(get("?on=2025-08-01&mineral=carbon_termico")))
    assert [finding["code"] for finding in thermal["findings"]] == ["PRI-002"]
    assert {item["market"] for item in thermal["items"]} == {"interno", "exportacion"}
    none = valid("PriceList", told(get("?on=2020-08-01&mineral=carbon_termico")))
    assert ([finding["code"] for finding in none["findings"]], none["items"]) == (["PRI-001"], [])
    for bad in ("?mineral=unobtainio", "?on=2025-02-30", "?day=2025-01-01"):
        assert get(bad).status_code == 422


def test_a_visitor_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Limits(DEFAULT | {"public": Rate(0.5, 1)})
    monkeypatch.setattr("veta.hub.api.addresses.limits", slow)
    assert post("/bonds/quote", BOND_EXAMPLE).status_code == 200
    refused = post("/bonds/quote", BOND_EXAMPLE)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
