"""What an accepted movement does: the entries, lots, holds and endings that are written together or not at all."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from veta.ledger.domain.accounts import BoundaryKind, boundary_id
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin
from veta.ledger.domain.posting import Posting
from veta.movements.domain.case import Right
from veta.movements.domain.facts import LotFacts, Outcome, PaperNumber, PendingFacts, RunningBalance, World


class LotMade(NamedTuple):
    """A lot to be made: its facts, how much it receives (smallest units, as counted) and the lots it comes from."""

    facts: LotFacts
    amount: int
    parents: tuple[UUID, ...] = ()
    fineness: int | None = None
    facility: str | None = None


@dataclass(slots=True)
class Effects:
    """Everything that one accepted (or pending) movement writes."""

    entries: list[Posting] = field(default_factory=list)
    boundaries: dict[UUID, tuple[BoundaryKind, str]] = field(default_factory=dict)
    lots: list[LotMade] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    compositions: dict[UUID, Composition] = field(default_factory=dict)
    holds: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    rights: list[Right] = field(default_factory=list)
    pending: PendingFacts | None = None
    ended: tuple[UUID, Outcome] | None = None
    consent: UUID | None = None
    undone: UUID | None = None  # the movement that was mirrored
    paper_numbers: tuple[PaperNumber, ...] = ()  # used up by an intake
    suspended: tuple[UUID, ...] = ()
    marks: dict[UUID, str] = field(default_factory=dict)  # the accreditation that an act gives to a lot
    lifted: UUID | None = None
    papers: tuple[tuple[UUID, int], ...] = ()  # certificates used, each with how much

    def boundary(self, kind: BoundaryKind, commodity: str) -> UUID:
        """The boundary account of that kind and commodity: it has no integers and is never locked."""
        account = boundary_id(kind, commodity)
        self.boundaries[account] = (kind, commodity)
        return account

    def move(self, source: UUID, target: UUID, commodity: str, amount: int) -> None:
        """Add an entry; nothing is written for nothing."""
        if amount:
            self.entries.append(Posting(source, target, commodity, amount))

    def wait(self, pending: PendingFacts) -> None:
        """Hold what waits for an answer, or is on the road."""
        self.pending = pending
        for line in pending.lines:
            self.holds[line.lot] += line.amount


def apply(effects: Effects, world: World) -> None:
    """Keep `world` up to date with what was just decided, so that the next movement of the group sees it."""
    for entry in effects.entries:
        if entry.source not in effects.boundaries:
            world.balances.setdefault(entry.source, RunningBalance()).released += entry.amount
        if entry.target not in effects.boundaries:
            world.balances.setdefault(entry.target, RunningBalance()).received += entry.amount
    for account, amount in effects.holds.items():
        world.balances.setdefault(account, RunningBalance()).held += amount
    for lot in effects.lots:
        world.lots[lot.facts.id] = lot.facts
        world.accounts_taken.add(lot.facts.id)
    for paper in effects.paper_numbers:
        world.paper_numbers[paper] = effects.lots[0].facts.movement
    for origin in effects.origins:
        world.origins[origin.id] = origin
    if effects.compositions:
        world.compositions.update(effects.compositions)
    for certificate, amount in effects.papers:
        for number, facts in world.papers.items():
            if facts.id == certificate:
                world.papers[number] = dataclasses.replace(facts, left=facts.left - amount)
    _apply_states(effects, world)


def _apply_states(effects: Effects, world: World) -> None:
    _mark(effects.undone, world, undone=True)
    if effects.pending is not None:
        world.pending[effects.pending.movement] = effects.pending
        _mark(effects.pending.undoes, world, undone=True)  # one reversal waits at a time
    if effects.ended is not None:
        movement, outcome = effects.ended
        ended = world.pending[movement] = dataclasses.replace(world.pending[movement], outcome=outcome)
        _mark(ended.undoes, world, undone=outcome in ("accepted", "refused"))  # who refused is not asked again
    if effects.consent is not None:
        for key, consent in world.consents.items():
            if consent.id == effects.consent:
                world.consents[key] = dataclasses.replace(consent, used=True)


def _mark(movement: UUID | None, world: World, *, undone: bool) -> None:
    if movement is not None and movement in world.targets:
        world.targets[movement] = dataclasses.replace(world.targets[movement], reversed=undone)
