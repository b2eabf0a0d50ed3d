"""What the registry knows of actors, titles, plans, mandates and consents; and which version holds on a date.

The registry is bitemporal. A *version* says what was true from `valid_from` to `valid_to` (both inclusive,
`None` = open); the order in which versions were recorded says what the authority knew. Nothing is edited: a
correction, a suspension or a new plan is a later version. For date D known at T: among the versions of one entity
recorded by T that cover D, the last recorded wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeVar
from uuid import UUID

Role = Literal["producer", "trader", "plant", "consumer", "exporter"]
RegistrationStatus = Literal["active", "suspended", "cancelled"]
TitleKind = Literal[
    "title",
    "special_reserve",
    "formalization",
    "subcontract",
    "private_subsoil",
    "collective_territory",
    "tailings",
    "legalization",
]
ProducerClass = Literal[TitleKind, "subsistence", "barequero", "chatarrero"]
Stage = Literal["exploration", "construction", "exploitation", "closure"]
TitleStatus = Literal["in_force", "suspended", "ended"]
PlanKind = Literal["PTO", "PTI", "PTOC", "PTOD", "anticipated", "capacity_act"]
MandateStatus = Literal["active", "revoked"]
ConsentPurpose = Literal["sale", "mandate", "balance"]
ConsentMethod = Literal["card_pin", "code", "voice"]
# Those by which the hub tells the person a code, in a message or in a call. A consent has one of them at most.
TOLD_A_CODE: frozenset[ConsentMethod] = frozenset({"code", "voice"})
# Wrong PINs in a row that end a card.
CARD_FAILURES = 5


class Version(Protocol):
    """Anything with an inclusive validity; `valid_to` None means with no known end."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


V = TypeVar("V", bound=Version)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationVersion:
    """A role an actor is registered for. Empty `minerals` or `municipalities` = all; `entity` joins its versions.

    `rucom_number` is None where the source gave none.
    """

    id: UUID
    entity: UUID
    actor: UUID
    role: Role
    producer_class: ProducerClass | None
    minerals: frozenset[str]
    municipalities: frozenset[str]
    status: RegistrationStatus
    valid_from: date
    valid_to: date | None
    plant_published: bool = False
    title_code: str | None = None
    rucom_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleVersion:
    """A title, or another origin with a code (`kind`). What its source does not say is None or empty, never guessed.

    `holders` are (actor, share in per cent as decimal text, "" where unknown); `minerals` are those granted,
    `associated` those in *liga íntima* or by-products; dates are the acts' own.
    """

    id: UUID
    title: UUID
    code: str
    kind: TitleKind
    modality: str
    stage: Stage | None
    status: TitleStatus
    holders: tuple[tuple[UUID, str], ...]
    minerals: frozenset[str]
    associated: frozenset[str]
    municipalities: frozenset[str]
    contract_date: date | None
    inscription_date: date | None
    end_date: date | None
    environmental_instrument: str | None
    scale: str | None
    valid_from: date
    valid_to: date | None
    scale_act: str | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Approved volume of one mineral, or of an untyped heading, by contract year.

    `volumes`: ISO date on which the contract year starts → integer of the mineral's smallest unit (fine mg for metals).
    """

    mineral: str
    volumes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """An approved works plan (or verified capacity) of a title, by kind and act.

    `heading_required_from`: the date from which the holder was required to name the types behind an untyped heading,
    or None where no such requirement was made. `duration_years` and `characteristics` are recorded as the act has them.
    """

    id: UUID
    title: UUID
    kind: PlanKind
    act: str
    approved_on: date
    valid_from: date
    valid_to: date | None
    lines: tuple[PlanLine, ...]
    heading_required_from: date | None = None
    scale: str | None = None
    duration_years: int | None = None
    characteristics: str = ""

    def line(self, mineral: str) -> PlanLine | None:
        """The plan's own line for `mineral`, or None; it never falls back to a heading: the rule does, and says so."""
        return next((line for line in self.lines if line.mineral == mineral), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateVersion:
    """An operator's mandate to report for an actor. A proposal that nobody confirmed has no version."""

    id: UUID
    actor: UUID
    operator: UUID
    status: MandateStatus
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsked:
    """What a person is asked for: `counterparty` is the buyer of a sale, else the operator that asks.

    `amount` is the most it may cover, in the mineral's smallest unit; `price_cop` is what the person is told, and
    `asked_by` the name of the operator that asks. `methods` are those that the operator asks for of its own: what the
    parameter in force requires of a sale is asked for besides.
    """

    purpose: ConsentPurpose
    party: UUID
    operator: UUID
    counterparty: UUID
    mineral: str | None = None
    amount: int | None = None
    price_cop: Decimal | None = None
    asked_by: str = ""
    methods: frozenset[ConsentMethod] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's consent as the hub took it. `amount` is the most it covers, in the mineral's smallest unit.

    `methods`: by which the person is asked, all of them together; `checked`: those that the hub itself verified. An
    operator's word alone verifies none.
    """

    id: UUID
    purpose: ConsentPurpose
    party: UUID
    counterparty: UUID | None
    mineral: str | None
    amount: int | None
    methods: tuple[ConsentMethod, ...]
    checked: tuple[ConsentMethod, ...]
    expires_at: datetime
    used: bool

    @property
    def verified(self) -> bool:
        """Whether the person answered by every method that it was asked by."""
        return set(self.methods) <= set(self.checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """On what and by whom something is recorded.

    `reference` names the act or document, `source` where it was read; `approved_by` is the second person, and may be
    None only where one is enough (registrations, mandates, contacts).
    """

    reference: str
    source: str
    recorded_by: str
    approved_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """What recording a plan changed: the version that held when the new one starts, or None, and the new one.

    What it moves of the quotas already open is the ledger's to say: as plans follow and correct each other, what a
    quota was granted is not always what `before` approved.
    """

    before: PlanVersion | None
    after: PlanVersion


def version_on(versions: Iterable[V], on: date) -> V | None:
    """The version of ONE entity that holds on `on`: the last recorded among those that cover it, or None.

    Args:
        versions: versions of a single entity, newest recorded first, already limited to what was known.
        on: Bogotá date; both ends of a version's validity are inclusive.
    """
    for version in versions:
        if version.valid_from <= on and (version.valid_to is None or on <= version.valid_to):
            return version
    return None


def registrations_on(versions: Iterable[RegistrationVersion], on: date) -> tuple[RegistrationVersion, ...]:
    """The version of EACH registration of an actor that holds on `on`, whatever its status, newest recorded first.

    Args:
        versions: versions of any number of registrations, newest recorded first.
        on: Bogotá date.
    """
    by_entity: dict[UUID, list[RegistrationVersion]] = {}
    for version in versions:
        by_entity.setdefault(version.entity, []).append(version)
    held = (version_on(group, on) for group in by_entity.values())
    return tuple(version for version in held if version is not None)
