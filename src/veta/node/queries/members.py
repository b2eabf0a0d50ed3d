"""Of which clients a person sees anything: the one door to them. No page reads a client by another way."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from veta.kernel.errors import DomainError
from veta.kernel.identity import Document, document
from veta.node.models import Client, Membership
from veta.node.roles import NodeRole
from veta.storage.sealing import hmac_of


class ClientUnknown(DomainError):
    """No client of this node goes by that."""

    code = "NOD-014"


def memberships_of(user: UUID) -> QuerySet[Membership]:
    """The roles in force of an account, with their clients."""
    return Membership.objects.filter(user=user, user__is_active=True, end__isnull=True).select_related("client")


def roles_of(user: UUID) -> frozenset[StrEnum]:
    """The roles that an account holds now, whatever the client; one query."""
    return frozenset(map(NodeRole, memberships_of(user).values_list("role", flat=True)))


def clients_of(user: UUID, *roles: NodeRole) -> QuerySet[Client]:
    """The clients whose things a person may see.

    Those of whom they hold one of these roles (any, where none is named); every client for the operator's desk.
    """
    held = memberships_of(user)
    if held.filter(role=NodeRole.DESK).exists():
        return Client.objects.order_by("id")
    wanted = held.filter(role__in=roles) if roles else held
    return Client.objects.filter(id__in=wanted.values("client_id")).order_by("id")


def client_for(user: UUID, client: UUID, *roles: NodeRole) -> Client:
    """One client, for a person who may see it. Http404 for anyone else: that it exists is told to nobody."""
    found = clients_of(user, *roles).filter(pk=client).first()
    if found is None:
        raise Http404
    return found


def by_name(clients: Iterable[Client]) -> list[Client]:
    """Clients in the order of their names, which the database cannot read."""
    return sorted(clients, key=lambda client: (client.name, client.id))


def with_document(document: Document) -> QuerySet[Client]:
    """The client of a document, if there is one."""
    return Client.objects.filter(document_digest=hmac_of(document))


def client_named(text: str) -> Client:
    """The client that a person at the operator's machine names: by its id, or by type and number of its document.

    Raises IdentityError for a document that cannot be one, ClientUnknown where there is no such client.
    """
    type, _, number = text.strip().partition(" ")
    try:
        found = Client.objects.filter(pk=UUID(text)) if not number else with_document(document(type, number))
    except ValueError:
        found = Client.objects.none()
    client = found.first()
    if client is None:
        raise ClientUnknown("Ese cliente no está en este nodo. Dé su documento, como «NIT 900500018», o su id.")
    return client
