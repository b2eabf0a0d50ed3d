"""The client says all that the API's document offers, and nothing else: each method is called for real."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import httpx
import pytest
from django.conf import settings

from tests.hub.country import STRANGER, Hub
from tests.node.typed import form_of, form_of_schema
from veta.config.wsgi import application
from veta.kernel.ids import uuid7
from veta.node import answers
from veta.node.client import PREFIX, HubClient
from veta.node.credentials import Credentials, new_credentials
from veta.node.port import HubPort
from veta.node.transport import HubRefused

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
ID = str(uuid7())
CALLS: dict[str, Callable[[HubClient], Any]] = {
    "submit": lambda c: c.submit([{"id": ID}]),
    "check": lambda c: c.check([{"id": ID}]),
    "movement": lambda c: c.movement(ID),
    "confirm": lambda c: c.confirm(ID, id=ID, decision="confirm"),
    "withdraw": lambda c: c.withdraw(ID, id=ID),
    "ask_consent": lambda c: c.ask_consent(purpose="mandate", party=STRANGER),  # type: ignore[arg-type]
    "propose_mandate": lambda c: c.propose_mandate(
        STRANGER,  # type: ignore[arg-type]
        data_authorization={"version": "1", "text": "Autorizo."},
    ),
    "confirm_mandate": lambda c: c.confirm_mandate(ID, consent={"id": ID, "code": "123456"}),
    "mandates": lambda c: list(c.mandates()),
    "end_mandate": lambda c: c.end_mandate(ID),
    "look_up": lambda c: c.look_up(STRANGER),  # type: ignore[arg-type]
    "balances": lambda c: c.balances(STRANGER, mineral="oro"),  # type: ignore[arg-type]
    "title": lambda c: c.title("DEMO-ORO"),
    "minerals": lambda c: list(c.minerals()),
    "municipalities": lambda c: list(c.municipalities()),
    "norms": lambda c: list(c.norms()),
    "prices": lambda c: c.prices("oro"),
    "quote_bond": lambda c: c.quote_bond(
        {"regime": "ley_685", "stage": "exploracion", "starts_on": "2025-08-01", "investment_cop": "1"}
    ),
    "quote_royalty": lambda c: c.quote_royalty(
        {"quarter": "2025-T3", "lines": [{"mineral": "caliza", "quantity": "1", "unit": "t"}]}
    ),
    "lot": lambda c: c.lot(ID),
    "origins": lambda c: c.origins(ID),
    "trace": lambda c: list(c.trace(ID)),
    "issue_certificate": lambda c: c.issue_certificate(id=ID, kind="origin_certificate", lot=ID),
    "certificate": lambda c: c.certificate(ID),
    "withdraw_certificate": lambda c: c.withdraw_certificate(ID, reason="Error."),
    "events": lambda c: list(c.events()),
    "set_webhook": lambda c: c.set_webhook("https://operador.example/veta"),
    "webhook": lambda c: c.webhook(),
    "ask_validation": lambda c: c.ask_validation(
        title="DEMO-CARBON", party={"type": "NIT", "number": "900100002"}, reason="El plan no dice el tipo."
    ),
    "end_webhook": lambda c: c.end_webhook(),
    "hub_keys": lambda c: list(c.hub_keys()),
    "keys": lambda c: list(c.keys()),
    "propose_key": lambda c: c.propose_key(new_credentials("DEMO-OTTM-1")),
    "revoke_key": lambda c: c.revoke_key("demo-ottm-1-0000000000000000"),
}


@pytest.fixture(scope="module")
def said(hub: Hub) -> dict[str, tuple[str, str]]:
    """The operation that each of the client's methods reached, as the document names it; none refused for its shape."""
    reached: dict[str, tuple[str, str]] = {}
    seen: list[httpx.Request] = []
    unexpected: dict[str, int] = {}
    http = httpx.Client(transport=httpx.WSGITransport(app=application), event_hooks={"request": [seen.append]})
    credentials = Credentials(hub.first.code, hub.first.private)
    with HubClient(settings.PUBLIC_ORIGIN, credentials, http=http, deadline=5) as client:
        for name, call in CALLS.items():
            try:
                call(client)
            except HubRefused as refused:
                unexpected |= {name: refused.status} if refused.status != 404 else {}
            reached[name] = (seen[-1].method.lower(), _template(seen[-1].url.path))
    assert unexpected == {}
    return reached


def _template(path: str) -> str:
    patterns = {template: re.sub(r"\{\w+\}", "[^/]+", template) for template in DOCUMENT["paths"]}
    exact = [template for template in patterns if template == path]
    return (exact or [template for template, pattern in patterns.items() if re.fullmatch(pattern, path)])[0]


def test_every_operation_of_the_document_has_a_method_and_every_method_an_operation(
    said: dict[str, tuple[str, str]],
) -> None:
    documented = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert set(said.values()) == documented
    assert {path.removeprefix(PREFIX)[0] for _, path in said.values()} == {"/"}


def test_every_method_is_called_above() -> None:
    public = {name for name in vars(HubClient) if not name.startswith("_")} - {"transport"}
    assert public == set(CALLS)


def answered(method: str, path: str) -> dict[str, Any] | None:
    """The schema of an operation's answer; None where it answers without a body."""
    responses = DOCUMENT["paths"][path][method]["responses"]
    (good,) = [response for status, response in responses.items() if status.startswith("2")]
    found: dict[str, Any] | None = good.get("content", {}).get("application/json", {}).get("schema")
    return found


def test_each_method_is_typed_as_its_operation_answers(said: dict[str, tuple[str, str]]) -> None:
    """A list's method gives its items one by one (the feed, its pages), a batch's the results; the rest, the answer."""
    schemas, wrong = DOCUMENT["components"]["schemas"], {}
    for name, operation in said.items():
        typed, schema = get_type_hints(getattr(HubClient, name))["return"], answered(*operation)
        if schema is None:
            wrong |= {name: typed} if typed is not type(None) else {}
            continue
        whole = form_of_schema(schema, schemas)
        if get_origin(typed) is Iterator and name != "events":
            whole = whole["items"][1][1]
        elif name in ("submit", "check"):
            whole = whole["results"][1]
        said_of = get_args(typed)[0] if get_origin(typed) is Iterator else typed
        wrong |= {name: (form_of(said_of), whole)} if form_of(said_of) != whole else {}
    assert wrong == {}


def test_every_port_method_is_typed_as_the_clients() -> None:
    for name in (name for name in vars(HubPort) if not name.startswith("_")):
        assert get_type_hints(getattr(HubPort, name)) == get_type_hints(getattr(HubClient, name)), name


def test_every_answer_has_the_schema_of_its_name() -> None:
    """`Balance` is a union, and what a balance is made of has no name in the document; `Party` is what is asked."""
    schemas = DOCUMENT["components"]["schemas"]
    made = {name: getattr(answers, name) for name in answers.__all__ if is_typeddict(getattr(answers, name))}
    nameless = {"Party", "FullBalance", "CardBalance", "OverBalance", "MunicipalityDue"}
    assert made.keys() - schemas.keys() == nameless
    wrong = [name for name in made.keys() - nameless if form_of(made[name]) != form_of_schema(schemas[name], schemas)]
    assert wrong == []
