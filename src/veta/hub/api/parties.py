"""Who is a client of the operator that calls, and how much of anybody else it is shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from veta.hub.api.problem import Refused
from veta.hub.api.reading import checked_document
from veta.kernel.clock import SystemClock
from veta.kernel.finding import Finding
from veta.kernel.period import bogota_date
from veta.movements.domain.item import Party
from veta.registry import queries as registry

MANDATE_NORM = "Res. ANM 759 de 2024"


def clients_among(actors: Collection[UUID], operator: UUID) -> frozenset[UUID]:
    """Those of `actors` whose mandate the operator holds today (Bogotá)."""
    return registry.clients_among(actors, operator, on=bogota_date(SystemClock().now()))


def someone(actors: Collection[UUID], operator: UUID) -> dict[UUID, dict[str, Any]]:
    """How each actor is shown to the operator: clients and firms by name, other natural persons by their initials."""
    if not actors:
        return {}
    clients, kinds = clients_among(actors, operator), registry.kinds_of(actors)
    open_ = {actor for actor in actors if actor in clients or kinds.get(actor) == "firm"}
    names = registry.names_of(open_) | registry.public_names_of(set(actors) - open_)
    return {
        actor: {"kind": kind, "name": names.get(actor), "client": actor in clients} for actor, kind in kinds.items()
    }


def actor_of(party: Party, field: str = "party") -> UUID:
    """The actor that a document names. Raises Refused: IDE-001 (404) where the registry has none, IDE-002 (422)."""
    document = checked_document(party, field)
    actor = registry.actors_of([document]).get(document)
    if actor is None:
        message = "El documento no está en el registro. Revise tipo y número, o pida la inscripción."
        raise Refused(404, Finding("IDE-001", "blocking", field, "DUR 1073 de 2015 art. 2.2.5.6.1.1.1", message))
    return actor


def require_client(actor: UUID, operator: UUID, *, field: str) -> None:
    """Raises Refused MAN-001 (403) unless the operator holds the actor's mandate today."""
    if actor not in clients_among([actor], operator):
        message = "Este operador no tiene mandato vigente de esa persona. Pídale que lo confirme."
        raise Refused(403, Finding("MAN-001", "blocking", field, MANDATE_NORM, message))
