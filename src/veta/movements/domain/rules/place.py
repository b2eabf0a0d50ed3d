"""Where it happened."""

from collections.abc import Sequence
from typing import Final

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

KINDS: Final = ("production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention")


@rule(
    "PLC-001",
    *KINDS,
    "seizure",
    norm="DANE, DIVIPOLA",
    status="verified",
    message="El municipio {municipality} no existe en DIVIPOLA. Revise el código de cinco dígitos.",
)
def municipality_known(case: Case) -> Sequence[Hit]:
    """Every municipality named must be one of DIVIPOLA's units."""
    found: list[Hit] = []
    place, known = case.item.place, case.world.municipalities
    if place is not None and place.municipality not in known:
        found.append(Hit("place.municipality", {"municipality": place.municipality}))
    if case.item.kind == "subsistence_purchase" and case.item.origin.municipality not in known:
        found.append(Hit("origin.municipality", {"municipality": case.item.origin.municipality}))
    return found


@rule(
    "PLC-002",
    "production",
    norm="Ley 685 de 2001 art. 45",
    status="inference",
    message="{municipality} no es municipio del título {code}. Revise el lugar de extracción.",
)
def inside_the_title(case: Case) -> Sequence[Hit]:
    """Production is placed in one of the title's municipalities, where it says in which it lies."""
    place, title = case.item.place, case.title
    if place is None or title is None or not title.municipalities or place.municipality in title.municipalities:
        return ()
    return hit("place.municipality", municipality=place.municipality, code=title.code)
