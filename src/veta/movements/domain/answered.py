"""How what waited ends: confirmed, refused, withdrawn or lapsed; and how a movement is mirrored."""

from __future__ import annotations

from veta.movements.domain.case import Case, Part
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import LotFacts, Outcome
from veta.movements.domain.posting import known, use_rights


def confirm(case: Case, effects: Effects) -> None:
    """The other party's answer: what was held is handed over, or released."""
    if case.item.decision != "confirm":
        end(case, effects, "refused")
        return
    end(case, effects, "accepted")
    if known(case.pending).kind == "reversal":
        mirror(case, effects)
        return
    use_rights(case, effects)
    for part in case.parts:
        _hand_over(case, effects, part)


def withdraw(case: Case, effects: Effects) -> None:
    """The author takes its offer back."""
    end(case, effects, "withdrawn")


def lapse(case: Case, effects: Effects) -> None:
    """The term passed without an answer."""
    end(case, effects, "lapsed")


def mirror(case: Case, effects: Effects) -> None:
    """The target's entries the other way round; a quota's grant stays, for its period is still its period."""
    target = known(case.target)
    effects.undone = target.movement
    effects.boundaries.update(target.boundaries)
    for entry in target.entries:
        boundary = target.boundaries.get(entry.source)
        if boundary is None or boundary[0] != "grant":
            effects.entries.append(entry.mirrored())


def end(case: Case, effects: Effects, outcome: Outcome) -> None:
    """End what waited, once, and release exactly what it held."""
    pending = known(case.pending)
    for line in pending.lines:
        effects.holds[line.lot] -= line.amount
    effects.ended = (pending.movement, outcome)


def _hand_over(case: Case, effects: Effects, part: Part) -> None:
    pending, facts, amount, lot = known(case.pending), known(part.facts), known(part.amount), known(part.new_lot)
    effects.move(part.lot, lot, facts.mineral, amount)
    sold = LotFacts(
        id=lot, mineral=facts.mineral, holder=pending.counterparty, accreditation=facts.accreditation,
        movement=pending.movement, occurred_at=pending.occurred_at, origin=facts.origin, composition=facts.composition,
        municipality=pending.municipality, grade=facts.grade, processed_by=facts.processed_by,
    )  # fmt: skip
    effects.lots.append(LotMade(facts=sold, amount=amount, parents=(part.lot,)))
