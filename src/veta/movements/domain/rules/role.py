"""Registrations: who may act as what, since when, for which mineral, and who may sell to whom."""

from collections.abc import Iterable, Sequence
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.standing import served_on, standing
from veta.norms.catalogue import Mineral, catalogue
from veta.registry.domain import RegistrationVersion

KINDS: Final = (
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
NORM: Final = "DUR 1073 de 2015 art. 2.2.5.6.1.1.1 y 2.2.5.6.2.1 (RUCOM)"
NAMES: Final = {
    "producer": "explotador",
    "trader": "comercializador",
    "plant": "planta",
    "consumer": "consumidor",
    "exporter": "exportador",
}


@rule(
    "ROL-001",
    *KINDS,
    norm=NORM,
    status="verified",
    message="No tiene inscripción para actuar así en este movimiento. Debe inscribirse en el RUCOM con el rol y la "
    "clase que corresponden.",
)
def registered(case: Case) -> Sequence[Hit]:
    """Each party needs a registration for its role in the movement, of a class that may declare its origin."""
    return [Hit(party, {"role": party}) for party in case.known if not standing(case, party).ever]


@rule(
    "ROL-002",
    *KINDS,
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.4.1 (renovación)",
    status="verified",
    message="La inscripción no estaba vigente el {on}. Renuévela, o corrija la fecha del movimiento.",
)
def registration_in_force(case: Case) -> Sequence[Hit]:
    """The registration must be in force, neither suspended nor cancelled, on the Bogotá date of the movement."""
    return [
        Hit(party, {"role": party, "on": case.on.isoformat()})
        for party in case.known
        if (held := standing(case, party)).ever and not held.active
    ]


def _minerals(case: Case) -> list[Mineral]:
    named = (case.mineral,) if case.mineral is not None else (part.mineral for part in case.told)
    return [mineral for mineral in named if mineral is not None]


def _covers(version: RegistrationVersion, minerals: Iterable[Mineral]) -> bool:
    return all(
        mineral.code in version.minerals or catalogue().covers(version.minerals, mineral.code) for mineral in minerals
    )


@rule(
    "ROL-003",
    *KINDS,
    norm=NORM,
    status="verified",
    message="La inscripción de esa parte no cubre {mineral}. Pida que la amplíen.",
)
def registered_for_mineral(case: Case) -> Sequence[Hit]:
    """One registration in force must cover the minerals of the movement (an untyped heading covers its types, a metal
    its ores)."""
    found = []
    for party in case.known:
        active = standing(case, party).active
        if active and all(version.minerals for version in active):
            minerals = _minerals(case)
            if not any(_covers(version, minerals) for version in active):
                names = ", ".join(sorted({mineral.name for mineral in minerals}))
                found.append(Hit(party, {"role": party, "mineral": names}))
    return found


def _allowed(seller: RegistrationVersion, case: Case) -> frozenset[str]:
    """To which roles one may sell: by its class of producer, or by its role."""
    return law.buyers_of(seller.producer_class or seller.role, case.on)


def _named(roles: Iterable[str]) -> str:
    return ", ".join(sorted({NAMES[role] for role in roles}))


@rule(
    "ROL-004",
    "sale",
    "subsistence_purchase",
    norm="Ley 2250 de 2022 arts. 13 y 18; DUR 1073 de 2015 art. 2.2.5.6.2.1",
    status="verified",
    message="Quien vende ({seller}) no puede vender a ese comprador ({buyer}). Revise las partes.",
)
def may_sell_to(case: Case) -> Sequence[Hit]:
    """Who may sell to whom is a dated table of classes; a buyer without name is a final consumer."""
    if None in case.actors.values():
        return ()
    sellers = standing(case, "seller").active
    named = "buyer" in case.actors
    buyers = [version.role for version in standing(case, "buyer").active] if named else ["consumer"]
    if not sellers or not buyers:
        return ()
    for seller in sellers:
        if not _allowed(seller, case).isdisjoint(buyers):
            return ()
    return hit("buyer" if named else "buyer_kind", seller=_named(v.role for v in sellers), buyer=_named(buyers))


@rule(
    "TIM-004",
    *KINDS,
    severity="warning",
    instant="both",
    message="La inscripción venció entre el movimiento y su recibo en la plataforma. Se registra; renuévela.",
)
def lapsed_since(case: Case) -> Sequence[Hit]:
    """A registration in force when the movement occurred, but no longer at hub receipt, is told."""
    if case.received_on == case.on:
        return ()
    return [
        Hit(party, {"role": party, "received_on": case.received_on.isoformat()})
        for party in case.known
        if standing(case, party).active
        and not any(version.status == "active" for version in served_on(case, party, case.received_on))
    ]
