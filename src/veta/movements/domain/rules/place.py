"""Where it happened."""

from collections.abc import Iterable

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

KINDS = ("production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention")


@rule(
    "PLC-001", *KINDS, norm="DANE, DIVIPOLA", status="verified",
    message="El municipio {municipality} no existe en DIVIPOLA. Revise el código de cinco dígitos.",
)  # fmt: skip
def municipality_known(case: Case) -> Iterable[Hit]:
    """Every municipality named must be one of DIVIPOLA's units."""
    place, origin = case.item.place, getattr(case.item, "origin", None)
    named = [("place.municipality", place.municipality)] if place is not None else []
    if origin is not None and origin.municipality is not None:
        named.append(("origin.municipality", origin.municipality))
    return [Hit(field, {"municipality": code}) for field, code in named if code not in case.world.municipalities]


@rule(
    "PLC-002", "production", norm="Ley 685 de 2001 art. 45", status="inference",
    message="{municipality} no es municipio del título {code}. Revise el lugar de extracción.",
)  # fmt: skip
def inside_the_title(case: Case) -> Iterable[Hit]:
    """Production is placed in one of the title's municipalities, where it says in which it lies."""
    place, title = case.item.place, case.title
    if place is None or title is None or not title.municipalities or place.municipality in title.municipalities:
        return ()
    return hit("place.municipality", municipality=place.municipality, code=title.code)
