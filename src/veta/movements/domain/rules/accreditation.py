"""Mineral of unproven origin stays where it is until an act accredits it."""

from collections.abc import Sequence

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, rule

UNPROVEN = frozenset({"unproven", "seized"})


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
