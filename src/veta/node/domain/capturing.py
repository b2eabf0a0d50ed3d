"""From what a form was told to the hub's item: every field goes where its path says; what follows from it is added."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from veta.kernel.period import bogota_date
from veta.node.answers import Party
from veta.norms.catalogue import catalogue

_STEP: Final = re.compile(r"[^.\[\]]+|\[\d+\]")
_IN_LIST: Final = re.compile(r"(\w+)\[(\d+)\](.*)").fullmatch
TAKES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sale", "dispatch", "export", "consumption", "loss"), "items"),
    **dict.fromkeys(("regroup", "transformation"), "inputs"),
}
"""Where each kind names the lots that it takes from."""
MAKES_ONE: Final = frozenset({"production", "subsistence_purchase", "documented_intake", "retention"})
"""What makes one lot, of the mineral that it names."""
WITH_TICKET: Final = frozenset({"dispatch", "receipt"})
"""Whose first paper is the weighbridge's ticket."""
REPORTER: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("production", "dispatch", "documented_intake", "regroup", "transformation", "export", "consumption", "loss",
         "retention"), "holder",
    ),
    "sale": "seller", "subsistence_purchase": "buyer", "receipt": "",
}  # fmt: skip
"""As what each kind names who reports it; a receipt names nobody: it is of whoever sent what it receives."""


def written(values: Mapping[str, Any]) -> dict[str, str]:
    """The paths that say anything, each with its path in the item: there a list has no gaps."""
    said = [path for path, value in values.items() if value not in ("", None, False)]
    places: dict[str, list[int]] = defaultdict(list)
    for found in filter(None, map(_IN_LIST, said)):
        if int(found[2]) not in places[found[1]]:
            places[found[1]].append(int(found[2]))
    return {path: _closed(path, places) for path in said}


def _closed(path: str, places: Mapping[str, list[int]]) -> str:
    found = _IN_LIST(path)
    if found is None:
        return path
    return f"{found[1]}[{sorted(places[found[1]]).index(int(found[2]))}]{found[3]}"


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """An object from values by path (`origin.code`, `outputs[1].mineral`); what is empty is left out."""
    tree: dict[str, Any] = {}
    for path, place in written(values).items():
        *way, last = _STEP.findall(place)
        at = tree
        for step in way:
            at = at.setdefault(step, {})
        at[last] = values[path]
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(name.startswith("[") for name in value):
        return [value[name] for name in sorted(value, key=lambda name: int(name[1:-1]))]
    return value


def item_of(kind: str, values: Mapping[str, Any], *, id: UUID, party: Party) -> dict[str, Any]:
    """The item under `id`, reported by `party`: units are the minerals' own, lots take ids of their own, a ticket
    without a date is of the movement's day, a fineness that nobody assayed is declared, and who names no plant has its
    own."""
    item = {"id": str(id), "kind": kind, **nested(values)}
    reporter = REPORTER[kind]
    if reporter:
        item[reporter] = dict(party)
    if kind == "sale" and "buyer_kind" in item:
        item.pop("buyer", None)
    for other in ("buyer", "carrier", "seller"):  # a party of whom only the kind of document is said is nobody
        if "number" not in item.get(other, {"number": ""}):
            item.pop(other)
    if kind == "subsistence_purchase":
        item["origin"] = {**item.get("origin", {}), "kind": "subsistence"}
    if kind == "transformation":
        plant = item.get("plant", {})
        item["plant"] = plant if "number" in plant else dict(party)
    if kind in MAKES_ONE:
        item["lot"] = str(lot_id(id, 0))
        _measured(item, str(item.get("mineral", "")))
    for place, made in enumerate(item.get("outputs", ()), start=1):
        made["lot"] = str(lot_id(id, place))
    for made in (*item.get("outputs", ()), *item.get("losses", ())):
        if "mineral" in made:
            _measured(made, str(made["mineral"]))
    for place, paper in enumerate(item.get("evidence", ())):
        if place == 0 and kind in WITH_TICKET and "number" in paper:
            paper.setdefault("type", "weighbridge")
        if "number" in paper:
            paper.setdefault("issued_on", _day(item))
    return item


def lot_id(id: UUID, place: int) -> UUID:
    """The id of the lot that a record makes in a place: a UUID of version 7, the same again for the same record."""
    tail = int.from_bytes(sha256(id.bytes + place.to_bytes(2, "big")).digest()[:10], "big")
    tail = tail & ~(0xF << 76) | 0x7 << 76
    tail = tail & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=(id.int >> 80) << 80 | tail)


def within_minute(said: str, id: UUID) -> str:
    """The instant that was said, to the minute; with its seconds where it is the minute in which the record's page was
    made, which its id tells: what came just before in that minute then stands before it."""
    read = datetime.fromisoformat(said)
    made = datetime.fromtimestamp((id.int >> 80) // 1000, UTC).astimezone(read.tzinfo)
    return made.isoformat() if made.replace(second=0) == read else said


def blended(item: dict[str, Any], unit: str) -> None:
    """A regrouping's outputs in their unit; where none is told, all that was taken is one lot."""
    if not item.get("outputs"):
        whole = sum((Decimal(part["quantity"]) for part in item.get("inputs", ())), Decimal())
        item["outputs"] = [{"quantity": format(whole, "f"), "lot": str(lot_id(UUID(item["id"]), 1))}]
    for made in item["outputs"]:
        made["unit"] = unit


def _measured(made: dict[str, Any], code: str) -> None:
    mineral = catalogue().mineral(code)
    if mineral is None:
        return
    made["unit"] = mineral.unit
    if mineral.precious and made.get("fineness"):
        made.setdefault("assay", "declared")


def _day(item: Mapping[str, Any]) -> str:
    try:
        return bogota_date(datetime.fromisoformat(str(item["occurred_at"]))).isoformat()
    except (KeyError, ValueError):
        return ""
