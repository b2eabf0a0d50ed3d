"""Which lots a record takes from, which it states a grade of, and which the hub's verdict gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

# A sale's lots are its buyer's; these make lots of who reports.
OWN: Final = (
    "production", "subsistence_purchase", "regroup", "transformation", "retention", "documented_intake", "receipt",
    "confirm",
)  # fmt: skip
# What takes from lots, and what names a lot with its grade.
TAKING: Final = ("sale", "dispatch", "regroup", "transformation", "export", "consumption", "loss")
LONGEST: Final = 40


class Said(StrEnum):
    """What a line says of a lot: the record takes of it or states its grade, or the hub's verdict gave it."""

    TAKEN = "taken"
    STATED = "stated"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Line:
    """A lot in a record or its verdict: ids and amounts as decimal text, of nobody."""

    said: Said
    lot: UUID
    mineral: str = ""
    quantity: str = ""
    grade: str = ""


def of_payload(kind: str, payload: Mapping[str, Any]) -> list[Line]:
    """The lines of what was captured. What cannot be read says nothing: the hub will refuse it whole."""
    taken = _taken(payload) if kind in TAKING else []
    return taken + (list(_stated(payload)) if kind in OWN else [])


def of_verdict(body: Mapping[str, Any]) -> list[Line]:
    """The lines of what the hub's verdict gave."""
    return [
        Line(Said.GIVEN, UUID(str(lot["lot"])), mineral=str(lot["mineral"]), quantity=str(lot["quantity"]))
        for lot in body.get("lots", ())
    ]


def _taken(payload: Mapping[str, Any]) -> list[Line]:
    try:
        parts = (*payload.get("items", ()), *payload.get("inputs", ()))
        lines = [Line(Said.TAKEN, UUID(part["lot"]), quantity=part["quantity"]) for part in parts]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []
    return lines if all(isinstance(each.quantity, str) and len(each.quantity) <= LONGEST for each in lines) else []


def _stated(payload: Mapping[str, Any]) -> Iterator[Line]:
    outputs = payload.get("outputs", ())
    for said in (payload, *(outputs if isinstance(outputs, list | tuple) else ())):
        if not isinstance(said, Mapping) or not said.get("lot") or not said.get("grade"):
            continue
        grade = str(said["grade"])
        try:
            lot = UUID(str(said["lot"]))
        except ValueError:
            continue
        if len(grade) <= LONGEST:
            yield Line(Said.STATED, lot, grade=grade)
