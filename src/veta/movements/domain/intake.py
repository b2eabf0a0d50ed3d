"""Lawful mineral that the system did not see being produced: stock from before, on paper, imported or disused."""

from __future__ import annotations

from typing import Final

from veta.ledger.domain.origin import Origin
from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.facts import PaperNumber, Whence
from veta.movements.domain.posting import known, new_lot, use_rights

ELSEWHERE: Final = frozenset({"import", "disused"})


def origin_of(case: Case) -> Origin:
    """The origin that the report names: a title's, a subsistence miner's, a country's, or somebody's disused metal."""
    source = case.item.origin
    if source.kind == "subsistence":
        return Origin("subsistence", municipality=source.municipality, person=case.actors.get("seller"))
    if source.kind == "disused":
        return Origin("disused", person=case.author)
    return Origin(case.titles[0].kind if case.titles else source.kind, code=source.code)


def paper_numbers_of(case: Case) -> tuple[PaperNumber, ...]:
    """The documents that prove this intake, each as it counts once: by origin, type, and number in one spelling."""
    counted, origin = law.intake_documents(case.item.basis, case.on), origin_of(case).id
    sent = (each for each in case.item.evidence if each.type in counted)
    return tuple(dict.fromkeys(PaperNumber(origin, each.type, _one_spelling(each.number)) for each in sent))


def _one_spelling(number: str) -> str:
    """Without case, spaces or marks: «CO-001» and «co 001» are one paper."""
    return "".join(character for character in number.upper() if character.isalnum()) or number


def intake(case: Case, effects: Effects) -> None:
    """From `documented` into a lot of the holder; it uses the right of its origin, where that is known."""
    made, item = case.made[0], case.item
    origin = origin_of(case)
    effects.origins.append(origin)
    source = effects.boundary("documented", made.mineral_code)
    effects.move(source, made.lot, made.mineral_code, known(made.measured.amount))
    accreditation = "disused" if item.basis == "disused" else "documented"
    effects.lots.append(new_lot(case, made, accreditation, Whence(origin=origin.id)))
    use_rights(case, effects)
    effects.paper_numbers = paper_numbers_of(case)
