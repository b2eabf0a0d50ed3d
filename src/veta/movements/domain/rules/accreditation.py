"""Mineral of unproven origin stays where it is until an act accredits it."""

from collections.abc import Sequence

from veta.movements.domain import law
from veta.movements.domain.acts import UNPROVEN
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule


@rule(
    "ACC-001",
    "sale",
    "regroup",
    "transformation",
    "export",
    "dispatch",
    "consumption",
    "confirmation",
    norm="Ley 2250 de 2022 arts. 13, 15 y 18",
    status="verified",
    message="El lote {lot} es de origen no acreditado o está decomisado: no se vende, mezcla, procesa, "
    "mueve ni exporta. "
    "Pida a la autoridad su acreditación.",
)
def origin_accredited(case: Case) -> Sequence[Hit]:
    """Unproven or seized mineral may not be sold, processed, blended, carried, used, certified or exported."""
    return [
        Hit(part.path + ".lot", {"lot": str(part.lot), "accreditation": part.facts.accreditation})
        for part in case.told
        if part.facts is not None and part.facts.accreditation in UNPROVEN
    ]


@rule(
    "ACC-002",
    "documented_intake",
    norm="Res. ANM 759 de 2024 art. 26 (Res. 3824 de 2025)",
    status="secondary",
    instant="both",
    message="{code} debe reportar en el sistema desde el {since}: su mineral ya no entra con papeles. Pida que lo "
    "reporte su productor.",
)
def not_yet_in_the_system(case: Case) -> Sequence[Hit]:
    """Mineral of a title enters on paper only until its class is obliged; what happened before that day is reported
    within the window of reports, since its date is only its reporter's word."""
    title = case.titles[0] if case.titles else None
    since = law.obliged_since(title.scale or "", case.received_on) if title is not None else None
    if title is None or since is None:
        return ()
    late = case.received_on >= since and case.age > law.reporting_window(case.on)
    return hit("origin.code", code=title.code, since=since.isoformat()) if case.on >= since or late else ()


@rule(
    "ACC-003",
    "loss",
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.4.2",
    status="inference",
    message="El lote {lot} está decomisado: lo que le pase lo registra la autoridad. Avísele.",
)
def seized_is_the_authoritys(case: Case) -> Sequence[Hit]:
    """What was seized is in the authority's hands: nobody else reports it lost."""
    return [
        Hit(part.path + ".lot", {"lot": str(part.lot)})
        for part in case.told
        if part.facts is not None and part.facts.accreditation == "seized"
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
