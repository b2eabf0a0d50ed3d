"""What the authority's acts do to lots: suspend them, close a suspension, seize, give another accreditation."""

from __future__ import annotations

from veta.ledger.domain.origin import Origin
from veta.movements.domain.case import Case, Made, Part
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import LotFacts
from veta.movements.domain.posting import known, use_rights

UNPROVEN = frozenset({"unproven", "seized"})


def suspend(case: Case, effects: Effects) -> None:
    """The lots named and all that was made of them, as the act reached them under lock; what is made of them from now
    on inherits it."""
    effects.suspended = case.world.reached.get(case.item.id, ())


def lift(case: Case, effects: Effects) -> None:
    """That act is closed; any other on the same lots stays."""
    effects.lifted = case.item.suspension


def seize(case: Case, effects: Effects) -> None:
    """So much of each lot becomes a seized lot at the place of the act, still in its holder's name: who disposes of it
    is for the penal authority, and no norm read gives it to anybody else. What nobody had registered comes from
    `unproven`, and is in nobody's name."""
    for part in case.parts:
        _seize(case, effects, part)
    for made in case.made:
        _find(case, effects, made)


def _seize(case: Case, effects: Effects, part: Part) -> None:
    facts, amount, place = known(part.facts), known(part.amount), case.item.place
    taken = LotFacts(
        id=known(part.new_lot), mineral=facts.mineral, holder=facts.holder, accreditation="seized",
        movement=case.item.id, occurred_at=case.item.occurred_at, origin=facts.origin, composition=facts.composition,
        municipality=place.municipality if place is not None else facts.municipality, grade=facts.grade,
        processed_by=facts.processed_by, suspended_by=facts.suspended_by,
    )  # fmt: skip
    effects.move(part.lot, taken.id, facts.mineral, amount)
    effects.lots.append(LotMade(facts=taken, amount=amount, parents=(part.lot,)))


def _find(case: Case, effects: Effects, made: Made) -> None:
    place, amount, fineness = known(case.item.place), known(made.measured.amount), made.measured.fineness
    origin = Origin("unproven", municipality=place.municipality)
    effects.origins.append(origin)
    effects.move(effects.boundary("unproven", made.mineral_code), made.lot, made.mineral_code, amount)
    found = LotFacts(
        id=made.lot, mineral=made.mineral_code, holder=None, accreditation="seized", movement=case.item.id,
        occurred_at=case.item.occurred_at, origin=origin.id, municipality=place.municipality, grade=made.measured.grade,
    )  # fmt: skip
    effects.lots.append(
        LotMade(found, amount, fineness=fineness.milli if fineness is not None else None, facility=place.facility)
    )


def accredit(case: Case, effects: Effects) -> None:
    """A mark on the lot; as unproven, on all that was made of it too. Accredited as a title's, it uses that title's
    right as its production would have."""
    item = case.item
    reached = case.world.reached.get(item.id, ()) if item.accreditation == "unproven" else (item.marked,)
    effects.marks.update(dict.fromkeys(reached, item.accreditation))
    if item.accreditation != "unproven":
        use_rights(case, effects)
