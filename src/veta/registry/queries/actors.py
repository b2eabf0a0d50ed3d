"""Who an actor is: by document, by source's name; names, contacts and documents opened for those who may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from veta.kernel.identity import Document
from veta.registry.identity import decrypt
from veta.registry.queries.reading import read_rows
from veta.storage.arrays import byteas, uuids
from veta.storage.sealing import hmac_of


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the hub reaches an actor: `sms`, `voice` or `email`, and the number or address in clear."""

    channel: str
    value: str


def actors_of(documents: Collection[Document]) -> dict[Document, UUID]:
    """The actor of each document; a document nobody registered has no key."""
    named = {hmac_of(document): document for document in documents}
    found = _by_hmac("SELECT hmac, actor_id FROM registry_actordocument WHERE hmac = ANY(%s::bytea[])", list(named))
    return {named[hmac]: actor for hmac, actor in found.items()}


def actors_by_source_key(hmacs: Sequence[bytes]) -> dict[bytes, UUID]:
    """The actor a source names, by the HMAC of source and name."""
    return _by_hmac("SELECT hmac, actor_id FROM registry_actorsourcekey WHERE hmac = ANY(%s::bytea[])", hmacs)


def actors_of_source(source: str) -> frozenset[UUID]:
    """Every actor that a source named."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor_id FROM registry_actorsourcekey WHERE source = %s", [source])
        return frozenset(actor for (actor,) in cursor.fetchall())


def _by_hmac(statement: str, hmacs: Sequence[bytes]) -> dict[bytes, UUID]:
    if not hmacs:
        return {}
    return dict(read_rows(statement, [byteas(hmacs)]))


def kinds_of(actors: Collection[UUID]) -> dict[UUID, str]:
    """`person` or `firm` for each actor that exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind FROM registry_actor WHERE id = ANY(%s::uuid[])", [uuids(actors)])
        return dict(cursor.fetchall())


def names_of(actors: Collection[UUID]) -> dict[UUID, str]:
    """The current name of each actor, in clear: the caller answers for who sees it. One with no name has no key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (actor_id) actor_id, name_encrypted FROM registry_actorname"
            " WHERE actor_id = ANY(%s::uuid[]) ORDER BY actor_id, seq DESC",
            [uuids(actors)],
        )
        rows = cursor.fetchall()
    return {a: decrypt(name, table="actor_name", column="name", actor=a) for a, name in rows}


def public_names_of(actors: Collection[UUID]) -> dict[UUID, str]:
    """Names as anybody may read them: firms in clear, of natural persons the initials only."""
    kinds = kinds_of(actors)
    return {a: name if kinds[a] == "firm" else masked(name) for a, name in names_of(actors).items()}


def masked(name: str) -> str:
    """Initials: «María Pérez» is «M. P.»; a mark in brackets has none."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def contacts_of(actors: Collection[UUID]) -> dict[UUID, Contact]:
    """The contact last recorded for each actor, in clear. One with none has no key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (actor_id) actor_id, channel, value_encrypted FROM registry_actorcontact"
            " WHERE actor_id = ANY(%s::uuid[]) ORDER BY actor_id, seq DESC",
            [uuids(actors)],
        )
        rows = cursor.fetchall()
    return {a: Contact(ch, decrypt(v, table="actor_contact", column="value", actor=a)) for a, ch, v in rows}


def documents_of(actors: Collection[UUID]) -> dict[UUID, tuple[Document, ...]]:
    """Every document of each actor, oldest first, in clear: the caller answers for who sees them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, type, number_encrypted FROM registry_actordocument"
            " WHERE actor_id = ANY(%s::uuid[]) ORDER BY recorded_at, hmac",
            [uuids(actors)],
        )
        rows = cursor.fetchall()
    documents: dict[UUID, tuple[Document, ...]] = {}
    for actor, type_, number in rows:
        opened = Document(type_, decrypt(number, table="actor_document", column="number", actor=actor))
        documents[actor] = (*documents.get(actor, ()), opened)
    return documents
