"""Documents that the norm asks for beside a movement."""

from collections.abc import Iterable

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, rule


@rule(
    "EVI-001", "production", "subsistence_purchase", "sale", "transformation", "retention",
    norm="DUR 1073 de 2015 arts. 2.2.5.6.1.1.1 y 2.2.5.6.1.1.4", status="inference",
    message="Falta un documento: {required}. Agréguelo en «evidence» con su número y fecha.",
)  # fmt: skip
def document_present(case: Case) -> Iterable[Hit]:
    """The dated table of class × movement names the documents of which one is due."""
    party = "seller" if "seller" in case.actors else "holder"
    sent = {document.type for document in case.item.evidence}
    for held in case.registrations(party, case.on):
        required = law.required_evidence(held.producer_class or held.role, case.item.kind, case.on)
        if required and not required & sent:
            yield Hit("evidence", {"required": ", ".join(sorted(required))})
            return
