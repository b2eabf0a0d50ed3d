"""Enrolling a subsistence miner in the mayor's record, renewing it in May, ending it; each gives its own paper.

Norms: DUR 1073 de 2015 art. 2.2.5.6.1.1.1 (record, RUT for precious metals and stones), 2.2.5.6.1.4.1 (May; text of
2015). No norm that was read ends a registration for lack of renewal: it stays, and the desk lists it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from veta.hub.mayor.seats import MayorRefused
from veta.kernel.identity import Document, document
from veta.norms.catalogue import catalogue
from veta.registry.domain import Act, ProducerClass
from veta.registry.queries import Contact, actors_of, kinds_of
from veta.registry.queries.subsistence import Enrolled, enrolment_of
from veta.registry.services.actors import add_document, record_contact, register_actor
from veta.registry.services.cards import issue_card, new_pin
from veta.registry.services.registrations import RegistrationRecord, record_registration_version, register

WITH_RUT = frozenset({"metales_preciosos", "esmeraldas", "morralla", "semipreciosas"})
CLASSES: tuple[ProducerClass, ...] = ("barequero", "chatarrero", "subsistence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Who enrols, for what. `rut`: the NIT of its RUT, None where its minerals ask for none."""

    document: Document
    name: str
    phone: str
    rut: Document | None
    producer_class: ProducerClass
    minerals: frozenset[str]
    act: str
    on: date


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is printed, once: its token and PIN are kept nowhere in clear."""

    actor: UUID
    token: str
    pin: str


def asks_for_rut(minerals: frozenset[str]) -> bool:
    """Whether some mineral is a precious metal or stone, whose seller shows its RUT."""
    found = (catalogue().mineral(code) for code in minerals)
    return any(mineral is not None and mineral.quota_group in WITH_RUT for mineral in found)


@transaction.atomic
def enrol(asked: Enrolment, *, municipality: str, by: str) -> Card:
    """Enrol a person in a municipality and issue its card.

    A person whom the registry knows keeps its name, documents and quotas: only what is new is added.
    Raises MayorRefused: MAY-004 no RUT, MAY-005 enrolled here already, MAY-006 the document is a firm's; and
    RegistryRefused with what the registry finds.
    """
    if asked.rut is None and asks_for_rut(asked.minerals):
        raise MayorRefused("Para metales y piedras preciosas se exige el RUT. Escriba su NIT.", code="MAY-004")
    actor = actors_of([asked.document]).get(asked.document)
    source = f"alcaldía {municipality}"
    if actor is None:
        actor = register_actor("person", asked.name, documents=[asked.document], by=by, source=source)
    elif kinds_of([actor])[actor] != "person":
        raise MayorRefused("Ese documento es de una empresa: no se inscribe en subsistencia.", code="MAY-006")
    elif any(found.status == "active" for found in enrolment_of(actor, municipality)):
        raise MayorRefused("Esa persona ya está inscrita en este municipio. Ábrala y renuévela.", code="MAY-005")
    if asked.rut is not None:
        add_document(actor, asked.rut, by=by, source=source)
    if asked.phone:
        record_contact(actor, Contact("sms", asked.phone), by=by, source=source)
    record = RegistrationRecord(
        actor=actor, role="producer", producer_class=asked.producer_class, minerals=asked.minerals,
        municipalities=frozenset({municipality}), valid_from=asked.on,
    )  # fmt: skip
    register(record, Act(reference=asked.act, source=source, recorded_by=by))
    return new_card(actor, by=by)


def new_card(actor: UUID, *, by: str) -> Card:
    """Issue a card with a PIN; the earlier one stops serving."""
    pin = new_pin()
    return Card(actor, issue_card(actor, pin=pin, by=by).token, pin)


def renew(found: Enrolled, *, municipality: str, act: str, on: date, by: str) -> None:
    """Renew a registration from a day on, as it stands, by its own paper. Raises RegistryRefused."""
    _version(found, "active", municipality=municipality, act=act, on=on, by=by)


def cancel(found: Enrolled, *, municipality: str, act: str, on: date, by: str) -> None:
    """End a registration from a day on: the person left, died, or asked for it. Raises RegistryRefused."""
    _version(found, "cancelled", municipality=municipality, act=act, on=on, by=by)


def _version(found: Enrolled, status: str, *, municipality: str, act: str, on: date, by: str) -> None:
    record = RegistrationRecord(
        actor=found.actor, role="producer", producer_class=found.producer_class,  # type: ignore[arg-type]
        minerals=frozenset(found.minerals), municipalities=frozenset({municipality}), status=status,  # type: ignore[arg-type]
        valid_from=on,
    )  # fmt: skip
    paper = Act(reference=act, source=f"alcaldía {municipality}", recorded_by=by)
    record_registration_version(found.registration, record, paper)


def rut_of(text: str) -> Document | None:
    """The NIT of a RUT as it is written, with its check digit after a hyphen; None for none. Raises IdentityError."""
    return document("NIT", text.strip()) if text.strip() else None
