"""Documents that the norm asks for beside a movement."""

from collections.abc import Sequence

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.intake import paper_numbers_of
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.standing import standing


@rule(
    "EVI-001",
    "production",
    "subsistence_purchase",
    "sale",
    "transformation",
    "export",
    "retention",
    "dispatch",
    norm="DUR 1073 de 2015 arts. 2.2.5.6.1.1.1 y 2.2.5.6.1.1.4",
    status="verified",
    message="Falta un documento: {required}. Agréguelo en «evidence» con su número y fecha.",
)
def document_present(case: Case) -> Sequence[Hit]:
    """The dated table of class × movement names the documents of which one is due from who sells or holds; where it is
    registered in several ways, one of them is enough."""
    party = "seller" if "seller" in case.actors else "holder"
    if case.actors.get(party) is None:
        return ()
    sent = [document.type for document in case.item.evidence]
    missing: set[str] = set()
    for held in standing(case, party).active:
        required = law.required_evidence(held.producer_class or held.role, case.item.kind, case.on)
        if not required or not required.isdisjoint(sent):
            return ()
        missing |= required
    return hit("evidence", required=", ".join(sorted(missing))) if missing else ()


@rule(
    "EVI-002",
    "documented_intake",
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.4",
    status="inference",
    message="Falta el documento que prueba este ingreso ({required}). Agréguelo en «evidence» con su número y fecha.",
)
def paper_present(case: Case) -> Sequence[Hit]:
    """Each basis of a documented intake asks for one of its documents."""
    return () if paper_numbers_of(case) else hit("evidence", required=", ".join(sorted(_asked(case))))


def _asked(case: Case) -> frozenset[str]:
    return law.intake_documents(case.item.basis, case.on)


@rule(
    "EVI-003",
    "documented_intake",
    norm="Medida propia de la plataforma",
    status="unverified",
    instant="receipt",
    message="El documento {number} de ese origen ya entró al sistema. Cada número cuenta una vez: revise cuál "
    "corresponde.",
)
def paper_counts_once(case: Case) -> Sequence[Hit]:
    """A paper's number counts once for its origin, however it is spelt and whoever brings it."""
    used = [paper for paper in paper_numbers_of(case) if paper in case.world.paper_numbers]
    return [Hit("evidence", {"number": paper.number, "type": paper.type}) for paper in used]
