"""What leaves the country: royalty proved before, and beneficio in a published plant for six metals."""

from collections.abc import Sequence
from datetime import date

from veta.kernel.quantity import text_of
from veta.movements.domain import law
from veta.movements.domain.case import Case, Part
from veta.movements.domain.papers import cited, taken
from veta.movements.domain.rule import Hit, hit, rule


def _disused(part: Part, metals: frozenset[str]) -> bool:
    return part.facts is not None and part.facts.accreditation == "disused" and part.facts.mineral in metals


@rule(
    "EXP-001",
    "export",
    norm="Decreto 600 de 1996 arts. 10 y 20; Ley 2056 de 2020 art. 186",
    status="verified",
    message="Falta la prueba de pago o de inspección ({required}). Agréguela en «evidence» antes de exportar.",
)
def royalty_proved(case: Case) -> Sequence[Hit]:
    """Payment of royalties is proved before exporting; disused metals by their inspection certificate."""
    sent = {document.type for document in case.item.evidence}
    metals, inspected = law.disused_metals(case.on)
    disused = [_disused(part, metals) for part in case.parts]
    required = [law.royalty_proofs(case.on)] if not all(disused) else []
    required += [inspected] if any(disused) else []
    missing = sorted(" o ".join(sorted(documents)) for documents in required if not documents & sent)
    return hit("evidence", required=", ".join(missing)) if missing else ()


@rule(
    "EXP-002",
    "export",
    norm="Ley 2250 de 2022 art. 17",
    status="verified",
    starts=date(2022, 7, 11),
    message="El lote {lot} ({mineral}) no pasó por una planta publicada en el RUCOM. Sin ese beneficio no se exporta.",
)
def published_plant(case: Case) -> Sequence[Hit]:
    """Gold, silver, platinum, tantalum, tin and tungsten must show beneficio in a plant published in RUCOM."""
    metals, (disused, _) = law.six_metals(case.on), law.disused_metals(case.on)
    return [
        Hit(part.path + ".lot", {"lot": str(part.lot), "mineral": part.mineral.name})
        for part in case.told
        if part.facts is not None
        and part.mineral is not None
        and part.mineral.code in metals
        and part.facts.processed_by is None
        and not _disused(part, disused)
    ]


@rule(
    "EXP-003",
    "transformation",
    norm="Ley 2250 de 2022 art. 17",
    status="inference",
    severity="warning",
    instant="both",
    message="La planta no dio mandato a este operador: lo que salga no contará como beneficiado en ella al exportar. "
    "Pida el mandato de la planta antes de reportar.",
)
def plants_own_word(case: Case) -> Sequence[Hit]:
    """That a plant beneficiated a lot is the plant's to say, through an operator that holds its mandate."""
    plant = case.actors.get("plant")
    return () if plant is None or case.speaks_for(plant) else hit("plant")


@rule(
    "EXP-004",
    "export",
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.1; Reglas de la PTM",
    message="El certificado de origen no ampara lo que sale: {reason}. Cite uno vigente de esos lotes, con saldo.",
)
def certificate_serves(case: Case) -> Sequence[Hit]:
    """A certificate of this system that an export cites is valid, of its lots, and has enough left: what is used of it
    is never used again."""
    if not cited(case):
        return ()
    found = taken(case)
    hits = [Hit("evidence", {"reason": f"{number} {why}", "number": number}) for number, why in found.useless]
    for place, missing in found.short:
        mineral = case.parts[place].mineral
        if mineral is not None:
            short = f"{text_of(missing, factor=mineral.factor)} {mineral.unit}"
            hits.append(Hit(f"items[{place}].quantity", {"reason": f"le faltan {short}", "missing": short}))
    return hits
