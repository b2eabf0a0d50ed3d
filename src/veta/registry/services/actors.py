"""Persons and firms enter the registry; their documents, names and contacts are added, each encrypted for its actor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.db import transaction

from veta.kernel.finding import Finding
from veta.kernel.identity import Document
from veta.kernel.ids import uuid7
from veta.registry.identity import encrypt, hmac_of_source_name
from veta.registry.keys import require_same_keys
from veta.registry.queries.actors import Contact, actors_by_source_key, actors_of, kinds_of
from veta.registry.recording import insert
from veta.registry.refusals import finding, refuse, refuse_if_any
from veta.storage.sealing import hmac_of

_CHANNELS = {
    "sms": re.compile(r"\+[1-9][0-9]{7,14}").fullmatch,
    "voice": re.compile(r"\+[1-9][0-9]{7,14}").fullmatch,
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}").fullmatch,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActor:
    """A person or firm to register: with no document where its source gives none (it can be nobody's party then)."""

    kind: Literal["person", "firm"]
    name: str
    documents: tuple[Document, ...] = ()
    contact: Contact | None = None
    id: UUID = field(default_factory=uuid7)


@transaction.atomic
def register_actors(actors: Sequence[NewActor], *, by: str, source: str) -> list[UUID]:
    """Register any number of actors, all or none; returns their ids in order.

    Raises RegistryRefused: IDE-004 where a document is already somebody's (or comes twice), IDE-005 where it does not
    suit the kind, IDE-006 without a name, IDE-007 for a contact that cannot be. Effects: rows of actor, document, name,
    contact; nothing readable without the keys.
    """
    refuse_if_any(problem for index, actor in enumerate(actors) for problem in _problems(actor, f"actors[{index}]"))
    require_same_keys()
    insert("registry_actor", [{"id": a.id, "kind": a.kind, "recorded_by": by} for a in actors])
    _attach([(a.id, d) for a in actors for d in a.documents], by=by, source=source)
    insert("registry_actorname", [_name_row(a.id, a.name, by) for a in actors])
    insert("registry_actorcontact", [_contact_row(a.id, a.contact, by, source) for a in actors if a.contact])
    return [a.id for a in actors]


def register_actor(
    kind: Literal["person", "firm"],
    name: str,
    *,
    documents: Sequence[Document],
    by: str,
    source: str,
    contact: Contact | None = None,
) -> UUID:
    """Register one actor with its documents; returns its id. Refusals and effects as `register_actors`."""
    actor = NewActor(kind=kind, name=name, documents=tuple(documents), contact=contact)
    return register_actors([actor], by=by, source=source)[0]


@transaction.atomic
def add_document(actor: UUID, document: Document, *, by: str, source: str) -> bool:
    """Attach a further document to an actor: CC and NIT of one person are one actor, with one quota.

    Returns whether it was new; attaching it again is no error. Raises RegistryRefused: IDE-004 where it is another
    actor's (two registered persons are joined by an act, never by a document that moves), IDE-001 for an unknown actor.
    """
    kind = _existing(actor)
    refuse_if_any(_kind_problems(kind, (document,), "document"))
    if actors_of([document]).get(document) == actor:
        return False
    require_same_keys()
    _attach([(actor, document)], by=by, source=source)
    return True


@transaction.atomic
def link_source_name(actor: UUID, *, source: str, name: str) -> None:
    """Say which actor a source without documents means by a name, before it is imported; saying it again is no error.

    Raises RegistryRefused: IDE-001 unknown actor, IDE-008 where that source's name already is another actor's.
    """
    _existing(actor)
    key = hmac_of_source_name(source, name)
    insert("registry_actorsourcekey", [{"hmac": key, "actor_id": actor, "source": source}], ignore_existing=True)
    if actors_by_source_key([key])[key] != actor:
        message = "Ese nombre de la fuente ya señala a otro actor. Adjunte el documento a aquel actor."
        raise refuse(finding("IDE-008", "name", message))


@transaction.atomic
def record_name(actor: UUID, name: str, *, by: str) -> None:
    """Record an actor's name from now on; earlier names stay. Raises RegistryRefused IDE-001, IDE-006."""
    _existing(actor)
    refuse_if_any(_name_problems(name, "name"))
    require_same_keys()
    insert("registry_actorname", [_name_row(actor, name, by)])


@transaction.atomic
def record_contact(actor: UUID, contact: Contact, *, by: str, source: str) -> None:
    """Record where the hub reaches an actor from now on. Raises RegistryRefused IDE-001, IDE-007."""
    _existing(actor)
    refuse_if_any(_contact_problems(contact, "contact"))
    require_same_keys()
    insert("registry_actorcontact", [_contact_row(actor, contact, by, source)])


def _attach(pairs: Sequence[tuple[UUID, Document]], *, by: str, source: str) -> None:
    rows = [_document_row(actor, document, by, source) for actor, document in pairs]
    if insert("registry_actordocument", rows, ignore_existing=True) != len(rows):
        raise refuse(
            finding(
                "IDE-004",
                "document",
                "Ese documento ya es de otro actor del registro. Búsquelo por el documento y use ese actor;"
                " si son la misma persona inscrita dos veces, pida unirlas con un acto.",
            )
        )


def _existing(actor: UUID) -> str:
    kind = kinds_of([actor]).get(actor)
    if kind is None:
        raise refuse(finding("IDE-001", "actor", "Ese actor no está en el registro. Regístrelo primero."))
    return kind


def _problems(actor: NewActor, field: str) -> list[Finding]:
    contact = _contact_problems(actor.contact, f"{field}.contact") if actor.contact else []
    return [
        *_name_problems(actor.name, f"{field}.name"),
        *_kind_problems(actor.kind, actor.documents, f"{field}.documents"),
        *contact,
    ]


def _name_problems(name: str, field: str) -> list[Finding]:
    if name.strip() and len(name) <= 200 and name.isprintable():
        return []
    return [finding("IDE-006", field, "Falta el nombre, pasa de 200 letras o trae caracteres invisibles. Revíselo.")]


def _kind_problems(kind: str, documents: Sequence[Document], field: str) -> list[Finding]:
    if kind not in ("person", "firm"):
        return [finding("IDE-005", field, "El actor es una persona (person) o una empresa (firm). Elija una.")]
    if kind == "firm" and any(document.type != "NIT" for document in documents):
        return [finding("IDE-005", field, "Una empresa se identifica con NIT. Use ese documento.")]
    return []


def _contact_problems(contact: Contact, field: str) -> list[Finding]:
    pattern = _CHANNELS.get(contact.channel)
    if pattern is not None and pattern(contact.value):
        return []
    return [
        finding(
            "IDE-007",
            field,
            "El contacto va como sms o voice con indicativo («+573001234567») o email con su dirección. Corríjalo.",
        )
    ]


def _document_row(actor: UUID, document: Document, by: str, source: str) -> dict[str, object]:
    sealed = encrypt(document.number, table="actor_document", column="number", actor=actor)
    return {
        "hmac": hmac_of(document),
        "actor_id": actor,
        "type": document.type,
        "number_encrypted": sealed,
        "source": source,
        "recorded_by": by,
    }


def _name_row(actor: UUID, name: str, by: str) -> dict[str, object]:
    sealed = encrypt(name.strip(), table="actor_name", column="name", actor=actor)
    return {"id": uuid7(), "actor_id": actor, "name_encrypted": sealed, "recorded_by": by}


def _contact_row(actor: UUID, contact: Contact, by: str, source: str) -> dict[str, object]:
    return {
        "id": uuid7(),
        "actor_id": actor,
        "channel": contact.channel,
        "value_encrypted": encrypt(contact.value, table="actor_contact", column="value", actor=actor),
        "source": source,
        "recorded_by": by,
    }
