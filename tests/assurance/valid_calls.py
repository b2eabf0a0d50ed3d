"""A valid request of every operation, and a movement of every kind: what the fuzzer spoils."""

from __future__ import annotations

from typing import Any

from tests.hub.country import STRANGER, Hub
from veta.kernel.ids import uuid7

Call = tuple[str, str, Any]  # method, path below /api/v1, body or None
AUTHORIZATION = {"version": "1", "text": "Autorizo el tratamiento de mis datos."}


def of(hub: Hub) -> list[Call]:
    """The calls, on lots and offers made for them."""
    production = hub.movement("production", quantity="900.000")
    offer = hub.movement("sale", lot=production["lot"], quantity="1.000", buyer="trader2")
    gold = hub.movement("purchase")
    hub.report(production, offer, gold)
    reported = [*reports(hub, production), *processes(hub, production)]
    paths = ("/movements", "/movements/check")
    return [
        *(("POST", path, {"movements": [each]}) for each in reported for path in paths),
        *steps(offer["id"]), *people(hub), *reads(production["lot"], gold["lot"]),
    ]  # fmt: skip


def reports(hub: Hub, production: dict[str, Any]) -> list[dict[str, Any]]:
    """What is extracted, bought, sold and undone, with every optional field somewhere."""
    place = {"municipality": "05001", "facility": "Bocamina 1", "lat": "6.2442", "lon": "-75.5817"}
    told = {"place": place, "note": "Turno 2", "late": {"reason": "Sin señal"}}
    consent = {"id": str(uuid7()), "code": "123456"}
    undone = hub.world.movement("reversal", movement=production["id"], reason="Error")
    return [
        {**hub.movement("production", quantity="0.001"), **told},
        {**hub.movement("purchase", quantity="0.001"), "price_cop": "150000.50", "consent": consent},
        hub.movement("sale", lot=production["lot"], quantity="0.001", buyer="trader2"),
        {**undone, "occurred_at": production["occurred_at"]},
    ]


def processes(hub: Hub, production: dict[str, Any]) -> list[dict[str, Any]]:
    """What is regrouped, transformed, exported and retained."""
    parties = hub.world.PARTIES
    item = [{"lot": production["lot"], "quantity": "0.001"}]
    fine = {"quantity": "1", "unit": "g", "fineness": "900", "assay": "declared"}
    plant = {"holder": parties["plant"], "plant": parties["plant"], "recipe": "fundicion"}
    made = [
        hub.world.movement(
            "regroup", holder=parties["holder2"], inputs=item, outputs=[{"quantity": "0.001", "unit": "t"}]
        ),
        hub.world.movement("transformation", **plant, inputs=item, outputs=[{"mineral": "dore", **fine}]),
        hub.world.movement("export", holder=parties["exporter"], items=item, country="US"),
        hub.world.movement("retention", holder=parties["trader"], mineral="oro", **fine, circumstances="Hallado"),
    ]
    return [{**each, "occurred_at": production["occurred_at"]} for each in made]


def steps(offer: str) -> list[Call]:
    answer = {"id": str(uuid7()), "decision": "refuse", "reason": "No"}
    return [
        ("POST", f"/movements/{offer}/confirmation", answer),
        ("POST", f"/movements/{offer}/withdrawal", {"id": str(uuid7())}),
        ("GET", f"/movements/{offer}", None),
    ]


def people(hub: Hub) -> list[Call]:
    party, consent = {"party": STRANGER}, {"id": str(uuid7()), "code": "123456"}
    bought = {"counterparty": hub.world.PARTIES["trader"], "mineral": "oro", "quantity": "1", "price_cop": "1000"}
    key = {"public_key": f"{'A' * 43}=", "purpose": "signing", "proof": f"{'A' * 86}=="}
    return [
        ("POST", "/consents", {"purpose": "sale", **bought, **party, "card": hub.card, "methods": ["card_pin"]}),
        ("POST", "/mandates", {**party, "data_authorization": AUTHORIZATION}),
        ("POST", f"/mandates/{uuid7()}/confirmation", {"consent": consent}),
        ("GET", "/mandates", None),
        ("DELETE", f"/mandates/{uuid7()}", None),
        ("POST", "/actors/lookup", party),
        ("POST", "/balances/query", {**party, "mineral": "oro"}),
        ("POST", "/balances/query", {**party, "consent": consent}),
        ("POST", "/keys", key),
        ("GET", "/keys", None),
        ("DELETE", "/keys/demo-ottm-9-0000000000000000", None),
    ]


def reads(lot: str, gold: str) -> list[Call]:
    own = ("/events", "/webhook", "/titles/DEMO-ORO", f"/lots/{lot}", f"/lots/{gold}/origins", f"/lots/{lot}/trace")
    public = ("/minerals", "/municipalities", "/norms", "/hub-keys")
    told = ("PUT", "/webhook", {"url": "https://operador.example/veta"})
    return [told, *(("GET", path, None) for path in (*own, *public)), ("DELETE", "/webhook", None)]
