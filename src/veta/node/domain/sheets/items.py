"""What a movement's values say to the hub: the item of its API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from veta.kernel.period import BOGOTA
from veta.node.domain.sheets.words import FINAL_CONSUMER
from veta.norms.catalogue import catalogue

Values = Mapping[str, Any]
Party = Mapping[str, Any]
PAPERS: Final = ("paper", "second_paper")
"""What the keys of a paper's columns begin with: `paper_type`, `paper_number`, `paper_day`."""


def item_of(kind: str, lines: Sequence[Values], party: Party) -> dict[str, Any]:
    """The item without ids: `party` reports it, as its own document. The first line says what is of all of it."""
    day, hour = lines[0]["date"]
    at = datetime.combine(day, lines[0].get("hour") or hour or time(), BOGOTA)
    own, papers = _OWN[kind](lines, party), _papers(lines, day.isoformat())
    item = {"kind": kind, "occurred_at": at.isoformat(), **own, **_tail(lines[0]), "evidence": papers}
    return _said(item)


def _papers(lines: Sequence[Values], day: str) -> list[dict[str, str]]:
    """The papers that the lines bring, each once. A ticket, which has no date of its own, is of the movement's day."""
    found: list[dict[str, str]] = []
    if lines[0].get("ticket"):
        found.append({"type": "weighbridge", "number": lines[0]["ticket"], "issued_on": day})
    for line in lines:
        for key in PAPERS:
            if line.get(f"{key}_type"):
                number, issued = line[f"{key}_number"], line[f"{key}_day"]
                found.append({"type": line[f"{key}_type"], "number": number, "issued_on": issued})
    return [each for n, each in enumerate(found) if each not in found[:n]]


def places_of(lines: Sequence[Values]) -> list[str]:
    """Where each line stands in its item: `items[1]`, `outputs[0]`."""
    count: Counter[str] = Counter()
    places = []
    for line in lines:
        name = _SIDES.get(line.get("side", ""), "items")
        places.append(f"{name}[{count[name]}]")
        count[name] += 1
    return places


def _said(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value not in ("", None, [])}


def _tail(values: Values) -> dict[str, Any]:
    note = " · ".join(filter(None, (values.get("note"), _reference(values))))
    tail: dict[str, Any] = {"note": note}
    if values.get("late"):
        tail["late"] = {"reason": values["late"]}
    return tail


def _reference(values: Values) -> str:
    told = values.get("reference") or values.get("movement")
    return f"Ref. {told}" if told else ""


def _measure(values: Values) -> dict[str, Any]:
    mineral = catalogue().mineral(values["mineral"])
    unit = values.get("unit") or (mineral.unit if mineral else "")
    named = {name: values.get(name) for name in ("fineness", "assay", "grade")}
    return {"mineral": values["mineral"], "quantity": values["quantity"], "unit": unit, **named}


def _party(values: Values, key: str, *, usual: str) -> Party | None:
    number = values.get(f"{key}_number")
    return {"type": values.get(f"{key}_type") or usual, "number": number} if number else None


def _parts(lines: Sequence[Values]) -> list[dict[str, str]]:
    return [{"lot": line["lot"], "quantity": line["quantity"]} for line in lines]


def _place(values: Values) -> Mapping[str, str] | None:
    return {"municipality": values["municipality"]} if values.get("municipality") else None


def _purchase(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    (values,) = lines
    return {
        "seller": _party(values, "seller", usual="CC"), "buyer": party,
        "origin": {"kind": "subsistence", "municipality": values["municipality"]}, **_measure(values),
        "price_cop": values.get("price"), "royalty_withheld_cop": values.get("withheld"),
    }  # fmt: skip


def _production(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    (values,) = lines
    origin = {"kind": values.get("origin_kind") or "title", "code": values["origin_code"]}
    return {"holder": party, "origin": origin, "place": _place(values), **_measure(values)}


def _sale(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    sold = {"seller": party, "items": _parts(lines), "price_cop": lines[0].get("price")}
    if lines[0].get("buyer_type") == FINAL_CONSUMER:
        return {**sold, "buyer_kind": FINAL_CONSUMER}
    return {**sold, "buyer": _party(lines[0], "buyer", usual="NIT")}


def _dispatch(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    values = lines[0]
    to = {"municipality": values["to"]} | ({"facility": values["to_facility"]} if values.get("to_facility") else {})
    carrier = _party(values, "carrier", usual="NIT")
    return {"holder": party, "items": _parts(lines), "to": to, "carrier": carrier, "vehicle": values.get("vehicle")}


def _receipt(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    arrived = [_said({**part, "lost": line.get("lost")}) for part, line in zip(_parts(lines), lines, strict=True)]
    return {"dispatch": lines[0]["dispatch"], "items": arrived, "place": _place(lines[0])}


def _intake(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    (values,) = lines
    kind = values.get("origin_kind") or (values["basis"] if values["basis"] in ("import", "disused") else "title")
    origin = _said({"kind": kind, "code": values.get("origin_code"), "municipality": values.get("municipality")})
    seller = _party(values, "seller", usual="CC")
    return {"holder": party, "basis": values["basis"], "origin": origin, "seller": seller, **_measure(values)}


def _transformation(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    made = {side: [_said(_measure(line)) for line in lines if line["side"] == side] for side in ("output", "loss")}
    return {
        "holder": party, "plant": _party(lines[0], "plant", usual="NIT") or party, "recipe": lines[0]["recipe"],
        "inputs": _entering(lines), "outputs": made["output"], "losses": made["loss"],
    }  # fmt: skip


def _regroup(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    """Where no line says what remains, all that enters is one lot."""
    inputs = _entering(lines)
    unit = next((line["unit"] for line in lines if line.get("unit")), "")
    made = [line["quantity"] for line in lines if line["side"] == "output"]
    whole = sum((Decimal(part["quantity"]) for part in inputs), Decimal())
    outputs = [{"quantity": each, "unit": unit} for each in made or [format(whole, "f")]]
    return {"holder": party, "inputs": inputs, "outputs": outputs}


def _entering(lines: Sequence[Values]) -> list[dict[str, str]]:
    return _parts([line for line in lines if line["side"] == "input"])


def _of_lots(name: str) -> Callable[[Sequence[Values], Party], dict[str, Any]]:
    return lambda lines, party: {"holder": party, "items": _parts(lines), name: lines[0][name]}


def _retention(lines: Sequence[Values], party: Party) -> dict[str, Any]:
    (values,) = lines
    return {"holder": party, **_measure(values), "circumstances": values["circumstances"]}


_SIDES: Final[Mapping[str, str]] = {"input": "inputs", "output": "outputs", "loss": "losses"}
_OWN: Final[Mapping[str, Callable[[Sequence[Values], Party], dict[str, Any]]]] = {
    "subsistence_purchase": _purchase,
    "production": _production,
    "sale": _sale,
    "dispatch": _dispatch,
    "receipt": _receipt,
    "documented_intake": _intake,
    "transformation": _transformation,
    "regroup": _regroup,
    "export": _of_lots("country"),
    "consumption": _of_lots("use"),
    "loss": _of_lots("reason"),
    "retention": _retention,
}
