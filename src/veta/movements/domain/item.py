"""Movements as they are reported: one frozen class per kind, in the words of the operators' API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from veta.kernel.identity import Document


@dataclass(frozen=True, slots=True)
class Party:
    """A person or firm as named in a report; a check digit that does not match is judged by rule IDE-002."""

    document: Document
    check_matches: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    municipality: str
    facility: str | None = None
    lat: str | None = None
    lon: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    type: str
    number: str
    issued_on: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where mineral came from as reported: a coded origin, or a municipality for subsistence mining."""

    kind: str
    code: str | None = None
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured quantity as sent: text in the mineral's own unit, judged by rules MIN-002 and MIN-004."""

    quantity: str
    unit: str
    uncertainty: str | None = None
    fineness: str | None = None
    assay: str | None = None
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class LotPart:
    """So much of a lot, in the unit of its mineral (fine grams for precious metals)."""

    lot: UUID
    quantity: str
    new_lot: UUID | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """What a transformation yields or a regrouping leaves; `mineral` is None when regrouping."""

    measure: Measure
    mineral: str | None = None
    lot: UUID | None = None


@dataclass(frozen=True, slots=True)
class ConsentRef:
    id: UUID
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every movement states."""

    id: UUID
    kind: str
    occurred_at: datetime
    place: Place | None = None
    evidence: tuple[Evidence, ...] = ()
    late_reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Production(Item):
    holder: Party
    origin: Source
    mineral: str
    measure: Measure
    lot: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsistencePurchase(Item):
    seller: Party
    buyer: Party
    origin: Source
    mineral: str
    measure: Measure
    consent: ConsentRef | None = None
    price_cop: str | None = None
    royalty_withheld_cop: str | None = None
    lot: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale(Item):
    seller: Party
    items: tuple[LotPart, ...]
    buyer: Party | None = None
    buyer_kind: str | None = None
    price_cop: str | None = None
    confirm_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regroup(Item):
    holder: Party
    inputs: tuple[LotPart, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation(Item):
    holder: Party
    plant: Party
    recipe: str
    inputs: tuple[LotPart, ...]
    outputs: tuple[Output, ...]
    losses: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Item):
    holder: Party
    items: tuple[LotPart, ...]
    country: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """So much of a dispatched lot as weighed on arrival, and what of it was lost on the road."""

    lot: UUID
    quantity: str
    lost: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Item):
    holder: Party
    items: tuple[LotPart, ...]
    to: Place
    carrier: Party | None = None
    vehicle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Item):
    dispatch: UUID
    arrived: tuple[Arrived, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption(Item):
    holder: Party
    items: tuple[LotPart, ...]
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Item):
    holder: Party
    items: tuple[LotPart, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedIntake(Item):
    """`seller`: the subsistence miner whose right it uses, where he is known."""

    holder: Party
    origin: Source
    mineral: str
    measure: Measure
    basis: str
    seller: Party | None = None
    lot: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Item):
    holder: Party
    mineral: str
    measure: Measure
    circumstances: str
    lot: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Item):
    movement: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Item):
    """What ends a pending movement: `confirmation`, `withdrawal` or `lapse` (the hub's own, at its term)."""

    movement: UUID
    decision: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Item):
    """What the authority decides of lots, by two persons: whose act it is, its number and date, and why."""

    authority: str
    act: str
    issued_on: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Act):
    """These lots, and all that was or will be made of them, do not move; `until`: the term that the act gives."""

    lots: tuple[UUID, ...]
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift(Act):
    """Closes one suspension, and only that one."""

    suspension: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Seizure(Act):
    """So much of each lot of `items`; `found`: mineral that nobody had registered, at the place of the act."""

    items: tuple[LotPart, ...] = ()
    found: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accredit(Act):
    """Gives a lot another accreditation; `origin` is the title whose plan now covers it, where that is why.

    `unproven` is taint found later: it reaches all that was made of the lot.
    """

    marked: UUID
    accreditation: str
    origin: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Item):
    """The authority's: posts the difference (signed, in the right's smallest unit) that a changed plan makes.

    `carried`: what was used already under a line that reached the mineral before; negative where it leaves that line.
    """

    title: UUID
    quota: UUID
    group: str
    amount: int
    unit: str
    act: str
    carried: int = 0
