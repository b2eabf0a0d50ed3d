"""A movement beside the facts that concern it: what every rule looks at, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from uuid import UUID

from veta.kernel.finding import Severity
from veta.kernel.period import bogota_date
from veta.ledger.domain.accounts import Basis
from veta.movements.domain.facts import LotFacts, PendingFacts, TargetFacts, World
from veta.movements.domain.item import Act
from veta.movements.domain.measure import Flaw, Measured
from veta.norms import NormNotInForce
from veta.norms.catalogue import Mineral
from veta.registry.domain import PlanLine, PlanVersion, RegistrationVersion, TitleVersion, version_on

if TYPE_CHECKING:
    from veta.movements.domain.standing import Standing
    from veta.movements.domain.yielded import YieldOf

# The operator of what no operator reported: acts of the authority, and what the hub ends by itself.
AUTHORITY: Final = UUID(int=0)
PlanFit = Literal["own", "heading", "associated", "absent", "none"]


class Right(NamedTuple):
    """A quota that a movement draws on.

    `grant`: volume that norm or act gives for the whole period, in the right's smallest unit (`factor` of them in one
    `unit`); the first accepted movement posts it. `amount`: what this movement uses. `effect`: what exceeding it does.
    """

    account: UUID
    basis: Basis
    subject: UUID
    group: str
    start: date
    end: date
    grant: int
    effect: Severity
    source: str
    amount: int
    unit: str
    factor: int


class Part(NamedTuple):
    """So much of a lot that the movement names.

    `facts` is None where the lot is unknown; `amount` (smallest units as counted) where it is, or where it is flawed.
    """

    path: str
    lot: UUID
    facts: LotFacts | None
    mineral: Mineral | None
    amount: int | None
    new_lot: UUID | None = None
    flaw: Flaw | None = None


class Made(NamedTuple):
    """What a movement makes of its inputs, or loses of them, measured."""

    path: str
    lot: UUID
    mineral_code: str
    mineral: Mineral | None
    measured: Measured


class Plan(NamedTuple):
    """How a works plan stands to the mineral.

    `fit`: by a line that names it, by that of an untyped heading, associated to the title, absent, or no plan at all.
    `by_metal`: the line counts the metal that an ore or concentrate holds.
    """

    version: PlanVersion | None
    line: PlanLine | None
    fit: PlanFit
    by_metal: bool = False


@dataclass(slots=True)
class Case:
    """One movement with the facts of its moment.

    `on`: Bogotá date of `occurred_at` (inclusive unit of every validity); `received_on`: that of hub receipt.
    `actors`: role in the movement → actor, None where the registry knows no such document. `titles`: versions of the
    origin named, newest recorded first, of the kind that was reported. `absent`: norms that its rights need and that
    say nothing on that date.
    """

    item: Any  # one of the classes of item.py; each rule names the kinds it reads
    operator: UUID
    received_at: datetime
    world: World
    actors: Mapping[str, UUID | None]
    author: UUID | None
    mineral: Mineral | None = None
    measured: Measured | None = None
    titles: tuple[TitleVersion, ...] = ()
    title: TitleVersion | None = None
    plan: Plan | None = None
    rights: tuple[Right, ...] = ()
    parts: tuple[Part, ...] = ()
    made: tuple[Made, ...] = ()
    losses: tuple[Made, ...] = ()  # what a process loses makes no lot
    weighed: tuple[tuple[int | None, int | None], ...] = ()  # of each part on arrival: what was weighed, what was lost
    pending: PendingFacts | None = None
    target: TargetFacts | None = None
    absent: tuple[NormNotInForce, ...] = ()
    flaws: tuple[Flaw, ...] = ()  # of all that it measures
    # Read anew whenever it is decided: what is left of each right before it, and the rights that it exceeds, with that.
    left: tuple[int, ...] = ()
    exceeded: tuple[tuple[Right, int], ...] = ()
    on: date = field(init=False)
    received_on: date = field(init=False)
    age: timedelta = field(init=False)  # of what it reports, at hub receipt
    known: tuple[str, ...] = field(init=False)  # the roles whose party the registry knows
    standings: dict[str, Standing] = field(init=False, default_factory=dict, repr=False)
    yields: tuple[YieldOf | None] | None = field(init=False, default=None, repr=False)  # worked out once

    def __post_init__(self) -> None:
        self.on = bogota_date(self.item.occurred_at)
        self.received_on = bogota_date(self.received_at)
        self.age = self.received_at - self.item.occurred_at
        self.known = tuple([role for role, actor in self.actors.items() if actor is not None])

    def registrations(self, role: str, on: date) -> tuple[RegistrationVersion, ...]:
        """The versions of each registration of the party in `role` that hold on `on`, whatever their status."""
        actor = self.actors.get(role)
        return self.world.registrations_on(actor, on) if actor is not None else ()

    @property
    def by_authority(self) -> bool:
        """Whether it is an act of the hub's own authority, by no operator."""
        return self.operator == AUTHORITY

    @property
    def told(self) -> tuple[Part, ...]:
        """The parts of whose lots the reporting operator may be told: of the author's own, under its mandate. Any other
        lot is as one that does not exist (MAN-001, LOT-002); an answer's lots are in its offer."""
        if self.pending is not None or isinstance(self.item, Act):
            return self.parts
        if not self.speaks_for(self.author):
            return ()
        return tuple([p for p in self.parts if p.facts is not None and p.facts.holder == self.author])

    def speaks_for(self, actor: UUID | None) -> bool:
        """Whether the operator holds a mandate of `actor` active at hub receipt; the authority speaks for all."""
        if actor is None:
            return False
        if self.by_authority:
            return True
        version = version_on(self.world.mandates.get((actor, self.operator), ()), self.received_on)
        return version is not None and version.status == "active"
