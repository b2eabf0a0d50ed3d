"""Who the parties are, and whether the operator speaks for the one who reports."""

from collections.abc import Sequence

from veta.movements.domain.case import Case
from veta.movements.domain.frame import REPORTER, parties
from veta.movements.domain.rule import Hit, hit, rule

NAMED = (
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
)


@rule(
    "IDE-001",
    *NAMED,
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.1",
    status="verified",
    message="El documento no está en el registro. Revise tipo y número, o pida la inscripción antes de reportar.",
)
def party_known(case: Case) -> Sequence[Hit]:
    """Every party named must be an actor of the registry."""
    if len(case.known) == len(case.actors):
        return ()
    return [Hit(role, {"role": role}) for role in case.actors if role not in case.known]


@rule(
    "IDE-002",
    *NAMED,
    norm="Decreto 1625 de 2016 art. 1.6.1.2.1 (NIT y dígito de verificación)",
    status="unverified",
    message="El dígito de verificación no corresponde a ese NIT. Revise el número.",
)
def check_digit(case: Case) -> Sequence[Hit]:
    """A NIT's check digit, where it is sent, must match (module 11)."""
    return [Hit(f"{role}.check", {}) for role, party in parties(case.item) if not party.check_matches]


@rule(
    "IDE-010",
    "sale",
    "subsistence_purchase",
    message="Quien vende y quien compra son la misma persona. Para dividir o unir lotes propios use «regroup».",
)
def two_parties(case: Case) -> Sequence[Hit]:
    """Nobody sells to himself: a sale has two parties, whatever document each is named by."""
    buyer = case.actors.get("buyer")
    return hit("buyer") if buyer is not None and buyer == case.actors.get("seller") else ()


@rule(
    "MAN-001",
    *NAMED,
    norm="Res. ANM 759 de 2024",
    status="unverified",
    instant="receipt",
    message="Este operador no tiene mandato vigente de quien reporta. Pida a esa persona que lo confirme.",
)
def mandate(case: Case) -> Sequence[Hit]:
    """The reporting party must have given the operator a mandate that is active at hub receipt."""
    return () if case.author is None or case.speaks_for(case.author) else hit(REPORTER[case.item.kind])
