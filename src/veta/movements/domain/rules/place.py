"""Where it happened."""

from collections.abc import Sequence
from typing import Final

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

KINDS: Final = (
    "production",
    "subsistence_purchase",
    "sale",
    "regroup",
    "transformation",
    "export",
    "retention",
    "dispatch",
    "consumption",
    "loss",
    "documented_intake",
    "receipt",
)


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
    to = getattr(case.item, "to", None)
    if to is not None and to.municipality not in known:
        found.append(Hit("to.municipality", {"municipality": to.municipality}))
    source = getattr(case.item, "origin", None)
    if source is not None and source.municipality is not None and source.municipality not in known:
        found.append(Hit("origin.municipality", {"municipality": source.municipality}))
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


@rule(
    "PLC-003",
    "receipt",
    severity="warning",
    message="Llegó a {municipality} y se despachó a {to}. Se registra donde llegó; revise el destino.",
)
def arrives_where_sent(case: Case) -> Sequence[Hit]:
    """A load that arrives elsewhere than it was sent to is told."""
    place, pending = case.item.place, case.pending
    if place is None or pending is None or place.municipality == pending.municipality:
        return ()
    return hit("place.municipality", municipality=place.municipality, to=pending.municipality or "")
