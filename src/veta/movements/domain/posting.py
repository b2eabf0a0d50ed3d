"""What several kinds of movement post alike: rights used, lots made, mineral that leaves."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from veta.ledger.domain.accounts import BoundaryKind
from veta.ledger.domain.accounts import right as right_to
from veta.movements.domain.case import Case, Made
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import LotFacts, Whence

T = TypeVar("T")


def known(value: T | None) -> T:
    """What the rules made sure of: a movement without it was refused. LookupError where they did not."""
    if value is None:
        raise LookupError("a movement without this fact is refused before it is posted")
    return value


def use_rights(case: Case, effects: Effects) -> None:
    """Use each right: granted by this movement where it is the first of its period; what a mere warning lets exceed
    is posted from `excess`, so that the quota's CHECK holds and reports can sum it."""
    for right, left in zip(case.rights, case.left, strict=True):
        if not right.amount:
            continue
        commodity = right_to(right.group)
        if right.grant > 0 and not case.world.balance(right.account).received:
            effects.move(effects.boundary("grant", commodity), right.account, commodity, right.grant)
        if right.amount > left:
            effects.move(effects.boundary("excess", commodity), right.account, commodity, right.amount - left)
        effects.move(right.account, effects.boundary("used", commodity), commodity, right.amount)
        effects.rights.append(right)


def new_lot(
    case: Case,
    made: Made,
    accreditation: str,
    whence: Whence,
    *,
    parents: tuple[UUID, ...] = (),
    grade: str | None = None,
    processed_by: UUID | None = None,
) -> LotMade:
    """A lot of the reporter's, at the place that the movement states."""
    place, fineness = case.item.place, made.measured.fineness
    facts = LotFacts(
        id=made.lot, mineral=made.mineral_code, holder=known(case.author), accreditation=accreditation,
        movement=case.item.id, occurred_at=case.item.occurred_at, origin=whence.origin, composition=whence.composition,
        municipality=place.municipality if place is not None else None, grade=grade or made.measured.grade,
        processed_by=processed_by,
    )  # fmt: skip
    return LotMade(
        facts=facts,
        amount=known(made.measured.amount),
        parents=parents,
        fineness=fineness.milli if fineness is not None else None,
        facility=place.facility if place is not None else None,
    )


def leave(case: Case, effects: Effects, boundary: BoundaryKind) -> None:
    """What is taken of each lot goes to a boundary: out of the country, used up, into a process."""
    for part in case.parts:
        mineral = known(part.facts).mineral
        effects.move(part.lot, effects.boundary(boundary, mineral), mineral, known(part.amount))
