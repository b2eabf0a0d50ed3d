"""The hub's own rules, run here before anything is sent, as far as this node knows what they ask for.

A rule that looks at the item and the norms alone runs always; one about lots only where every lot named came into
being through this client's own records. What is not known is not guessed: the hub decides,
and this only tells mistakes early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import veta.movements.domain.rules  # noqa: F401 - registers the rules
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid_of
from veta.movements.domain.case import Case
from veta.movements.domain.decide import rules_for
from veta.movements.domain.facts import LotFacts, RunningBalance, World
from veta.movements.domain.frame import REPORTER, frame, parties
from veta.movements.domain.item import Item
from veta.movements.domain.submission import receive
from veta.movements.domain.yielded import YieldOf, yield_of
from veta.norms import NormNotInForce
from veta.registry.domain import MandateVersion

OF_THE_ITEM: Final = frozenset(
    {
        "IDE-002", "IDE-010", "LOT-005", "MIN-001", "MIN-002", "MIN-003", "MIN-004", "MIN-005", "MIN-006", "MIN-007",
        "TIM-001", "TIM-002", "TIM-005", "EVI-002",
    }
)  # fmt: skip
OF_ITS_LOTS: Final = frozenset({"LOT-003", "TIM-003", "YLD-001", "YLD-002", "YLD-003"})
HERE: Final = UUID(int=1)
_NODE: Final = uuid_of("node", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLot:
    """A lot that the client's own records made: `amount` of it came, `used` of it went (smallest units).

    `unproven`: of a retention, which may go into nothing.
    """

    id: UUID
    mineral: str
    amount: int
    used: int
    occurred_at: datetime
    grade: str | None = None
    unproven: bool = False


def check(payload: Mapping[str, Any], *, now: datetime, lots: Mapping[UUID, KnownLot] | None = None) -> list[Finding]:
    """What the hub would find in an item, as far as it can be known here; empty where nothing is known to be wrong.

    now: aware; stands for the hub's receipt. lots: the reporter's, by id. Returns SCH findings alone where the item
    cannot be read.
    """
    received = receive(dict(payload), b"")
    if received.item is None:
        return list(received.findings)
    case = frame(received.item, operator=_NODE, received_at=now, world=_world(received.item, lots or {}, now.date()))
    wanted = OF_THE_ITEM | (OF_ITS_LOTS if case.parts and all(part.facts for part in case.parts) else frozenset())
    return list(_findings(case, wanted))


def yield_here(
    payload: Mapping[str, Any], *, now: datetime, lots: Mapping[UUID, KnownLot] | None = None
) -> YieldOf | None:
    """What a transformation took, gave and lost by its recipe; None where it cannot be read or a lot is not known."""
    received = receive(dict(payload), b"")
    if received.item is None or received.item.kind != "transformation":
        return None
    case = frame(received.item, operator=_NODE, received_at=now, world=_world(received.item, lots or {}, now.date()))
    known = all(part.facts is not None and part.amount is not None for part in case.parts)
    return yield_of(case) if known else None


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether the hub would reject it for one of these."""
    return any(found.severity == "blocking" for found in findings)


def _findings(case: Case, wanted: frozenset[str]) -> Iterable[Finding]:
    for rule in rules_for(case.item.kind, on=case.on, received_on=case.received_on):
        if rule.code not in wanted:
            continue
        try:
            hits: Sequence[Any] = rule.check(case)
        except NormNotInForce:  # the hub says it, by its own rule
            continue
        yield from map(rule.finding, hits)


def _world(item: Item, lots: Mapping[UUID, KnownLot], on: date) -> World:
    """The parties by their documents, a mandate of the one who reports, and the lots that are known."""
    world = World()
    named = {role: party.document for role, party in parties(item)}
    for document in named.values():
        world.actors[document] = uuid_of("node", "party", document.type, document.number)
    reporter = named.get(REPORTER.get(item.kind, ""))
    author = world.actors[reporter] if reporter is not None else HERE
    world.mandates[author, _NODE] = [
        MandateVersion(id=HERE, actor=author, operator=_NODE, status="active", valid_from=date.min, valid_to=None)
    ]
    for lot in [lots[id] for id in _named(item) & lots.keys()]:
        world.lots[lot.id] = LotFacts(
            id=lot.id, mineral=lot.mineral, holder=author, accreditation="accredited", movement=HERE, origin=HERE,
            occurred_at=lot.occurred_at, grade=lot.grade,
        )  # fmt: skip
        world.balances[lot.id] = RunningBalance(received=lot.amount, released=lot.used)
    return world


def _named(item: Item) -> set[UUID]:
    """The lots that an item takes from and those that it makes: of a client's many, what its rules look at."""
    parts = (*getattr(item, "items", ()), *getattr(item, "inputs", ()))
    made = (getattr(item, "lot", None), *(output.lot for output in getattr(item, "outputs", ())))
    named = {*made, *(part.lot for part in parts), *(part.new_lot for part in parts)}
    return {lot for lot in named if lot is not None}
