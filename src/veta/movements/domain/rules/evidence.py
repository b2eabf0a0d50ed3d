"""Documents that the norm asks for beside a movement."""

from collections.abc import Sequence

from veta.movements.domain import law
from veta.movements.domain.case import Case
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
