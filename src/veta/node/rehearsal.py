"""What the node's own sandbox answers, in the contract's form: made up of what it was asked, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from veta.kernel.finding import Finding
from veta.kernel.ids import uuid_of
from veta.kernel.period import bogota_date
from veta.kernel.quantity import Fineness, QuantityError, amount_of, text_of
from veta.node.answers import (
    Certificate,
    Consent,
    FeedEvent,
    Key,
    Lot,
    LotMade,
    LotOrigins,
    Mineral,
    Municipality,
    Price,
    Result,
    Title,
    Verdict,
    Webhook,
)
from veta.norms.catalogue import catalogue

RULES: Final = "sandbox"
WORD: Final = "ENSAYO"
CONSENT_LASTS: Final = timedelta(minutes=15)
TOWNS: Final = (("05001", "Medellín"), ("05250", "El Bagre"), ("05736", "Segovia"))
FIRST_DAY: Final = date(2024, 1, 1)
PRICE_COP: Final = "300000"


def now() -> str:
    """This instant, as the hub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def accepted(id: str, lots: Iterable[LotMade], *, step_of: str = "", outcome: Any = "") -> Result:
    """A yes without a receipt; `step_of`, the movement that it answers, ended so (`outcome`)."""
    verdict: Verdict = {
        "movement": step_of or id, "status": "accepted", "decided_at": now(), "lots": list(lots), "findings": [],
        "rules": RULES,
    }  # fmt: skip
    if verdict["lots"] or outcome == "accepted":
        verdict["accreditation"] = "accredited"
    if step_of:
        verdict |= {"step": id, "outcome": outcome}
    return {"repeated": False, "verdict": verdict, "receipt": None}


def other_words(id: str) -> Result:
    """The same id with other words: told as the hub does, stored nowhere."""
    found: Any = Finding(
        "SCH-010", "blocking", "id", "API v1", "Ese id ya lo lleva otro contenido. Use otro."
    ).as_json()
    return {
        "repeated": False, "verdict": {"movement": id, "status": "rejected", "lots": [], "findings": [found]},
        "receipt": None,
    }  # fmt: skip


def lots_made(asked: Mapping[str, Any], known: Mapping[str, LotMade]) -> list[LotMade]:
    """The lots of a movement, where it says enough: measured, given out, or sold under a new id."""
    id = str(asked.get("id", ""))
    if isinstance(asked.get("outputs"), list):
        first = next((part["lot"] for part in asked.get("inputs", ()) if isinstance(part, Mapping)), "")
        mineral = known[first]["mineral"] if first in known else ""
        blend = {"mineral": mineral, "counted": True} if asked.get("kind") == "regroup" else {}
        given = [blend | each for each in asked["outputs"] if isinstance(each, dict)]
    elif asked.get("kind") == "sale":
        given = [_moved(each, known) for each in asked.get("items", ()) if isinstance(each, dict)]
    else:
        given = [dict(asked)]
    made = [_made(each, str(uuid_of(RULES, id, str(place)))) for place, each in enumerate(given)]
    return [each for each in made if each is not None]


def _moved(item: Mapping[str, Any], known: Mapping[str, LotMade]) -> dict[str, Any]:
    lot = known.get(str(item.get("lot")))
    unit = {"mineral": lot["mineral"], "unit": lot["unit"], "counted": True} if lot is not None else {}
    return {"lot": item.get("new_lot"), "quantity": item.get("quantity"), **unit}


def _made(given: Mapping[str, Any], otherwise: str) -> LotMade | None:
    mineral = catalogue().mineral(str(given.get("mineral", "")))
    if mineral is None or mineral.is_heading:
        return None
    try:
        amount = amount_of(str(given.get("quantity")), factor=mineral.factor)
        if mineral.precious and "counted" not in given:
            amount = Fineness.parse(str(given.get("fineness"))).fine(amount)
    except QuantityError:
        return None
    quantity = text_of(amount, factor=mineral.factor)
    return {
        "lot": str(given.get("lot") or otherwise),
        "mineral": mineral.code,
        "quantity": quantity,
        "unit": mineral.unit,
    }


def event(number: int, line: Mapping[str, Any]) -> FeedEvent:
    """A line of the sandbox's file as the feed tells it: everything is this operator's own."""
    verdict: Verdict = line["result"]["verdict"]
    return {
        "number": number, "movement": line["id"], "kind": line["asked"].get("kind", "confirmation"),
        "subject": line["asked"].get("movement"), "occurred_at": line["at"], "author": None, "counterparty": None,
        "author_mandate": None, "counterparty_mandate": None, "lots": [lot["lot"] for lot in verdict["lots"]],
        "verdict": verdict,
    }  # fmt: skip


def consent(id: str, asked: Mapping[str, Any]) -> Consent:
    """A card is believed, whatever its PIN; without one a code is waited for, and any will do."""
    card = bool(asked.get("card"))
    expires = (datetime.now(UTC) + CONSENT_LASTS).isoformat()
    return {
        "id": id, "purpose": asked["purpose"], "method": "card_pin" if card else "code",
        "methods": ["card_pin"] if card else ["code"], "missing": [] if card else ["code"], "verified": card,
        "expires_at": expires,
    }  # fmt: skip


def lot(made: LotMade, line: Mapping[str, Any], *, taken: Iterable[str]) -> Lot:
    """A lot that the sandbox saw made; `taken`, what later movements took of it."""
    mineral = catalogue().mineral(made["mineral"])
    assert mineral is not None
    asked = line["asked"]
    left = amount_of(made["quantity"], factor=mineral.factor)
    left -= sum(amount_of(each, factor=mineral.factor) for each in taken)
    place = asked.get("place") or {}
    return {
        "lot": made["lot"], "mineral": made["mineral"], "unit": made["unit"], "quantity": made["quantity"],
        "left": text_of(max(left, 0), factor=mineral.factor), "held": text_of(0, factor=mineral.factor),
        "accreditation": "accredited", "holder": {"kind": "firm", "name": None, "client": True},
        "municipality": place.get("municipality"), "facility": place.get("facility"), "movement": line["id"],
        "occurred_at": asked.get("occurred_at", line["at"]), "fineness": asked.get("fineness"),
        "grade": asked.get("grade"), "suspended": False,
    }  # fmt: skip


def origins(made: LotMade, origin: Mapping[str, Any]) -> LotOrigins:
    """The one origin of a lot that came out of the ground by its movement."""
    mineral = catalogue().mineral(made["mineral"])
    assert mineral is not None
    total = str(amount_of(made["quantity"], factor=mineral.factor))
    one = {"kind": origin["kind"], "code": origin.get("code"), "municipality": origin.get("municipality")}
    return {
        "lot": made["lot"], "mineral": made["mineral"], "unit": made["unit"], "quantity": made["quantity"],
        "total": total, "origins": 1, "items": [{**one, "person": None, "weight": total}], "cursor": None,  # type: ignore[typeddict-item]
    }  # fmt: skip


def certificate(made: LotMade, given: Mapping[str, Any]) -> Certificate:
    """A document that verifies nowhere: no code, no credential, and a number that says what it is."""
    quantity = given["quantity"] or made["quantity"]
    return {
        "id": given["id"], "kind": given["kind"], "number": f"{WORD}-{given['id'][-6:]}", "token": WORD,
        "page": "https://ensayo.invalid/", "state": "valid", "issued_at": now(), "lot": made["lot"],
        "mineral": made["mineral"], "unit": made["unit"], "quantity": quantity, "used": "0", "left": quantity,
        "reason": None, "replaced_by": None, "code": None, "credential": None, "quotas": [],
    }  # fmt: skip


def title(code: str) -> Title:
    """A title of nobody, for every mineral and without a plan."""
    return {
        "code": code, "kind": "title", "modality": WORD, "stage": "exploitation", "status": "in_force",
        "holders": [{"holder": {"kind": "firm", "name": None, "client": False}, "share": "100"}], "minerals": [],
        "associated": [], "municipalities": [TOWNS[0][0]], "contract_date": None, "inscription_date": None,
        "end_date": None, "environmental_instrument": None, "scale": None, "plan": None,
    }  # fmt: skip


def price(mineral: str, on: str) -> Price:
    """A made-up base price of gold, so that a receipt has something to multiply by; it says that it is none."""
    day = on or bogota_date(datetime.now(UTC)).isoformat()
    return {
        "mineral": mineral, "market": None, "zone": None, "producer_class": None, "unit": "g", "price_cop": PRICE_COP,
        "resolution": WORD, "issued_on": FIRST_DAY.isoformat(), "published_on": None, "periodicity": "month",
        "period": [day, day], "sha256": "", "certificate": None, "demo": True,
    }  # fmt: skip


def minerals() -> list[Mineral]:
    """The catalogue that the product carries, which is the hub's own."""
    return [
        {
            "code": each.code, "name": each.name, "name_en": each.name_en, "group": each.group, "unit": each.unit,
            "smallest": each.smallest, "is_heading": each.is_heading, "headings": list(each.headings),
            "quota_group": each.quota_group, "precious": each.precious, "graded": each.graded, "metal": each.metal,
            "grade_unit": each.grade_unit,
        }
        for each in catalogue()
    ]  # fmt: skip


def municipalities(q: str) -> list[Municipality]:
    """Three municipalities, enough to capture something."""
    found = [(code, name) for code, name in TOWNS if code.startswith(q) or q.casefold() in name.casefold()]
    return [
        {"code": code, "name": name, "department": "Antioquia", "kind": "Municipio", "lat": None, "lon": None}
        for code, name in found
    ]


def key(public: str, since: str) -> Key:
    """The operator's key, which the sandbox never looks at."""
    return {
        "keyid": RULES, "purpose": "signing", "state": "live", "public_key": public, "proposed_by": None,
        "proposed_at": since, "active_from": since,
    }  # fmt: skip


def webhook(url: str) -> Webhook:
    """Asked for, and never called: this sandbox is a file."""
    return {"url": url, "state": "proving", "asked_at": now(), "delivered_at": None, "failing": None}
