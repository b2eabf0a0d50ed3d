"""The fields that movements are made of: how each is read, once for all kinds."""

from __future__ import annotations

from typing import Any, Final

from veta.kernel.identity import IdentityError, document, title_code
from veta.movements.domain import item as i
from veta.movements.domain.reader import (
    MALFORMED,
    MISSING,
    Field,
    Reader,
    Unreadable,
    choice,
    day,
    finding,
    known_id,
    listed,
    new_id,
    pattern,
    record,
    refuse,
    text,
)

DECIMAL: Final = r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?"
quantity = pattern(DECIMAL, "Envíe la cantidad como texto, con punto decimal y sin separador de miles: «12.5».")
money = pattern(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?", "Envíe los pesos como texto, con punto decimal: «150000.50».")
latitude = pattern(
    r"-?(90(\.0{1,8})?|[1-8]?[0-9](\.[0-9]{1,8})?)", "Envíe la latitud en grados decimales, de -90 a 90: «6.2442»."
)
longitude = pattern(
    r"-?(180(\.0{1,8})?|(1[0-7]|[1-9])?[0-9](\.[0-9]{1,8})?)",
    "Envíe la longitud en grados decimales, de -180 a 180: «-75.5817».",
)
code = pattern(r"[a-z][a-z0-9_]{0,59}", "Envíe un código del catálogo, en minúsculas y sin tildes.")
municipality = pattern(r"[0-9]{5}", "Envíe el código DIVIPOLA de cinco dígitos, como texto: «05001».")
sha256 = pattern(r"[0-9a-f]{64}", "Envíe la huella SHA-256 en hexadecimal, minúsculas.")
country = pattern(r"[A-Z]{2}", "Envíe el país con dos letras (ISO 3166): «US».")
label, _written_code = text(120), text(40)

ORIGIN_KINDS: Final = (
    "title",
    "special_reserve",
    "formalization",
    "subcontract",
    "private_subsoil",
    "collective_territory",
    "tailings",
)
EVIDENCE_TYPES: Final = (
    "invoice",
    "support_document",
    "origin_certificate",
    "production_declaration",
    "weighbridge",
    "assay",
    "royalty_payment",
    "inspection",
    "export_declaration",
    "act",
    "other",
)


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
_place = record(
    i.Place,
    Field("municipality", municipality),
    Field("facility", label, required=False),
    Field("lat", latitude, required=False),
    Field("lon", longitude, required=False),
)


def _read_place(value: Any, path: str) -> i.Place:
    found: i.Place = _place.read(value, path)
    if (found.lat is None) != (found.lon is None):
        absent = "lat" if found.lat is None else "lon"
        raise Unreadable(finding(MISSING, f"{path}.{absent}", "Envíe latitud y longitud, o ninguna de las dos."))
    return found


def _read_title_code(value: Any, path: str) -> str:
    """A title's code in its one spelling."""
    try:
        return title_code(_written_code.read(value, path))
    except IdentityError as cause:
        raise refuse(path, cause.message) from None


place = Reader(_read_place, _place.schema)
placa = Reader(_read_title_code, _written_code.schema)
evidence = record(
    i.Evidence,
    Field("type", choice(*EVIDENCE_TYPES)),
    Field("number", label),
    Field("issued_on", day),
    Field("sha256", sha256, required=False),
)
coded_origin = record(i.Source, Field("kind", choice(*ORIGIN_KINDS)), Field("code", placa))
subsistence_origin = record(i.Source, Field("kind", choice("subsistence")), Field("municipality", municipality))
arrived = record(
    i.Arrived, Field("lot", known_id), Field("quantity", quantity), Field("lost", quantity, required=False)
)
SOURCES: Final = {
    **dict.fromkeys(ORIGIN_KINDS, coded_origin),
    "subsistence": subsistence_origin,
    "import": record(i.Source, Field("kind", choice("import")), Field("code", country)),
    "disused": record(i.Source, Field("kind", choice("disused"))),
}
"""How each kind of origin is read: those of a mine by their code, and so on."""


def _read_source(value: Any, path: str) -> i.Source:
    """Any origin that a document may prove: each kind has its own members."""
    kind = value.get("kind") if isinstance(value, dict) else None
    reader = SOURCES.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise refuse(path, "Envíe un origen con su clase en «kind»: " + ", ".join(SOURCES) + ".")
    found: i.Source = reader.read(value, path)
    return found


any_origin = Reader(
    _read_source, {"oneOf": [SOURCES[kind].schema for kind in ("title", "subsistence", "import", "disused")]}
)
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


def gather_measure(parsed: dict[str, Any]) -> dict[str, Any]:
    """The measure's members stand flat in a report; gather them."""
    parsed["measure"] = i.Measure(**{name: parsed.pop(name) for name in _MEASURE_NAMES if name in parsed})
    return parsed


def _output(**parsed: Any) -> i.Output:
    return i.Output(**gather_measure(parsed))


part = record(i.LotPart, Field("lot", known_id), Field("quantity", quantity))
sold_part = record(
    i.LotPart, Field("lot", known_id), Field("quantity", quantity), Field("new_lot", new_id, required=False)
)
made = record(_output, Field("mineral", code), *MEASURE, Field("lot", new_id, required=False))
lost = record(_output, Field("mineral", code), *MEASURE)
regrouped = record(_output, *QUANTITY, Field("lot", new_id, required=False))
parts, sold_parts = listed(part, least=1, most=200), listed(sold_part, least=1, most=200)
