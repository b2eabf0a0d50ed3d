"""A movement beside the facts that concern it: what every rule looks at, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from veta.kernel.period import bogota_date
from veta.ledger.domain.accounts import Basis
from veta.movements.domain.facts import LotFacts, PendingFacts, TargetFacts, World
from veta.movements.domain.measure import Measured
from veta.norms.catalogue import Mineral
from veta.registry.domain import PlanLine, PlanVersion, RegistrationVersion, TitleVersion, registrations_on


@dataclass(frozen=True, slots=True)
class Right:
    """A quota that a movement draws on.

    `grant`: volume that norm or act gives for the period, in the right's smallest unit, posted by the first accepted
    movement; None where the account was granted before and its balance speaks. `effect`: what exceeding it does.
    """

    account: UUID
    basis: Basis
    subject: UUID
    group: str
    start: date
    end: date
    grant: int
    effect: str
    source: str
    amount: int
    unit: str
    factor: int


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a lot that the movement names; `facts` is None where the lot is unknown, `amount` where unreadable."""

    path: str
    lot: UUID
    facts: LotFacts | None
    mineral: Mineral | None
    amount: int | None
    new_lot: UUID | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a movement makes of its inputs, measured."""

    path: str
    lot: UUID
    mineral_code: str
    mineral: Mineral | None
    measured: Measured


@dataclass(frozen=True, slots=True)
class Plan:
    """How a works plan stands to the mineral: its own line, the untyped heading's, associated, or not at all."""

    version: PlanVersion | None
    line: PlanLine | None
    fit: str  # "own" | "heading" | "associated" | "absent" | "none"


@dataclass(slots=True)
class Case:
    """One movement with the facts of its moment.

    `on`: Bogotá date of `occurred_at` (inclusive unit of every validity); `received_on`: that of hub receipt.
    `actors`: role in the movement → actor, None where the registry knows no such document.
    """

    item: Any  # one of the classes of item.py; each rule names the kinds it reads
    operator: UUID
    received_at: datetime
    world: World
    actors: Mapping[str, UUID | None]
    author: UUID | None
    mineral: Mineral | None = None
    measured: Measured | None = None
    title: TitleVersion | None = None
    plan: Plan | None = None
    rights: tuple[Right, ...] = ()
    parts: tuple[Part, ...] = ()
    made: tuple[Made, ...] = ()
    losses: tuple[Made, ...] = ()  # what a process loses makes no lot
    pending: PendingFacts | None = None
    target: TargetFacts | None = None
    on: date = field(init=False)
    received_on: date = field(init=False)

    def __post_init__(self) -> None:
        self.on = bogota_date(self.item.occurred_at)
        self.received_on = bogota_date(self.received_at)

    def registrations(self, role: str, on: date) -> tuple[RegistrationVersion, ...]:
        """The versions of each registration of the party in `role` that hold on `on`, whatever their status."""
        actor = self.actors.get(role)
        return registrations_on(self.world.registrations.get(actor, ()), on) if actor is not None else ()
