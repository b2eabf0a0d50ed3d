"""What leaves the country: royalty proved before, and beneficio in a published plant for six metals."""

from collections.abc import Iterable

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

PROOFS = frozenset({"royalty_payment"})
DISUSED_PROOFS = frozenset({"inspection"})


@rule(
    "EXP-001", "export", norm="Decreto 600 de 1996 arts. 10 y 20; Ley 2056 de 2020 art. 186", status="verified",
    message="Falta la prueba de pago ({required}). Agréguela en «evidence» antes de exportar.",
)  # fmt: skip
def royalty_proved(case: Case) -> Iterable[Hit]:
    """Payment of royalties is proved before exporting; disused metals by their inspection certificate."""
    sent = {document.type for document in case.item.evidence}
    disused = bool(case.parts) and all(part.facts and part.facts.accreditation == "disused" for part in case.parts)
    required = DISUSED_PROOFS if disused else PROOFS
    return () if required & sent else hit("evidence", required=", ".join(sorted(required)))


@rule(
    "EXP-002", "export", norm="Ley 2250 de 2022 art. 17", status="verified",
    message="El lote {lot} ({mineral}) no pasó por una planta publicada en el RUCOM. Sin ese beneficio no se exporta.",
)  # fmt: skip
def published_plant(case: Case) -> Iterable[Hit]:
    """Gold, silver, platinum, tantalum, tin and tungsten must show beneficio in a plant published in RUCOM."""
    metals = law.six_metals(case.on)
    return [
        Hit(part.path + ".lot", {"lot": str(part.lot), "mineral": part.mineral.name})
        for part in case.parts
        if part.facts is not None and part.mineral is not None and part.mineral.code in metals
        and part.facts.processed_by is None and part.facts.accreditation != "disused"
    ]  # fmt: skip
