"""Mineral on the road: what a dispatch sends is held in its lot until its receipt says what arrived."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from veta.movements.domain import law
from veta.movements.domain.answered import end
from veta.movements.domain.case import Case, Part
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import LotFacts, PendingFacts, PendingLineFacts
from veta.movements.domain.posting import known


class Arrival(NamedTuple):
    """One line of a dispatch as it arrived, in smallest units; None where it cannot be counted."""

    part: Part
    sent: int
    weighed: int | None
    lost: int | None

    @property
    def gain(self) -> int | None:
        """How much more was weighed than was sent and not lost: the scales' difference, negative where less."""
        return None if self.weighed is None or self.lost is None else self.weighed + self.lost - self.sent


def dispatch(case: Case, effects: Effects) -> None:
    """What is sent stays its holder's, and nobody's to use, until it is received or the dispatch is withdrawn."""
    item, author = case.item, known(case.author)
    lines = tuple(PendingLineFacts(part.lot, known(part.amount), known(part.new_lot)) for part in case.parts)
    effects.wait(
        PendingFacts(
            movement=item.id, kind="dispatch", author=author, counterparty=author, occurred_at=item.occurred_at,
            lines=lines, municipality=item.to.municipality, confirm_by=None,
        )
    )  # fmt: skip


def receive(case: Case, effects: Effects) -> None:
    """Each line becomes a lot at the place of arrival, as weighed there: the difference goes to `weighing`, what was
    lost on the road to `loss`."""
    end(case, effects, "accepted")
    for arrival in arrivals(case):
        _receive(case, effects, arrival)


def _receive(case: Case, effects: Effects, arrival: Arrival) -> None:
    part, facts, weighed, lost = arrival.part, known(arrival.part.facts), known(arrival.weighed), known(arrival.lost)
    lot, mineral, gain = known(part.new_lot), facts.mineral, known(arrival.gain)
    weighing = effects.boundary("weighing", mineral)
    effects.move(part.lot, lot, mineral, min(weighed, arrival.sent - lost))
    effects.move(part.lot, effects.boundary("loss", mineral), mineral, lost)
    effects.move(weighing, lot, mineral, max(gain, 0))
    effects.move(part.lot, weighing, mineral, max(-gain, 0))
    if weighed:
        made = LotMade(facts=_arrived(case, facts, part), amount=weighed, parents=(part.lot,), facility=_facility(case))
        effects.lots.append(made)


def _arrived(case: Case, facts: LotFacts, part: Part) -> LotFacts:
    place = case.item.place
    return LotFacts(
        id=known(part.new_lot), mineral=facts.mineral, holder=facts.holder, accreditation=facts.accreditation,
        movement=case.item.id, occurred_at=case.item.occurred_at, origin=facts.origin, composition=facts.composition,
        municipality=place.municipality if place is not None else known(case.pending).municipality, grade=facts.grade,
        processed_by=facts.processed_by, suspended_by=facts.suspended_by,
    )  # fmt: skip


def _facility(case: Case) -> str | None:
    return case.item.place.facility if case.item.place is not None else None


def arrivals(case: Case) -> tuple[Arrival, ...]:
    """The dispatch's lines beside what the receipt says of each; nothing where the two do not name the same lots."""
    return tuple(
        Arrival(part, known(part.amount), weighed, lost)
        for part, (weighed, lost) in zip(case.parts, case.weighed, strict=False)
    )


def admitted(arrival: Arrival, on: date) -> int:
    """By how much the scales of the mineral's unit may differ, in its smallest unit, rounded down."""
    assert arrival.part.mineral is not None
    return int(law.weighing_tolerance(arrival.part.mineral.unit, on) * arrival.sent)


def beyond(case: Case) -> list[Arrival]:
    """The lines whose difference is more than the scales of their mineral's unit admit."""
    found = []
    for each in arrivals(case):
        if each.gain is not None and (abs(each.gain) > admitted(each, case.on) or (each.lost or 0) > each.sent):
            found.append(each)
    return found
