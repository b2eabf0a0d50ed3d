"""The shape of each kind of movement: the one table that parses reports and writes the API's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from veta.kernel.identity import IdentityError, document
from veta.movements.domain import item as i
from veta.movements.domain.reader import (
    MALFORMED,
    Field,
    Reader,
    Unreadable,
    choice,
    finding,
    instant,
    known_id,
    listed,
    members,
    new_id,
    object_schema,
    pattern,
    record,
    refuse,
    text,
)

DECIMAL: Final = r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?"
quantity = pattern(DECIMAL, "Envíe la cantidad como texto, con punto decimal y sin separador de miles: «12.5».")
money = pattern(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?", "Envíe los pesos como texto, con punto decimal: «150000.50».")
degrees = pattern(r"-?[0-9]{1,3}(\.[0-9]{1,8})?", "Envíe la coordenada en grados decimales: «-75.5817».")
code = pattern(r"[a-z][a-z0-9_]{0,59}", "Envíe un código del catálogo, en minúsculas y sin tildes.")
municipality = pattern(r"[0-9]{5}", "Envíe el código DIVIPOLA de cinco dígitos, como texto: «05001».")
day = pattern(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "Envíe la fecha como AAAA-MM-DD.")
sha256 = pattern(r"[0-9a-f]{64}", "Envíe la huella SHA-256 en hexadecimal, minúsculas.")
country = pattern(r"[A-Z]{2}", "Envíe el país con dos letras (ISO 3166): «US».")
label = text(120)

ORIGIN_KINDS: Final = (
    "title", "special_reserve", "formalization", "subcontract", "private_subsoil", "collective_territory", "tailings",
)  # fmt: skip
EVIDENCE_TYPES: Final = (
    "invoice", "support_document", "origin_certificate", "production_declaration", "weighbridge", "assay",
    "royalty_payment", "inspection", "export_declaration", "act", "other",
)  # fmt: skip


def _party(type: str, number: str, check: str | None = None) -> i.Party:
    """The party named; a wrong check digit is a rule's finding (IDE-002), all else is malformed."""
    try:
        return i.Party(document(type, number, check))
    except IdentityError as cause:
        if cause.code != "IDE-002":
            raise
        return i.Party(document(type, number.partition("-")[0]), check_matches=False)


def _read_party() -> Reader:
    plain = record(
        _party,
        Field("type", choice("NIT", "CC", "CE", "PPT", "PA")),
        Field("number", pattern(r"[0-9A-Za-z.\- ]{3,20}", "Envíe el número de documento.", longest=20)),
        Field("check", pattern(r"[0-9]", "Envíe un solo dígito de verificación."), required=False),
    )

    def read(value: Any, path: str) -> i.Party:
        try:
            return plain.read(value, path)  # type: ignore[no-any-return]
        except IdentityError as cause:
            raise Unreadable(finding(MALFORMED, f"{path}.number", cause.message)) from None

    return Reader(read, plain.schema)


party = _read_party()
place = record(
    i.Place,
    Field("municipality", municipality),
    Field("facility", label, required=False),
    Field("lat", degrees, required=False),
    Field("lon", degrees, required=False),
)
evidence = record(
    i.Evidence,
    Field("type", choice(*EVIDENCE_TYPES)),
    Field("number", label),
    Field("issued_on", day),
    Field("sha256", sha256, required=False),
)
coded_origin = record(i.Source, Field("kind", choice(*ORIGIN_KINDS)), Field("code", text(60)))
subsistence_origin = record(i.Source, Field("kind", choice("subsistence")), Field("municipality", municipality))
consent = record(
    i.ConsentRef,
    Field("id", known_id),
    Field("code", pattern(r"[0-9A-Za-z]{4,64}", "Envíe el código."), required=False),
)
late = record(lambda reason: reason, Field("reason", text(500)))

QUANTITY: Final = (Field("quantity", quantity), Field("unit", pattern(r"[A-Za-z0-9]{1,5}", "Envíe la unidad: «g».")))
MEASURE: Final = (
    *QUANTITY,
    Field("uncertainty", quantity, required=False),
    Field("fineness", quantity, required=False),
    Field("assay", choice("declared", "laboratory"), required=False),
    Field("grade", quantity, required=False),
)
_MEASURE_NAMES: Final = tuple(field.name for field in MEASURE)


def _gather_measure(parsed: dict[str, Any]) -> dict[str, Any]:
    """The measure's members stand flat in a report; gather them."""
    parsed["measure"] = i.Measure(**{name: parsed.pop(name) for name in _MEASURE_NAMES if name in parsed})
    return parsed


def _output(**parsed: Any) -> i.Output:
    return i.Output(**_gather_measure(parsed))


part = record(i.LotPart, Field("lot", known_id), Field("quantity", quantity))
sold_part = record(
    i.LotPart, Field("lot", known_id), Field("quantity", quantity), Field("new_lot", new_id, required=False)
)
made = record(_output, Field("mineral", code), *MEASURE, Field("lot", new_id, required=False))
lost = record(_output, Field("mineral", code), *MEASURE)
regrouped = record(_output, *QUANTITY, Field("lot", new_id, required=False))
parts, sold_parts = listed(part, least=1, most=200), listed(sold_part, least=1, most=200)

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
    return Shape(
        kind, make, own, {field.name: field for field in fields},
        frozenset(field.name for field in fields if field.required), measured, schema,
    )  # fmt: skip


_new_lot = Field("lot", new_id, required=False)
_mineral = Field("mineral", code)

SHAPES: Final[Mapping[str, Shape]] = {
    shape.kind: shape
    for shape in (
        _shape("production", i.Production, Field("holder", party), Field("origin", coded_origin), _mineral, _new_lot, measured=True),
        _shape(
            "subsistence_purchase", i.SubsistencePurchase, Field("seller", party), Field("buyer", party),
            Field("origin", subsistence_origin), _mineral, Field("consent", consent, required=False),
            Field("price_cop", money, required=False), Field("royalty_withheld_cop", money, required=False), _new_lot,
            measured=True,
        ),
        _shape(
            "sale", i.Sale, Field("seller", party), Field("buyer", party, required=False),
            Field("buyer_kind", choice("final_consumer"), required=False), Field("items", sold_parts),
            Field("price_cop", money, required=False), Field("confirm_by", instant, required=False),
        ),
        _shape("regroup", i.Regroup, Field("holder", party), Field("inputs", parts), Field("outputs", listed(regrouped, least=1, most=200))),
        _shape(
            "transformation", i.Transformation, Field("holder", party), Field("plant", party), Field("recipe", code),
            Field("inputs", parts), Field("outputs", listed(made, least=1, most=50)),
            Field("losses", listed(lost, least=0, most=50), required=False),
        ),
        _shape("export", i.Export, Field("holder", party), Field("items", parts), Field("country", country)),
        _shape("retention", i.Retention, Field("holder", party), _mineral, Field("circumstances", text(1000)), _new_lot, measured=True),
        _shape("reversal", i.Reversal, Field("movement", known_id), Field("reason", text(500))),
    )
}  # fmt: skip


def read_item(value: Any) -> i.Item:
    """Read one reported movement.

    Raises Unreadable with SCH-001 (unknown field), SCH-002 (missing), SCH-003 (malformed), SCH-004 (how many),
    SCH-005 (kind unknown): such an item is not stored and leaves its id free.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    shape = SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise Unreadable(finding("SCH-005", "kind", "Clase de movimiento desconocida. Use: " + ", ".join(SHAPES) + "."))
    parsed = members(value, "", shape.fields, shape.required)
    if shape.measured:
        _gather_measure(parsed)
    if "late" in parsed:
        parsed["late_reason"] = parsed.pop("late")
    if shape.kind == "sale" and ("buyer" in parsed) == ("buyer_kind" in parsed):
        raise refuse("buyer", "Indique el comprador, o «buyer_kind», pero no ambos.")
    return shape.make(**parsed)


DECISIONS: Final = {
    "confirmation": (Field("id", new_id), Field("decision", choice("confirm", "refuse")), Field("reason", text(500), required=False)),
    "withdrawal": (Field("id", new_id), Field("reason", text(500), required=False)),
}  # fmt: skip


def read_decision(value: Any, kind: str) -> dict[str, Any]:
    """Read a confirmation's or withdrawal's body: id, decision (`withdraw` for a withdrawal) and reason."""
    fields = DECISIONS[kind]
    parsed = members(value, "", {f.name: f for f in fields}, frozenset(f.name for f in fields if f.required))
    return {"decision": "withdraw", "reason": None, **parsed}
