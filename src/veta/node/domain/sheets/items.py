"""What a row's values say to the hub: the item of its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any, Final

from veta.kernel.period import BOGOTA
from veta.norms.catalogue import catalogue

Values = Mapping[str, Any]
Party = Mapping[str, Any]


def item_of(kind: str, values: Values, party: Party) -> dict[str, Any]:
    """The item without ids: `party` reports it, as its own document."""
    day, hour = values["date"]
    at = datetime.combine(day, values.get("hour") or hour or time(), BOGOTA)
    item = {"kind": kind, "occurred_at": at.isoformat(), **_OWN[kind](values, party), **_tail(values)}
    return {name: value for name, value in item.items() if value not in ("", None)}


def _tail(values: Values) -> dict[str, Any]:
    note = " · ".join(filter(None, (values.get("note"), _reference(values))))
    tail: dict[str, Any] = {"note": note}
    if values.get("late"):
        tail["late"] = {"reason": values["late"]}
    if values.get("paper_type"):
        tail["evidence"] = [
            {"type": values["paper_type"], "number": values["paper_number"], "issued_on": values["paper_day"]}
        ]
    return tail


def _reference(values: Values) -> str:
    return f"Ref. {values['reference']}" if values.get("reference") else ""


def _measure(values: Values) -> dict[str, Any]:
    mineral = catalogue().mineral(values["mineral"])
    unit = values.get("unit") or (mineral.unit if mineral else "")
    named = {name: values.get(name) for name in ("fineness", "assay", "grade")}
    return {"mineral": values["mineral"], "quantity": values["quantity"], "unit": unit, **named}


def _party(values: Values, key: str, *, usual: str) -> Party | None:
    number = values.get(f"{key}_number")
    return {"type": values.get(f"{key}_type") or usual, "number": number} if number else None


def _part(values: Values) -> list[dict[str, str]]:
    return [{"lot": values["lot"], "quantity": values["quantity"]}]


def _purchase(values: Values, party: Party) -> dict[str, Any]:
    return {
        "seller": _party(values, "seller", usual="CC"), "buyer": party,
        "origin": {"kind": "subsistence", "municipality": values["municipality"]}, **_measure(values),
        "price_cop": values.get("price"), "royalty_withheld_cop": values.get("withheld"),
    }  # fmt: skip


def _production(values: Values, party: Party) -> dict[str, Any]:
    origin = {"kind": values.get("origin_kind") or "title", "code": values["origin_code"]}
    place = {"municipality": values["municipality"]} if values.get("municipality") else None
    return {"holder": party, "origin": origin, "place": place, **_measure(values)}


def _sale(values: Values, party: Party) -> dict[str, Any]:
    buyer = _party(values, "buyer", usual="NIT")
    return {"seller": party, "buyer": buyer, "items": _part(values), "price_cop": values.get("price")}


def _dispatch(values: Values, party: Party) -> dict[str, Any]:
    to = {"municipality": values["to"]} | ({"facility": values["to_facility"]} if values.get("to_facility") else {})
    carrier = _party(values, "carrier", usual="NIT")
    return {"holder": party, "items": _part(values), "to": to, "carrier": carrier, "vehicle": values.get("vehicle")}


def _of_lot(name: str) -> Callable[[Values, Party], dict[str, Any]]:
    return lambda values, party: {"holder": party, "items": _part(values), name: values[name]}


def _retention(values: Values, party: Party) -> dict[str, Any]:
    return {"holder": party, **_measure(values), "circumstances": values["circumstances"]}


_OWN: Final[Mapping[str, Callable[[Values, Party], dict[str, Any]]]] = {
    "subsistence_purchase": _purchase,
    "production": _production,
    "sale": _sale,
    "dispatch": _dispatch,
    "export": _of_lot("country"),
    "consumption": _of_lot("use"),
    "loss": _of_lot("reason"),
    "retention": _retention,
}
