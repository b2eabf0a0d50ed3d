"""What the API answers, as JSON Schema: the components of the OpenAPI document. Nothing else is ever in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from veta.certificates.domain.kinds import KINDS, STATES
from veta.hub.api.reading import MOST
from veta.movements.domain.shape import SHAPES
from veta.norms.dated import STATUSES
from veta.oversight.domain.validation import State as ValidationState
from veta.registry.domain import ConsentMethod, RegistrationStatus, Role, Stage, TitleKind, TitleStatus

Schema = Mapping[str, Any]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(optional: tuple[str, ...] = (), **properties: Schema) -> dict[str, Any]:
    """An object of exactly these members, all present but the optional ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def many(items: Schema) -> dict[str, Any]:
    return {"type": "array", "items": items}


def or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def paged(name: str) -> dict[str, Any]:
    """A page of a list; without `cursor` it is the last one."""
    return thing(items={**many(ref(name)), "maxItems": MOST}, cursor=or_null(TEXT))


def named(literal: Any) -> dict[str, Any]:
    """The values of a Literal."""
    return one_of(*literal.__args__)


TEXT: Final = {"type": "string"}
FLAG: Final = {"type": "boolean"}
COUNT: Final = {"type": "integer", "minimum": 0}
ID: Final = {"type": "string", "format": "uuid"}
INSTANT: Final = {"type": "string", "format": "date-time"}
DAY: Final = {"type": "string", "format": "date"}
QUANTITY: Final = {"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"}
INTEGER: Final = {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}
HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
CODES: Final = many(TEXT)
DOCUMENT_TYPE: Final = one_of("NIT", "CC", "CE", "PPT", "PA")
STATE: Final = one_of("accepted", "rejected", "pending", "refused", "withdrawn", "lapsed", "reversed")
ACCREDITATION: Final = one_of("accredited", "documented", "mixed", "disused", "unproven", "seized")
BASIS: Final = one_of("title_year", "title_quarter", "person_month", "person_year")


NAMES: Final = {"receipt": "LoadReceipt"}  # «Receipt» is the verdict's


def _name_of(kind: str) -> str:
    return NAMES.get(kind) or "".join(word.capitalize() for word in kind.split("_"))


# What is reported, from the very table that reads it.
REPORTS: Final = {
    **{_name_of(kind): shape.schema for kind, shape in SHAPES.items()},
    "Movement": {
        "oneOf": [ref(_name_of(kind)) for kind in SHAPES],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {kind: f"#/components/schemas/{_name_of(kind)}" for kind in SHAPES},
        },
    },
    "Batch": thing(movements={**many(ref("Movement")), "minItems": 1, "maxItems": 1000}),
}
ERRORS: Final = {
    "Finding": thing(
        code={"type": "string", "pattern": "^[A-Z]{3}-[0-9]{3}$"}, severity=one_of("blocking", "warning", "info"),
        field=TEXT, norm=TEXT, message=TEXT, params={"type": "object", "additionalProperties": TEXT},
    ),
    "Problem": thing(
        type={"type": "string", "format": "uri-reference"}, title=TEXT, status={"type": "integer"}, detail=TEXT,
        findings=many(ref("Finding")),
    ),
}  # fmt: skip
VERDICTS: Final = {
    "LotMade": thing(lot=ID, mineral=TEXT, quantity=QUANTITY, unit=TEXT),
    "Verdict": thing(
        ("decided_at", "rules", "accreditation", "step", "outcome"),
        movement=TEXT, status=one_of("accepted", "pending", "rejected"), decided_at=INSTANT, lots=many(ref("LotMade")),
        findings=many(ref("Finding")), rules=TEXT, accreditation=ACCREDITATION, step=ID,
        outcome=one_of("accepted", "refused", "withdrawn", "lapsed"),
    ),
    "Receipt": thing(
        leaf=HASH, salt={"type": "string", "pattern": "^[0-9a-f]+$"}, index=COUNT, size=COUNT, path=many(HASH),
        signature={"type": "string", "pattern": "^[0-9a-f]{128}$"}, keyid=TEXT,
    ),
    "Result": thing(repeated=FLAG, verdict=ref("Verdict"), receipt=or_null(ref("Receipt"))),
    "Results": thing(results=many(ref("Result"))),
    "Event": thing(
        id=ID, kind=one_of("confirmation", "withdrawal", "lapse", "receipt", "reversal"), verdict=ref("Verdict"),
    ),
    "OfferLine": thing(lot=ID, mineral=TEXT, quantity=QUANTITY, unit=TEXT, new_lot=ID),
    "Offer": thing(confirm_by=or_null(INSTANT), price_cop=or_null(TEXT), lines=many(ref("OfferLine"))),
    "MovementState": thing(
        verdict=ref("Verdict"), state=STATE, events=many(ref("Event")),
        road_pack=or_null({"type": "string", "format": "uri"}), offer=or_null(ref("Offer")),
    ),
}  # fmt: skip
PEOPLE: Final = {
    "Consent": thing(
        id=ID, purpose=one_of("sale", "mandate", "balance"), method=named(ConsentMethod),
        methods=many(named(ConsentMethod)), missing=CODES, verified=FLAG, expires_at=INSTANT,
    ),
    "Document": thing(type=DOCUMENT_TYPE, number=TEXT),
    "ProposedMandate": thing(id=ID, status=one_of("proposed")),
    "Client": thing(kind=one_of("person", "firm"), name=or_null(TEXT), documents=many(ref("Document"))),
    "Mandate": thing(
        id=ID, status=one_of("proposed", "active", "revoked", "ended"), valid_from=or_null(DAY), valid_to=or_null(DAY),
        party=or_null(ref("Client")),
    ),
    "MandatePage": paged("Mandate"),
    "Someone": thing(kind=one_of("person", "firm"), name=or_null(TEXT), client=FLAG),
    "Registration": thing(
        role=named(Role), producer_class=or_null(TEXT), minerals=CODES, municipalities=CODES, title_code=or_null(TEXT),
        status=named(RegistrationStatus), valid_from=DAY, valid_to=or_null(DAY), plant_published=FLAG,
    ),
    "Actor": thing(
        kind=one_of("person", "firm"), name=or_null(TEXT), client=FLAG, registrations=many(ref("Registration")),
    ),
    "Quota": thing(
        basis=BASIS, group=TEXT, title=or_null(TEXT), period_start=DAY, period_end=DAY, limit=QUANTITY, used=QUANTITY,
        left=QUANTITY, unit=TEXT, effect=one_of("blocking", "warning"), source=TEXT, opened=FLAG,
    ),
    "Stock": thing(mineral=TEXT, accreditation=ACCREDITATION, quantity=QUANTITY, held=QUANTITY, unit=TEXT, lots=COUNT),
    "CardHolder": thing(type=TEXT, number=TEXT),
    "Balance": {
        "oneOf": [
            thing(detail=one_of("full"), quotas=many(ref("Quota")), stock=many(ref("Stock"))),
            thing(
                detail=one_of("card"), party=or_null(ref("CardHolder")), name=or_null(TEXT), municipalities=many(TEXT),
                quotas=many(ref("Quota")), stock=many(ref("Stock")),
            ),
            thing(detail=one_of("over"), over=FLAG),
        ]
    },
}  # fmt: skip
LOTS: Final = {
    "Lot": thing(
        lot=ID, mineral=TEXT, unit=TEXT, quantity=QUANTITY, left=QUANTITY, held=QUANTITY, accreditation=ACCREDITATION,
        holder=ref("Someone"), municipality=or_null(TEXT), facility=or_null(TEXT), movement=ID, occurred_at=INSTANT,
        fineness=or_null(QUANTITY), grade=or_null(TEXT), suspended=FLAG,
    ),
    "LotOrigin": thing(
        kind=TEXT, code=or_null(TEXT), municipality=or_null(TEXT), person=or_null(ref("Someone")), weight=INTEGER,
    ),
    "LotOrigins": thing(
        lot=ID, mineral=TEXT, unit=TEXT, quantity=QUANTITY, total=INTEGER, origins=COUNT, items=many(ref("LotOrigin")),
        cursor=or_null(TEXT),
    ),
    "Edge": thing(
        parent=ID, child=ID, movement=ID, mineral=TEXT, accreditation=ACCREDITATION, municipality=or_null(TEXT),
        holder=ref("Someone"),
    ),
    "Trace": paged("Edge"),
}  # fmt: skip
CERTIFICATES: Final = {
    "Certificate": thing(
        id=ID, kind=one_of(*KINDS), number=TEXT, token=TEXT, page={"type": "string", "format": "uri"},
        state=one_of(*STATES), issued_at=INSTANT, lot=ID, mineral=TEXT, unit=TEXT, quantity=QUANTITY, used=QUANTITY,
        left=QUANTITY, reason=or_null(TEXT), replaced_by=or_null(TEXT), code=or_null(TEXT),
        credential=or_null({"type": "object"}), quotas=many(ref("QuotaUse")),
    ),
    "QuotaUse": thing(
        basis=BASIS, group=TEXT, unit=TEXT, start=DAY, end=DAY, source=TEXT, limit=QUANTITY, before=or_null(QUANTITY),
        bought=QUANTITY, after=or_null(QUANTITY),
    ),
}  # fmt: skip
REFERENCE: Final = {
    "Holder": thing(holder=ref("Someone"), share=or_null(TEXT)),
    "PlanLine": thing(mineral=TEXT, unit=TEXT, volumes={"type": "object", "additionalProperties": QUANTITY}),
    "Plan": thing(
        kind=TEXT, act=TEXT, approved_on=DAY, valid_from=DAY, valid_to=or_null(DAY), minerals=CODES,
        lines=or_null(many(ref("PlanLine"))),
    ),
    "Title": thing(
        code=TEXT, kind=named(TitleKind), modality=TEXT, stage=or_null(named(Stage)), status=named(TitleStatus),
        holders=many(ref("Holder")), minerals=CODES, associated=CODES, municipalities=CODES,
        contract_date=or_null(DAY), inscription_date=or_null(DAY), end_date=or_null(DAY),
        environmental_instrument=or_null(TEXT), scale=or_null(TEXT), plan=or_null(ref("Plan")),
    ),
    "Mineral": thing(
        code=TEXT, name=TEXT, name_en=TEXT, group=TEXT, unit=TEXT, smallest=TEXT, is_heading=FLAG, headings=CODES,
        quota_group=or_null(TEXT), precious=FLAG, graded=FLAG, metal=or_null(TEXT), grade_unit=or_null(TEXT),
    ),
    "MineralPage": paged("Mineral"),
    "Municipality": thing(
        code={"type": "string", "pattern": "^[0-9]{5}$"}, name=TEXT, department=TEXT, kind=TEXT, lat=or_null(TEXT),
        lon=or_null(TEXT),
    ),
    "MunicipalityPage": paged("Municipality"),
    "Norm": thing(
        id=TEXT, description=TEXT, unit=TEXT, value={}, valid_from=DAY, valid_to=or_null(DAY), norm=TEXT,
        status=one_of(*STATUSES), last_checked=or_null(DAY), link=or_null(TEXT), note=or_null(TEXT),
    ),
    "NormPage": thing(
        on=DAY, digest=TEXT, items={**many(ref("Norm")), "maxItems": MOST}, cursor=or_null(TEXT),
    ),
}  # fmt: skip
KEYS: Final = {
    "Key": thing(
        keyid=TEXT, purpose=one_of("signing", "recovery"), state=one_of("live", "waiting", "revoked", "inactive"),
        public_key=TEXT, proposed_by=or_null(TEXT), proposed_at=INSTANT, active_from=or_null(INSTANT),
    ),
    "KeyPage": paged("Key"),
    "RevokedKeys": thing(revoked=many(TEXT)),
    "HubKey": thing(keyid=TEXT, public_key=TEXT, since=INSTANT),
    "HubKeyPage": paged("HubKey"),
}  # fmt: skip
EVENTS: Final = {
    "FeedEvent": thing(
        number=COUNT, movement=ID, kind=TEXT, subject=or_null(ID), occurred_at=INSTANT, author=or_null(ref("Someone")),
        counterparty=or_null(ref("Someone")), author_mandate=or_null(ID), counterparty_mandate=or_null(ID),
        lots=or_null(many(ID)), verdict=or_null(ref("Verdict")),
    ),
    "EventPage": thing(items={**many(ref("FeedEvent")), "maxItems": MOST}, cursor=TEXT, more=FLAG),
    "Webhook": thing(
        url={"type": "string", "format": "uri"}, state=one_of("proving", "live", "unproved", "dead", "ended", "paused"),
        asked_at=INSTANT, delivered_at=or_null(INSTANT), failing=or_null(TEXT),
    ),
}  # fmt: skip
VALIDATIONS: Final = {
    "Validation": thing(
        code=TEXT, title=TEXT, state=named(ValidationState), page={"type": "string", "format": "uri"},
    ),
}  # fmt: skip
SECURITY: Final = {
    "signature": {
        "type": "apiKey", "in": "header", "name": "Signature",
        "description": "RFC 9421: `veta=:<base64 de la firma>:`. Con cuerpo, va además Content-Digest (RFC 9530).",
    },
    "signatureInput": {
        "type": "apiKey", "in": "header", "name": "Signature-Input",
        "description": (
            "RFC 9421: etiqueta `veta`; componentes `@method`, `@target-uri` y, con cuerpo, `content-digest` y "
            '`content-type`; parámetros `created`, `expires`, `nonce`, `keyid`, `alg="ed25519"`, `tag="veta-v1"`.'
        ),
    },
}  # fmt: skip
SCHEMAS: Final[Mapping[str, Any]] = {
    **REPORTS, **ERRORS, **VERDICTS, **PEOPLE, **LOTS, **CERTIFICATES, **REFERENCE, **KEYS, **EVENTS, **VALIDATIONS,
}  # fmt: skip
