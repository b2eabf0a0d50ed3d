"""Who the parties are, and whether the operator speaks for the one who reports."""

from collections.abc import Iterable

from veta.movements.domain.case import Case
from veta.movements.domain.frame import REPORTER, parties
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import version_on

NAMED = ("production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention")


@rule(
    "IDE-001", *NAMED,
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.1", status="verified",
    message="El documento no está en el registro. Revise tipo y número, o pida la inscripción antes de reportar.",
)  # fmt: skip
def party_known(case: Case) -> Iterable[Hit]:
    """Every party named must be an actor of the registry."""
    return [Hit(role, {"role": role}) for role, actor in case.actors.items() if actor is None]


@rule(
    "IDE-002", *NAMED,
    norm="Decreto 1625 de 2016 art. 1.6.1.2.1 (NIT y dígito de verificación)", status="unverified",
    message="El dígito de verificación no corresponde a ese NIT. Revise el número.",
)  # fmt: skip
def check_digit(case: Case) -> Iterable[Hit]:
    """A NIT's check digit, where it is sent, must match (module 11)."""
    return [Hit(f"{role}.check", {}) for role, party in parties(case.item) if not party.check_matches]


@rule(
    "MAN-001", *NAMED,
    norm="Res. ANM 759 de 2024", status="unverified", instant="receipt",
    message="Este operador no tiene mandato vigente de quien reporta. Pida a esa persona que lo confirme.",
)  # fmt: skip
def mandate(case: Case) -> Iterable[Hit]:
    """The reporting party must have given the operator a mandate that is active at hub receipt."""
    if case.author is None:
        return ()
    version = version_on(case.world.mandates.get((case.author, case.operator), ()), case.received_on)
    if version is not None and version.status == "active":
        return ()
    return hit(REPORTER[case.item.kind])
