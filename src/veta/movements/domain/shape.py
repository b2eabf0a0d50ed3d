"""The shape of each kind of movement: the one table that parses reports and writes the API's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from veta.movements.domain import item as i
from veta.movements.domain.fields import (
    MEASURE,
    any_origin,
    arrived,
    code,
    coded_origin,
    consent,
    country,
    evidence,
    gather_measure,
    label,
    late,
    lost,
    made,
    money,
    parts,
    party,
    place,
    regrouped,
    sold_parts,
    subsistence_origin,
)
from veta.movements.domain.reader import (
    MISSING,
    UNKNOWN_KIND,
    Field,
    Unreadable,
    choice,
    day,
    finding,
    instant,
    known_id,
    listed,
    members,
    new_id,
    object_schema,
    pattern,
    refuse,
    text,
)

OWN_ORIGIN: Final = ("import", "disused")
"""Bases of an intake whose origin is of the same kind, and no other's is."""
COMMON: Final = (
    Field("id", new_id),
    Field("kind", pattern(r"[a-z_]{1,40}", "Envíe la clase de movimiento.")),
    Field("occurred_at", instant),
    Field("late", late, required=False),
    Field("place", place, required=False),
    Field("evidence", listed(evidence, least=0, most=50), required=False),
    Field("note", text(1000), required=False),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind: the class it becomes and the fields it has beside the common ones."""

    kind: str
    make: Callable[..., i.Item]
    own: tuple[Field, ...]
    fields: Mapping[str, Field]
    required: frozenset[str]
    measured: bool
    schema: Mapping[str, Any]


def _shape(kind: str, make: Callable[..., i.Item], *own: Field, measured: bool = False) -> Shape:
    fields = (*COMMON, *own, *(MEASURE if measured else ()))
    schema = dict(object_schema(fields))
    schema["properties"] = {**schema["properties"], "kind": {"type": "string", "const": kind}}
    by_name = {field.name: field for field in fields}
    required = frozenset(field.name for field in fields if field.required)
    return Shape(kind, make, own, by_name, required, measured, schema)


def _receipt(items: tuple[i.Arrived, ...], **parsed: Any) -> i.Receipt:
    return i.Receipt(arrived=items, **parsed)


_new_lot = Field("lot", new_id, required=False)
_mineral = Field("mineral", code)
_seller, _buyer, _holder = Field("seller", party), Field("buyer", party), Field("holder", party)
_price = Field("price_cop", money, required=False)

SHAPES: Final[Mapping[str, Shape]] = {
    shape.kind: shape
    for shape in (
        _shape(
            "production",
            i.Production,
            _holder,
            Field("origin", coded_origin),
            _mineral,
            _new_lot,
            measured=True,
        ),
        _shape(
            "subsistence_purchase",
            i.SubsistencePurchase,
            _seller,
            _buyer,
            Field("origin", subsistence_origin),
            _mineral,
            Field("consent", consent, required=False),
            _price,
            Field("royalty_withheld_cop", money, required=False),
            _new_lot,
            measured=True,
        ),
        _shape(
            "sale",
            i.Sale,
            _seller,
            Field("buyer", party, required=False),
            Field("buyer_kind", choice("final_consumer"), required=False),
            Field("items", sold_parts),
            _price,
            Field("confirm_by", instant, required=False),
        ),
        _shape(
            "regroup",
            i.Regroup,
            _holder,
            Field("inputs", parts),
            Field("outputs", listed(regrouped, least=1, most=200)),
        ),
        _shape(
            "transformation",
            i.Transformation,
            _holder,
            Field("plant", party),
            Field("recipe", code),
            Field("inputs", parts),
            Field("outputs", listed(made, least=1, most=50)),
            Field("losses", listed(lost, least=0, most=50), required=False),
        ),
        _shape(
            "dispatch",
            i.Dispatch,
            _holder,
            Field("items", sold_parts),
            Field("to", place),
            Field("carrier", party, required=False),
            Field("vehicle", text(20), required=False),
        ),
        _shape("receipt", _receipt, Field("dispatch", known_id), Field("items", listed(arrived, least=1, most=200))),
        _shape("consumption", i.Consumption, _holder, Field("items", parts), Field("use", text(500))),
        _shape("loss", i.Loss, _holder, Field("items", parts), Field("reason", text(500))),
        _shape(
            "documented_intake",
            i.DocumentedIntake,
            _holder,
            Field("origin", any_origin),
            _mineral,
            Field("basis", choice("opening_stock", "paper_certificate", "import", "disused")),
            Field("seller", party, required=False),
            _new_lot,
            measured=True,
        ),
        _shape("export", i.Export, _holder, Field("items", parts), Field("country", country)),
        _shape(
            "retention",
            i.Retention,
            _holder,
            _mineral,
            Field("circumstances", text(1000)),
            _new_lot,
            measured=True,
        ),
        _shape("reversal", i.Reversal, Field("movement", known_id), Field("reason", text(500))),
    )
}


def _accredit(lot: UUID, **parsed: Any) -> i.Accredit:
    return i.Accredit(marked=lot, **parsed)


_ACT: Final = (
    Field("authority", label),
    Field("act", label),
    Field("issued_on", day),
    Field("reason", text(1000)),
)
ACTS: Final[Mapping[str, Shape]] = {
    shape.kind: shape
    for shape in (
        _shape(
            "suspension",
            i.Suspension,
            *_ACT,
            Field("lots", listed(known_id, least=1, most=200)),
            Field("until", day, required=False),
        ),
        _shape("lift", i.Lift, *_ACT, Field("suspension", known_id)),
        _shape(
            "seizure",
            i.Seizure,
            *_ACT,
            Field("items", parts, required=False),
            Field("found", listed(made, least=1, most=50), required=False),
        ),
        _shape(
            "accredit",
            _accredit,
            *_ACT,
            Field("lot", known_id),
            Field("accreditation", choice("accredited", "documented", "unproven")),
            Field("origin", coded_origin, required=False),
        ),
    )
}


def read_act(value: Any) -> i.Act:
    """Read an act of the authority, in the words that its proposal fixed. Raises Unreadable as `read_item` does."""
    return _read(value, ACTS)  # type: ignore[return-value]


def read_item(value: Any) -> i.Item:
    """Read one reported movement.

    Raises Unreadable with SCH-001 (unknown field), SCH-002 (missing), SCH-003 (malformed), SCH-004 (how many),
    SCH-005 (kind unknown): such an item is not stored and leaves its id free.
    """
    return _read(value, SHAPES)


def _read(value: Any, shapes: Mapping[str, Shape]) -> i.Item:
    if not isinstance(value, dict):
        raise refuse("item", "Envíe un objeto JSON.")
    kind = value.get("kind")
    shape = shapes.get(kind) if isinstance(kind, str) else None
    if shape is None:
        known = "Clase de movimiento desconocida. Use: " + ", ".join(shapes) + "."
        raise Unreadable(finding(UNKNOWN_KIND, "kind", known))
    parsed = members(value, "", shape.fields, shape.required)
    if shape.measured:
        gather_measure(parsed)
    if "late" in parsed:
        parsed["late_reason"] = parsed.pop("late")
    if shape.kind == "sale":
        _require_one_buyer(parsed)
    if shape.kind == "documented_intake":
        _require_basis_of_origin(parsed)
    if shape.kind == "seizure":
        _require_what_was_seized(parsed)
    return shape.make(**parsed)


def _require_one_buyer(parsed: Mapping[str, Any]) -> None:
    named = [name for name in ("buyer", "buyer_kind") if name in parsed]
    if not named:
        raise Unreadable(finding(MISSING, "buyer", "Indique el comprador, o «buyer_kind» si es un consumidor final."))
    if len(named) > 1:
        raise refuse("buyer_kind", "Indique el comprador o «buyer_kind», no ambos.")


def _require_basis_of_origin(parsed: Mapping[str, Any]) -> None:
    """What comes from abroad, or was jewellery, has no mine of origin; everything else names one."""
    kind, basis = parsed["origin"].kind, parsed["basis"]
    if (kind if kind in OWN_ORIGIN else None) != (basis if basis in OWN_ORIGIN else None):
        raise refuse("basis", "La base y la clase de origen no corresponden: «import» y «disused» van juntas.")
    if "seller" in parsed and kind != "subsistence":
        raise refuse("seller", "Solo se nombra vendedor cuando el origen es un minero de subsistencia.")


def _require_what_was_seized(parsed: Mapping[str, Any]) -> None:
    """Lots, or mineral without one and the place where it was found."""
    if "items" not in parsed and "found" not in parsed:
        raise Unreadable(finding(MISSING, "items", "Indique los lotes («items») o el mineral sin lote («found»)."))
    if "found" in parsed and "place" not in parsed:
        raise Unreadable(finding(MISSING, "place", "Indique dónde se encontró el mineral."))


_id = Field("id", new_id)
_reason = Field("reason", text(500), required=False)
DECISIONS: Final = {
    "confirmation": (_id, Field("decision", choice("confirm", "refuse")), _reason),
    "withdrawal": (_id, _reason),
}


def read_decision(value: Any, kind: str) -> dict[str, Any]:
    """Read a confirmation's or withdrawal's body: id, decision (`withdraw` for a withdrawal) and reason."""
    fields = DECISIONS[kind]
    parsed = members(value, "", {f.name: f for f in fields}, frozenset(f.name for f in fields if f.required))
    return {"decision": "withdraw", "reason": None, **parsed}
