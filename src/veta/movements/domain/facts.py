"""The facts that a verdict rests on, as read under lock for a group and kept up as its movements are decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID

from veta.kernel.identity import Document
from veta.ledger.domain.accounts import BoundaryKind
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.ledger.domain.posting import Posting
from veta.movements.domain.papers import PaperFacts
from veta.registry.domain import (
    Consent,
    MandateVersion,
    PlanVersion,
    RegistrationVersion,
    TitleVersion,
    registrations_on,
)

if TYPE_CHECKING:
    from veta.movements.domain.standing import Standing

PendingKind = Literal["sale", "reversal", "dispatch"]
Outcome = Literal["accepted", "refused", "withdrawn", "lapsed"]


@dataclass(slots=True)
class RunningBalance:
    """An account's three integers; `held` is promised to pending sales and counts as gone for everybody else."""

    received: int = 0
    released: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        return self.received - self.released - self.held


class PaperNumber(NamedTuple):
    """A document outside the system that proves mineral of an origin: it counts once."""

    origin: UUID
    type: str
    number: str


class Whence(NamedTuple):
    """Where a lot comes from: one origin, or a composition of several."""

    origin: UUID | None = None
    composition: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFacts:
    """A lot as it was made, with the suspensions open on it now. Exactly one of `origin`, `composition` is set.

    `holder` is None of seized mineral that was nobody's lot: nobody can report anything of it.
    """

    id: UUID
    mineral: str
    holder: UUID | None
    accreditation: str
    movement: UUID
    occurred_at: datetime
    origin: UUID | None = None
    composition: UUID | None = None
    municipality: str | None = None
    grade: str | None = None
    processed_by: UUID | None = None  # the published plant that beneficiated it (Ley 2250 art. 17)
    suspended_by: tuple[UUID, ...] = ()
    made_as: str | None = None  # its accreditation when it was made, where an act gave it another since

    @property
    def whence(self) -> Whence:
        return Whence(self.origin, self.composition)


@dataclass(frozen=True, slots=True)
class PendingLineFacts:
    lot: UUID
    amount: int
    new_lot: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFacts:
    """A movement that waits (or waited: `outcome`) for its counterparty."""

    movement: UUID
    kind: PendingKind
    author: UUID
    counterparty: UUID
    occurred_at: datetime
    confirm_by: datetime | None
    lines: tuple[PendingLineFacts, ...]
    outcome: Outcome | None = None
    municipality: str | None = None
    undoes: UUID | None = None  # the movement that a pending reversal would mirror


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """A movement that somebody asks to reverse: its author, its entries, the lots it made, what was built on them."""

    movement: UUID
    kind: str
    status: str
    author: UUID | None
    counterparty: UUID | None
    occurred_at: datetime
    received_at: datetime
    entries: tuple[Posting, ...]
    boundaries: Mapping[UUID, tuple[BoundaryKind, str]]
    made: tuple[UUID, ...]
    descendants: tuple[UUID, ...]
    reversed: bool
    suspended_by: tuple[UUID, ...] = ()  # acts open on any lot it made


@dataclass(slots=True)
class World:
    """Everything a group of movements may look at. Registry lists are newest recorded first."""

    actors: dict[Document, UUID] = field(default_factory=dict)
    registrations: dict[UUID, list[RegistrationVersion]] = field(default_factory=dict)
    titles: dict[str, list[TitleVersion]] = field(default_factory=dict)
    plans: dict[UUID, list[PlanVersion]] = field(default_factory=dict)
    mandates: dict[tuple[UUID, UUID], list[MandateVersion]] = field(default_factory=dict)  # (actor, operator)
    municipalities: frozenset[str] = frozenset()
    lots: dict[UUID, LotFacts] = field(default_factory=dict)
    balances: dict[UUID, RunningBalance] = field(default_factory=dict)
    origins: dict[UUID, Origin] = field(default_factory=dict)
    compositions: dict[UUID, Composition] = field(default_factory=dict)
    pending: dict[UUID, PendingFacts] = field(default_factory=dict)
    targets: dict[UUID, TargetFacts] = field(default_factory=dict)
    consents: dict[tuple[UUID, str | None], Consent] = field(default_factory=dict)  # by id and the code presented
    accounts_taken: set[UUID] = field(default_factory=set)  # lot ids that exist already
    paper_numbers: dict[PaperNumber, UUID] = field(default_factory=dict)  # those used already, and by which movement
    suspensions_open: dict[UUID, bool] = field(default_factory=dict)  # acts that a lift names: whether still open
    reached: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)  # by an act: its lots and what was made of them
    asked_to_undo: set[UUID] = field(default_factory=set)  # movements that reversals of the group name
    papers: dict[str, PaperFacts] = field(default_factory=dict)  # certificates that exports cite, by number as cited
    certified: dict[UUID, int] = field(default_factory=dict)  # live certificates over what a target made, by target
    checked: Mapping[UUID, RunningBalance] | None = None  # the balances with which a mere check began
    # Found once for all movements of a group: the registry does not change while it is decided.
    _held: dict[tuple[UUID, date], tuple[RegistrationVersion, ...]] = field(default_factory=dict, repr=False)
    _mandates_by_actor: tuple[int, dict[UUID, list[list[MandateVersion]]]] = field(default=(0, {}), repr=False)
    standings: dict[tuple[str, str, UUID, str, date], Standing] = field(default_factory=dict, repr=False)

    def registrations_on(self, actor: UUID, on: date) -> tuple[RegistrationVersion, ...]:
        """The version of each registration of `actor` that holds on `on`."""
        held = self._held.get((actor, on))
        if held is None:
            held = self._held[actor, on] = registrations_on(self.registrations.get(actor, ()), on)
        return held

    def mandates_of(self, actor: UUID) -> Sequence[list[MandateVersion]]:
        """The versions of each of the actor's mandates that are known here, with whatever operator."""
        count, known = self._mandates_by_actor
        if count != len(self.mandates):
            known = {}
            for (party, _), versions in self.mandates.items():
                known.setdefault(party, []).append(versions)
            self._mandates_by_actor = (len(self.mandates), known)
        return known.get(actor, ())

    def balance(self, account: UUID) -> RunningBalance:
        return self.balances.get(account) or RunningBalance()

    def origin_weights(self, lot: LotFacts) -> Mapping[UUID, int]:
        """The lot's origins by integer weight; a lot of one origin weighs 1."""
        if lot.origin is not None:
            return {lot.origin: 1}
        return self.compositions[lot.composition].as_weights() if lot.composition is not None else {}
