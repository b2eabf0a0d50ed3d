"""How a party stands to its role in a movement: which of its registrations serve for it, ever and on the day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.registry.domain import RegistrationVersion

SUBSISTENCE = "subsistence"
OF_A_MINER = frozenset({"subsistence_purchase", "documented_intake"})


class Standing(NamedTuple):
    """`ever`: some registration of the party served or will; `held`: those that hold on the day, whatever their status;
    `active`: of these, neither suspended nor cancelled."""

    ever: bool
    held: tuple[RegistrationVersion, ...]
    active: tuple[RegistrationVersion, ...]


def standing(case: Case, party: str) -> Standing:
    """The standing of the party on the movement's date; raises NormNotInForce where no norm says what is asked."""
    known = case.standings.get(party)
    if known is None:
        known = case.standings[party] = _of_the_group(case, party)
    return known


def _of_the_group(case: Case, party: str) -> Standing:
    """A party's standing is the same in all movements of a kind, day and origin."""
    actor = case.actors.get(party)
    if actor is None:
        return Standing(False, (), ())
    key = (case.item.kind, party, actor, _declared(case, party) or "", case.on)
    known = case.world.standings.get(key)
    if known is None:
        held = served_on(case, party, case.on)
        every = case.world.registrations.get(actor, ())
        ever = bool(held) or any(_serves(case, party, version) for version in every)
        active = tuple(version for version in held if version.status == "active")
        known = case.world.standings[key] = Standing(ever, held, active)
    return known


def served_on(case: Case, party: str, on: date) -> tuple[RegistrationVersion, ...]:
    """The registrations that hold on `on` and serve for the party's role, as the norms of the movement's date ask."""
    return tuple(version for version in case.registrations(party, on) if _serves(case, party, version))


def _serves(case: Case, party: str, version: RegistrationVersion) -> bool:
    """Whether its role is one of those asked, and its class may declare the origin that the report names.

    A producer whose class the registry does not know may declare any origin but subsistence.
    """
    if version.role not in law.roles_of(case.item.kind, case.on)[party]:
        return False
    origin = _declared(case, party)
    if origin is None:
        return True
    if version.producer_class is None:
        return origin != SUBSISTENCE
    return origin in law.origins_of(version.producer_class, case.on)


def _declared(case: Case, party: str) -> str | None:
    """The kind of origin that this party declares by the report."""
    if case.item.kind == "production":
        return str(case.item.origin.kind)
    return SUBSISTENCE if party == "seller" and case.item.kind in OF_A_MINER else None
