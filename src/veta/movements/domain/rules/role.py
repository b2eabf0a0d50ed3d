"""Registrations: who may act as what, since when, for which mineral, and who may sell to whom."""

from collections.abc import Iterable
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import RegistrationVersion

SUBSISTENCE: Final = frozenset({"subsistence", "barequero", "chatarrero"})
HOLDERS: Final = frozenset({"producer", "trader", "plant", "exporter"})
KINDS: Final = ("production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention")
NORM: Final = "DUR 1073 de 2015 art. 2.2.5.6.1.1.1 y 2.2.5.6.2.1 (RUCOM)"


def _required(case: Case) -> Iterable[tuple[str, frozenset[str]]]:
    """The parties that the registry knows, with the roles of which one is asked of each."""
    roles = law.roles_of(case.item.kind, case.on) if case.item.kind != "regroup" else {}
    for party, actor in case.actors.items():
        if actor is not None:
            yield party, roles.get(party, HOLDERS)


def _asked(case: Case) -> Iterable[tuple[str, tuple[RegistrationVersion, ...]]]:
    """Each known party with its registrations that hold on the day for one of the roles asked of it."""
    for party, roles in _required(case):
        yield party, tuple(r for r in case.registrations(party, case.on) if _fits(case, party, r, roles))


def _fits(case: Case, party: str, version: RegistrationVersion, roles: frozenset[str]) -> bool:
    if version.role not in roles:
        return False
    if case.item.kind == "subsistence_purchase" and party == "seller":
        return version.producer_class in SUBSISTENCE
    return not (case.item.kind == "production" and version.producer_class in SUBSISTENCE)


def _known(case: Case, party: str) -> Iterable[RegistrationVersion]:
    """Every registration of a party, whenever it held."""
    actor = case.actors.get(party)
    return case.world.registrations.get(actor, ()) if actor is not None else ()


def _active(versions: Iterable[RegistrationVersion]) -> list[RegistrationVersion]:
    return [version for version in versions if version.status == "active"]


def _minerals(case: Case) -> frozenset[str]:
    named = {case.mineral} if case.mineral is not None else {part.mineral for part in case.parts}
    return frozenset(mineral.code for mineral in named if mineral is not None)


def _covers(version: RegistrationVersion, case: Case) -> bool:
    if not version.minerals:
        return True
    named = {case.mineral} if case.mineral is not None else {part.mineral for part in case.parts}
    return all(m is None or m.code in version.minerals or not version.minerals.isdisjoint(m.headings) for m in named)


@rule(
    "ROL-001", *KINDS, norm=NORM, status="verified",
    message="No tiene inscripción para actuar en este movimiento. Debe inscribirse en el RUCOM con el rol que corresponde.",
)  # fmt: skip
def registered(case: Case) -> Iterable[Hit]:
    """Each party needs a registration for its role in the movement."""
    for party, roles in _required(case):
        if not any(_fits(case, party, version, roles) for version in _known(case, party)):
            yield Hit(party, {"role": party})


@rule(
    "ROL-002", *KINDS, norm="DUR 1073 de 2015 art. 2.2.5.6.1.4.1 (renovación)", status="verified",
    message="La inscripción no estaba vigente el {on}. Renuévela, o corrija la fecha del movimiento.",
)  # fmt: skip
def registration_in_force(case: Case) -> Iterable[Hit]:
    """The registration must be in force, neither suspended nor cancelled, on the Bogotá date of the movement."""
    roles = dict(_required(case))
    for party, held in _asked(case):
        if not _active(held) and any(_fits(case, party, version, roles[party]) for version in _known(case, party)):
            yield Hit(party, {"role": party, "on": case.on.isoformat()})


@rule(
    "ROL-003", *KINDS, norm=NORM, status="verified",
    message="La inscripción de esa parte no cubre este mineral ({mineral}). Pida que la amplíen.",
)  # fmt: skip
def registered_for_mineral(case: Case) -> Iterable[Hit]:
    """One registration in force must cover the minerals of the movement (an untyped heading covers its types)."""
    for party, held in _asked(case):
        active = _active(held)
        if active and not any(_covers(version, case) for version in active):
            yield Hit(party, {"role": party, "mineral": ", ".join(sorted(_minerals(case)))})


def _classes(versions: Iterable[RegistrationVersion]) -> set[str]:
    """The trade table's classes of a party: EMA for any producer, else its role."""
    return {"producer" if version.role == "producer" else version.role for version in versions}


@rule(
    "ROL-004", "sale", "subsistence_purchase", norm="Ley 2250 de 2022 arts. 13 y 18; DUR 1073 de 2015 art. 2.2.5.6.2.1", status="verified",
    message="Quien vende ({seller}) no puede vender a ese comprador ({buyer}). Revise las partes.",
)  # fmt: skip
def may_sell_to(case: Case) -> Iterable[Hit]:
    """Who may sell to whom is a dated table of classes."""
    if case.actors.get("seller") is None or ("buyer" in case.actors and case.actors["buyer"] is None):
        return ()
    sellers = _classes(_active(case.registrations("seller", case.on)))
    buyers = _classes(_active(case.registrations("buyer", case.on))) if "buyer" in case.actors else {"consumer"}
    allowed = {buyer for seller in sellers for buyer in law.buyers_of(seller, case.on)}
    if not sellers or not buyers or buyers & allowed:
        return ()
    return hit("buyer", seller=", ".join(sorted(sellers)), buyer=", ".join(sorted(buyers)))


@rule(
    "TIM-004", *KINDS, severity="warning", instant="both",
    message="La inscripción venció entre el movimiento y su recibo en la plataforma. Se registra; renuévela.",
)  # fmt: skip
def lapsed_since(case: Case) -> Iterable[Hit]:
    """A registration in force when the movement occurred, but no longer at hub receipt, is told."""
    roles = dict(_required(case))
    for party, held in _asked(case):
        now = [r for r in case.registrations(party, case.received_on) if _fits(case, party, r, roles[party])]
        if _active(held) and not _active(now):
            yield Hit(party, {"role": party, "received_on": case.received_on.isoformat()})
