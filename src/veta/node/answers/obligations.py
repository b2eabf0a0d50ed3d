"""What the hub answers about norms, prices, bonds, royalties and validations (docs/openapi.json)."""

from typing import Any, Literal, TypedDict

from veta.node.answers.movements import Finding

Unit = Literal["g", "kg", "t", "m3", "ct"]
Reading = Literal["verified", "secondary", "inference", "unverified"]
Market = Literal["interno", "exportacion"]
BondStage = Literal["exploracion", "construccion_montaje", "explotacion"]


class Norm(TypedDict):
    """A dated parameter, with its norm and how far that was read (`status`)."""

    id: str
    description: str
    unit: str
    value: Any
    valid_from: str
    valid_to: str | None
    norm: str
    status: Reading
    last_checked: str | None
    link: str | None
    note: str | None


class Price(TypedDict):
    """A base price by resolution; `period` has its first and last day, `demo` says that it is made up."""

    mineral: str
    market: Market | None
    zone: str | None
    producer_class: str | None
    unit: Unit
    price_cop: str
    resolution: str
    issued_on: str
    published_on: str | None
    periodicity: Literal["month", "quarter", "year"]
    period: list[str]
    sha256: str
    certificate: str | None
    demo: bool


class PriceList(TypedDict):
    """The base prices in force on a date."""

    on: str
    items: list[Price]
    findings: list[Finding]


class Validation(TypedDict):
    """A validation asked for, and the public page where it is followed."""

    code: str
    title: str
    state: Literal["open", "proposed", "decided", "superseded"]
    page: str


class Step(TypedDict):
    """One step of a calculation: its text and what it rests on."""

    basis: Literal["law", "concept", "headnote", "inference", "data"]
    norm: str
    status: Reading
    text: str


class BondLine(TypedDict):
    """A mineral of the bond: volume × base price × per cent."""

    mineral: str
    volume: str
    unit: Unit
    price_cop: str
    market: Market | None
    zone: str | None
    resolution: str
    demo: bool
    period: list[str]
    subtotal_cop: str
    insured_cop: str


class BondHeading(TypedDict):
    """A heading that the plan names without saying the mineral, and what each would give."""

    mineral: str
    volume: str
    unit: Unit
    without_price: list[str]
    options: list[BondLine]


class BondAlternative(TypedDict):
    """Another value within the same validity."""

    kind: Literal["stage_change", "anniversary"]
    stage: BondStage
    prices_on: str
    percent: str
    exact_cop: str | None
    insured_value_cop: str | None
    range_cop: list[str] | None
    lines: list[BondLine]


class BondQuote(TypedDict):
    """The póliza minero-ambiental of a case."""

    status: Literal["final", "indicative", "pending", "impossible"]
    insured_value_cop: str | None
    exact_cop: str | None
    range_cop: list[str] | None
    percent: str | None
    base_cop: str | None
    stage: BondStage
    regime: Literal["ley_685", "decreto_2655"]
    validity: list[str]
    title: str | None
    lines: list[BondLine]
    headings: list[BondHeading]
    alternatives: list[BondAlternative]
    demo: bool
    findings: list[Finding]
    trace: list[Step]
    petition: str | None
    notice: str
    norms: str


class RoyaltyLine(TypedDict):
    """The royalty of one line."""

    mineral: str
    municipality: str | None
    month: str | None
    quantity: str
    unit: Unit
    price_cop: str
    resolution: str
    demo: bool
    period: list[str]
    rate: str
    rate_class: str
    value_cop: str


class RoyaltyDue(TypedDict):
    """The dates between which payment falls due, by the norms read."""

    earliest: str
    latest: str
    norm: str
    status: Reading


class RoyaltyLate(TypedDict):
    """What lateness costs until a day."""

    days: str
    interest_cop: str
    yearly: str
    norm: str
    status: Reading
    since: str
    until: str


class MunicipalityDue(TypedDict):
    """The royalties of one municipality."""

    municipality: str | None
    value_cop: str


class RoyaltyQuote(TypedDict):
    """The royalties of a quarter."""

    status: Literal["final", "pending", "impossible"]
    quarter: str
    title: str | None
    payable_cop: str | None
    exact_cop: str | None
    lines: list[RoyaltyLine]
    by_municipality: list[MunicipalityDue]
    due: RoyaltyDue | None
    late: RoyaltyLate | None
    demo: bool
    findings: list[Finding]
    trace: list[Step]
    truth: str
    notice: str
    norms: str
