"""Mineral of unproven origin stays where it is until an act accredits it."""

from collections.abc import Sequence

from veta.movements.domain.acts import UNPROVEN
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule


@rule(
    "ACC-001",
    "sale",
    "regroup",
    "transformation",
    "export",
    "confirmation",
    norm="Ley 2250 de 2022 arts. 13, 15 y 18",
    status="verified",
    message="El lote {lot} es de origen no acreditado o está decomisado: no se vende, mezcla, procesa ni exporta. "
    "Pida a la autoridad su acreditación.",
)
def origin_accredited(case: Case) -> Sequence[Hit]:
    """Unproven or seized mineral may not be sold, processed, blended, certified or exported."""
    return [
        Hit(part.path + ".lot", {"lot": str(part.lot), "accreditation": part.facts.accreditation})
        for part in case.told
        if part.facts is not None and part.facts.accreditation in UNPROVEN
    ]


@rule(
    "ACC-004",
    "accredit",
    norm="Ley 2250 de 2022 arts. 13 y 15",
    status="inference",
    instant="receipt",
    message="El lote está hoy como «{now}»: no cabe marcarlo «{asked}». Solo se acredita lo no acreditado o "
    "decomisado, y solo se desacredita lo demás.",
)
def can_be_marked(case: Case) -> Sequence[Hit]:
    """An act accredits what was unproven or seized, or finds unproven what was not: never what it is already."""
    for part in case.parts:
        if part.facts is not None and (part.facts.accreditation in UNPROVEN) == (case.item.accreditation in UNPROVEN):
            return hit("accreditation", now=part.facts.accreditation, asked=case.item.accreditation)
    return ()
