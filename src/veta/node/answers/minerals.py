"""What the hub answers about lots, certificates, titles, balances and the catalogues (docs/openapi.json)."""

from typing import Any, Literal, TypedDict

from veta.node.answers.movements import Accreditation
from veta.node.answers.people import Someone

QuotaBasis = Literal["title_year", "title_quarter", "person_month", "person_year"]


class Quota(TypedDict):
    """What is left of a right in a period (both ends inclusive), in `unit`."""

    basis: QuotaBasis
    group: str
    title: str | None
    period_start: str
    period_end: str
    limit: str
    used: str
    left: str
    unit: str
    effect: Literal["blocking", "warning"]
    source: str
    opened: bool


class Stock(TypedDict):
    """What a party holds of a mineral; `held`, what its offers keep."""

    mineral: str
    accreditation: Accreditation
    quantity: str
    held: str
    unit: str
    lots: int


class CardHolder(TypedDict):
    """The document that a card answers for."""

    type: str
    number: str


class FullBalance(TypedDict):
    """What is left, to who holds the mandate."""

    detail: Literal["full"]
    quotas: list[Quota]
    stock: list[Stock]


class CardBalance(TypedDict):
    """What is left, and whose it is, against the person's own card or consent."""

    detail: Literal["card"]
    party: CardHolder | None
    name: str | None
    municipalities: list[str]
    quotas: list[Quota]
    stock: list[Stock]


class OverBalance(TypedDict):
    """To anybody else: whether a cap is used up."""

    detail: Literal["over"]
    over: bool


class Lot(TypedDict):
    """A lot; `left` is what is free, `held` what an offer or a dispatch keeps."""

    lot: str
    mineral: str
    unit: str
    quantity: str
    left: str
    held: str
    accreditation: Accreditation
    holder: Someone
    municipality: str | None
    facility: str | None
    movement: str
    occurred_at: str
    fineness: str | None
    grade: str | None
    suspended: bool


class LotOrigin(TypedDict):
    """An origin: its share is quantity × weight ÷ the lot's `total`."""

    kind: str
    code: str | None
    municipality: str | None
    person: Someone | None
    weight: str


class LotOrigins(TypedDict):
    """A page of a lot's origins."""

    lot: str
    mineral: str
    unit: str
    quantity: str
    total: str
    origins: int
    items: list[LotOrigin]
    cursor: str | None


class Edge(TypedDict):
    """A lot made from another by a movement."""

    parent: str
    child: str
    movement: str
    mineral: str
    accreditation: Accreditation
    municipality: str | None
    holder: Someone


class QuotaUse(TypedDict):
    """What a purchase used of a right, before and after."""

    basis: QuotaBasis
    group: str
    unit: str
    start: str
    end: str
    source: str
    limit: str
    before: str | None
    bought: str
    after: str | None


class Certificate(TypedDict):
    """A certificate with its state, its QR's text (`code`) and its credential."""

    id: str
    kind: Literal["origin_certificate", "production_declaration", "support_document", "quota_certificate"]
    number: str
    token: str
    page: str
    state: Literal["valid", "used", "replaced", "withdrawn"]
    issued_at: str
    lot: str
    mineral: str
    unit: str
    quantity: str
    used: str
    left: str
    reason: str | None
    replaced_by: str | None
    code: str | None
    credential: dict[str, Any] | None
    quotas: list[QuotaUse]


class Holder(TypedDict):
    """A holder of a title and its share, in per cent."""

    holder: Someone
    share: str | None


class PlanLine(TypedDict):
    """A mineral of a plan: the volume of each contract year, by its first day."""

    mineral: str
    unit: str
    volumes: dict[str, str]


class Plan(TypedDict):
    """The works plan in force; `lines` only to who may see its volumes."""

    kind: str
    act: str
    approved_on: str
    valid_from: str
    valid_to: str | None
    minerals: list[str]
    lines: list[PlanLine] | None


class Title(TypedDict):
    """A title, or another origin that has a code."""

    code: str
    kind: Literal[
        "title",
        "special_reserve",
        "formalization",
        "subcontract",
        "private_subsoil",
        "collective_territory",
        "tailings",
        "legalization",
    ]
    modality: str
    stage: Literal["exploration", "construction", "exploitation", "closure"] | None
    status: Literal["in_force", "suspended", "ended"]
    holders: list[Holder]
    minerals: list[str]
    associated: list[str]
    municipalities: list[str]
    contract_date: str | None
    inscription_date: str | None
    end_date: str | None
    environmental_instrument: str | None
    scale: str | None
    plan: Plan | None


class Mineral(TypedDict):
    """A mineral of the catalogue, with its unit and the smallest one that is counted."""

    code: str
    name: str
    name_en: str
    group: str
    unit: str
    smallest: str
    is_heading: bool
    headings: list[str]
    quota_group: str | None
    precious: bool
    graded: bool
    metal: str | None
    grade_unit: str | None


class Municipality(TypedDict):
    """A municipality by its DIVIPOLA code."""

    code: str
    name: str
    department: str
    kind: str
    lat: str | None
    lon: str | None


Balance = FullBalance | CardBalance | OverBalance
