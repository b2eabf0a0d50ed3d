"""From an item back to what a form was told: to correct it without writing everything again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from veta.kernel.period import BOGOTA
from veta.node.domain.spoken import comma

FIGURES = ("quantity", "fineness", "grade", "lost", "price_cop", "royalty_withheld_cop")
TAKEN = ("items", "inputs")


def paths_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of an item with its path; what is no text is left to be written anew."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from paths_of(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from paths_of(each, f"{path}[{place}]")
    elif isinstance(value, str):
        yield path, value


def start_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The first values of a form that corrects an item: figures with a decimal comma, the hour as the wall says."""
    start: dict[str, Any] = {"place": ""}
    for path, text in paths_of(item):
        last = path.rpartition(".")[2]
        start[path] = comma(text) if last in FIGURES else text
    start["occurred_at"] = _hour(start.get("occurred_at", ""))
    if item.get("buyer_kind"):
        start["buyer_kind"] = True
    for list_name in TAKEN:
        parts = item.get(list_name)
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, Mapping) and isinstance(part.get("lot"), str):
                key = part["lot"].replace("-", "")
                start |= {f"toma-{key}": True, f"cuanto-{key}": comma(part.get("quantity", ""))}
    start.pop("id", None)
    return start


def carried(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The corrected item, with what of the old one no form asks: a consent, a term, the seconds of a minute that the
    form says still."""
    kept = {**{name: old[name] for name in ("consent", "confirm_by") if name in old}, **new}
    then, now = str(old.get("occurred_at", "")), str(new.get("occurred_at", ""))
    if _hour(then) and _hour(then) == _hour(now) and datetime.fromisoformat(now).second == 0:
        kept["occurred_at"] = then
    return kept


def _hour(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone(BOGOTA):%Y-%m-%dT%H:%M}"
    except (ValueError, OverflowError):
        return ""
