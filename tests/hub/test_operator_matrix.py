"""T10, operators' side: every operator endpoint × every caller × every method is called against the signed-off page.

The oracle is `docs/permissions-operators.md` as committed, with the methods of `docs/permissions.md`; no code of ours
is consulted. Each row is a real call on a real object of one party.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.assurance.record import trial
from tests.hub.country import STRANGER, Hub
from tests.hub.operators import Signer, send
from tests.movements.world import ACT
from veta.hub.api import lookups, lots, parties, people, validations
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.movements import feed, sight
from veta.operators.services import enrolment
from veta.registry.services import mandates
from veta.storage.connection import plain_connection
from veta.transparency.sequencer import number_pending

DOCS = Path(__file__).parents[2] / "docs"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MINER = {"type": "CC", "number": "10200300"}
TRADER2 = {"type": "NIT", "number": "900200002"}
HOLDER = {"type": "NIT", "number": "900100002"}
AUTHORIZATION = {"version": "1", "text": "Autorizo el tratamiento de mis datos."}


def table(page: str, header: str) -> list[dict[str, str]]:
    """The rows of a page's last table."""
    _, _, text = (DOCS / page).read_text().partition(header)
    head, _, *rows = [
        [cell.strip(" `") for cell in row.strip("| ").split(" | ")] for row in (header + text).splitlines()
    ]
    return [dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)]


SIGNED_OFF = table("permissions-operators.md", "| operation |")
CALLERS = [name for name in SIGNED_OFF[0] if name not in {"operation", "method"}]


@dataclass
class Country:
    """The hub, one signer for each column of the page, and the objects of its rows.

    `buyer` has the mandate of trader2 alone, to whom lots are offered: it stands for `mandate` in those rows.
    """

    hub: Hub
    signers: dict[str, Signer | None]
    things: dict[str, Any]

    def call(self, caller: str, method: str, path: str, value: Any = None) -> Any:
        signer = self.signers[caller]
        if signer is not None:
            return signer.call(method, path, value)
        body = json.dumps(value).encode() if value is not None else b""
        return send(method, f"/api/v1{path}", body, {"Content-Type": "application/json"} if body else {})


@pytest.fixture(scope="module")
def country(hub: Hub) -> Country:
    """`first` has the mandates, `second` only trader2's taken away again: the columns are made beside them."""
    made = {name: Signer.enrol(f"DEMO-{name.upper()}") for name in ("other", "none", "revoked", "suspended")}
    world = hub.world
    world.mandate(world.actors["exporter"], made["other"].operator)
    today = bogota_date(SystemClock().now())
    for actor in world.actors.values():
        world.mandate(actor, made["suspended"].operator)
        world.mandate(actor, made["revoked"].operator)
        mandates.revoke_mandate(actor, made["revoked"].operator, on=today, act=ACT)
    enrolment.record_status(
        operator=made["suspended"].operator,
        status="suspended",
        enabled_on=date(2026, 1, 1),
        act="Acto",
        officer="oficial-1",
    )
    signers = {"anonymous": None, **made, "mandate": hub.first, "buyer": hub.second}
    return Country(hub, signers, objects(hub, made))


def objects(hub: Hub, made: dict[str, Signer]) -> dict[str, Any]:
    """Lots of the coal's holder, two offers to trader2, and every operator's mandate of the plant."""
    production = hub.movement("production", quantity="500.000")
    offers = [hub.movement("sale", lot=production["lot"], quantity="10.000", buyer="trader2") for _ in range(3)]
    results = hub.report(production, *offers)
    assert [r["verdict"]["status"] for r in results] == ["accepted", "pending", "pending", "pending"], results
    strange = hub.movement("purchase", seller=STRANGER)
    hub.report(strange)
    issued = hub.first.call("POST", "/certificates", asked := asked_over(production["lot"]))
    assert issued.status_code == 201, issued.content
    plant, signers = hub.actor("plant"), {"revoked": made["revoked"], "mandate": hub.first}
    return {
        "certificate": asked["id"], "lot": production["lot"], "production": production["id"],
        "offers": [offer["id"] for offer in offers],
        "gold": strange["lot"], "own": {name: mandate_of(plant, s.operator) for name, s in signers.items()},
        "foreign_key": hub.second.key_id, "foreign": mandate_of(hub.actor("trader2"), hub.second.operator),
    }  # fmt: skip


def asked_over(lot: str) -> dict[str, str]:
    return {"id": str(uuid7()), "kind": "origin_certificate", "lot": lot}


def buyer(who: str) -> str:
    return "buyer" if who == "mandate" else who


def mandate_of(actor: UUID, operator: UUID) -> str:
    """A proposal's id of that relation (a new one where there is none)."""
    return str(mandates.propose_mandate(actor, operator, authorization_text="Autorizo.", authorization_version="2"))


def report(c: Country, caller: str, path: str) -> Any:
    return c.call(caller, "POST", path, {"movements": [c.hub.movement("production", quantity="1.000")]})


def with_offer(c: Country, caller: str, place: int, step: str, **more: str) -> Any:
    path = f"/movements/{c.things['offers'][place]}/{step}"
    return c.call(buyer(caller) if step == "confirmation" else caller, "POST", path, {"id": str(uuid7()), **more})


def consent(c: Country, caller: str, **asked: Any) -> Any:
    return c.call(caller, "POST", "/consents", {**asked, "card": c.hub.card, "party": STRANGER})


def of_the_log(c: Country, caller: str) -> Any:
    """The feed, once every committed group has its number."""
    with plain_connection(autocommit=True) as session:
        number_pending(session)
    return c.call(caller, "GET", "/events")


CALLS: dict[str, Callable[[Country, str], Any]] = {
    "report": lambda c, who: report(c, who, "/movements"),
    "check": lambda c, who: report(c, who, "/movements/check"),
    "show": lambda c, who: c.call(who, "GET", f"/movements/{c.things['production']}"),
    "confirm": lambda c, who: with_offer(c, who, 0, "confirmation", decision="confirm"),
    "withdraw": lambda c, who: with_offer(c, who, 1, "withdrawal"),
    "ask_consent for a sale to the party": lambda c, who: consent(
        c, who, purpose="sale", counterparty=TRADER2, mineral="oro", quantity="1"
    ),
    "ask_consent for a mandate": lambda c, who: consent(c, who, purpose="mandate"),
    "propose_mandate": lambda c, who: c.call(
        who, "POST", "/mandates", {"party": MINER, "data_authorization": AUTHORIZATION}
    ),
    "confirm_mandate of another operator": lambda c, who: c.call(
        who,
        "POST",
        f"/mandates/{c.things['foreign']}/confirmation",
        {"consent": {"id": str(uuid7()), "code": "123456"}},
    ),
    "mandate_list": lambda c, who: c.call(who, "GET", "/mandates"),
    "actor_lookup": lambda c, who: c.call(who, "POST", "/actors/lookup", {"party": MINER}),
    "balance_query": lambda c, who: c.call(who, "POST", "/balances/query", {"party": MINER}),
    "title": lambda c, who: c.call(who, "GET", "/titles/DEMO-CARBON"),
    "lot_shown": lambda c, who: c.call(who, "GET", f"/lots/{c.things['lot']}"),
    "lot_origins": lambda c, who: c.call(who, "GET", f"/lots/{c.things['gold']}/origins"),
    "lot_origins of a pending offer to the party": lambda c, who: c.call(
        buyer(who), "GET", f"/lots/{c.things['lot']}/origins"
    ),
    "lot_shown of a pending offer to the party": lambda c, who: c.call(buyer(who), "GET", f"/lots/{c.things['lot']}"),
    "lot_trace": lambda c, who: c.call(who, "GET", f"/lots/{c.things['gold']}/trace"),
    # All of the lot is certified already: only who may ask is told so.
    "issue_certificate": lambda c, who: c.call(who, "POST", "/certificates", asked_over(c.things["lot"])),
    "certificate_shown": lambda c, who: c.call(who, "GET", f"/certificates/{c.things['certificate']}"),
    "withdraw_certificate": lambda c, who: c.call(
        who, "POST", f"/certificates/{c.things['certificate']}/withdrawal", {"reason": "Error."}
    ),
    "ask_validation of a title of the party": lambda c, who: c.call(
        who, "POST", "/validations", {"title": "DEMO-CARBON", "party": HOLDER, "reason": "El plan no dice el tipo."}
    ),
    "key_list": lambda c, who: c.call(who, "GET", "/keys"),
    "revoke_key of another operator": lambda c, who: c.call(who, "DELETE", f"/keys/{c.things['foreign_key']}"),
    "end_mandate of another operator": lambda c, who: c.call(who, "DELETE", f"/mandates/{c.things['foreign']}"),
    "events": of_the_log,
    "set_webhook": lambda c, who: c.call(who, "PUT", "/webhook", {"url": f"https://{who}.example/veta"}),
    "webhook": lambda c, who: c.call(who, "GET", "/webhook"),
    "end_webhook": lambda c, who: c.call(who, "DELETE", "/webhook"),
    "end_mandate": lambda c, who: c.call(
        who, "DELETE", f"/mandates/{c.things['own'].get(who) or c.things['own']['mandate']}"
    ),
}


def word(operation: str, caller: Signer | None, response: Any) -> str:
    """What happened, in the words of the page."""
    if response.status_code not in {200, 201} or not response.content:
        return str(response.status_code)
    value = json.loads(response.content)
    return SEEN.get(operation.partition(" ")[0], lambda value, _: str(response.status_code))(value, caller)


def of_verdict(value: Any, _: Signer | None) -> str:
    verdict = value["results"][0]["verdict"] if "results" in value else value["verdict"]
    codes = {finding["code"] for finding in verdict["findings"]}
    return "MAN-001" if "MAN-001" in codes else str(verdict["status"])


def of_mandates(value: Any, _: Signer | None) -> str:
    return "full" if any(MINER in item["party"]["documents"] for item in value["items"] if item["party"]) else "empty"


def of_keys(value: Any, caller: Signer | None) -> str:
    codes = {key["keyid"].rpartition("-")[0] for key in value["items"]}
    return "own" if caller is not None and codes == {caller.code.lower()} else "others'"


def of_events(value: Any, _: Signer | None) -> str:
    """Whether the holder's first production is told; what a caller reported itself, and was refused, always is."""
    return "full" if any(item["verdict"]["status"] == "accepted" for item in value["items"]) else "empty"


def of_webhook(value: Any, caller: Signer | None) -> str:
    mine = caller is not None and value["url"] in {
        f"https://{caller.code.removeprefix('DEMO-').lower()}.example/veta", "https://mandate.example/veta",
    }  # fmt: skip
    return "own" if mine else "others'"


SEEN: dict[str, Callable[[Any, Signer | None], str]] = {
    "report": of_verdict,
    "check": of_verdict,
    "confirm": of_verdict,
    "withdraw": of_verdict,
    "show": lambda value, _: "full",
    "mandate_list": of_mandates,
    "actor_lookup": lambda value, _: (
        "full" if value["client"] and value["name"] == "DEMO miner (ficticio)" else "masked"
    ),
    "balance_query": lambda value, _: str(value["detail"]),
    "title": lambda value, _: "full" if value["plan"]["lines"] else "masked",
    "lot_shown": lambda value, _: "full",
    "lot_origins": lambda value, _: "full",
    "lot_trace": lambda value, _: "full",
    "certificate_shown": lambda value, _: "full",
    "withdraw_certificate": lambda value, _: "full",
    "key_list": of_keys,
    "events": of_events,
    "webhook": of_webhook,
}


def cells(country: Country, *only: str) -> Iterator[tuple[str, str, str]]:
    """Call the rows' cells; yields (cell, what the page says, what happened). `mandate`, the last column, may change
    what the row is about: the others never do."""
    for row in SIGNED_OFF:
        if only and row["operation"] not in only:
            continue
        for caller in CALLERS:
            response = CALLS[row["operation"]](country, caller)
            signer = country.signers[buyer(caller) if "offer" in row["operation"] else caller]
            yield f"{caller} {row['operation']}", row[caller], word(row["operation"], signer, response)


def undeclared(country: Country) -> Iterator[tuple[str, str, str]]:
    """Every method that `docs/permissions.md` gives no cell, on every path of the API, by every caller."""
    for row in table("permissions.md", "| endpoint |"):
        if not row["path"].startswith("/api/v1/") or row["endpoint"] in {"api:api-root", "api:openapi-json"}:
            continue
        path = re.sub(r"<[^>]+>", lambda found: "x" if ":" not in found[0] else str(uuid7()), row["path"])
        allowed = {method for method in METHODS if row.get("GET" if method == "HEAD" else method, "–") != "–"}
        for method in set(METHODS) - allowed:
            for caller in CALLERS:
                response = country.call(caller, method, path.removeprefix("/api/v1"))
                yield f"{caller} {method} {row['path']}", "405", str(response.status_code)


def test_every_operation_of_the_api_has_a_row() -> None:
    documented = json.loads((DOCS / "openapi.json").read_text())["paths"]
    names = {op["operationId"] for methods in documented.values() for op in methods.values() if op["security"]}
    assert {row["operation"].partition(" ")[0] for row in SIGNED_OFF} | {"propose_key"} == names
    assert {row["operation"] for row in SIGNED_OFF} == set(CALLS)


def test_every_cell_does_what_the_page_says(country: Country) -> None:
    with trial("T10 operators", n=0, seed=0) as figures:
        found = [*undeclared(country), *cells(country)]
        wrong = [cell for cell in found if cell[1] != cell[2]]
        figures |= {"n": len(found), "differences": len(wrong)}
        assert wrong == []
        assert len([cell for cell in found if cell[1] != "405"]) == len(SIGNED_OFF) * len(CALLERS)


def all_of(actors: Any, operator: UUID, **_: Any) -> frozenset[UUID]:
    return frozenset(actors)


def nothing(*args: Any, **kwargs: Any) -> None:
    """A check that somebody forgot."""


PLANTED: dict[str, tuple[Any, str, Any, str]] = {
    "whose lot": (lots, "clients_among", all_of, "lot_shown"),
    "whose genealogy": (lots, "clients_among", all_of, "lot_trace"),
    "whose origins": (lots, "clients_among", all_of, "lot_origins"),
    "an offer shows the origins only": (
        lots, "_held_by_client", lambda lot, _: lots._lot(lot), "lot_shown of a pending offer to the party",
    ),
    "whose balance": (lookups, "clients_among", all_of, "balance_query"),
    "whose name": (parties, "clients_among", all_of, "actor_lookup"),
    "whose plan": (parties, "clients_among", all_of, "title"),
    "whose buyer": (people, "require_client", nothing, "ask_consent for a sale to the party"),
    "whose title": (validations, "require_client", nothing, "ask_validation of a title of the party"),
    "whose movement": (sight, "clients_among", all_of, "show"),
    "whose feed": (feed, "clients_among", all_of, "events"),
}  # fmt: skip


@pytest.mark.parametrize("forgotten", PLANTED)
def test_control_a_missing_object_check_is_seen(
    country: Country, monkeypatch: pytest.MonkeyPatch, forgotten: str
) -> None:
    module, name, planted, row = PLANTED[forgotten]
    assert all(cell[1] == cell[2] for cell in cells(country, row)), "right before the fault is planted"
    monkeypatch.setattr(module, name, planted)
    assert any(cell[1] != cell[2] for cell in cells(country, row))
