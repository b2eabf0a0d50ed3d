"""What is captured is kept and put on its way in one transaction: after it, nothing of it can be lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from veta.kernel.ids import uuid7
from veta.node.domain.clients import MandateState
from veta.node.domain.records import Operation
from veta.node.models import Branch, BusinessRecord, Client
from veta.node.queries.mandates import state_of
from veta.node.queries.mistakes import mistakes
from veta.node.services.chains import CaptureRefused, Chains, Given, Words
from veta.node.services.identities import require_same_keys
from veta.site.models import User

__all__ = ["HOLDS", "SEND", "CaptureRefused", "Given", "answer_payload", "capture", "lock", "wake"]
SEND = "node_send"


def capture(
    client: Client, given: Sequence[Given], *, now: datetime, by: User | None = None, branch: Branch | None = None
) -> list[BusinessRecord]:
    """Keep records of a client, in order, and queue each: one transaction, all or none.

    What is wrong with it as far as this node knows is kept beside it, and stops nothing: the hub decides.
    Given again (the same id and words, or the same source digest), the first one is returned and nothing is written.
    What a mandate in force does not cover is held. Raises CaptureRefused. Effects: rows of record and outbox; the
    sender is woken when the transaction commits; the client's other captures wait.
    """
    with transaction.atomic():
        require_same_keys()
        lock(client)
        chains = Chains.of(client, given)
        kept = [chains.keep(each, now=now, by=by, branch=branch) for each in given]
        _tell(client, chains.new, now)
        chains.write(held=HOLDS.get(state_of(client.id)), now=now)
        wake(SEND)
    return kept


def lock(client: Client) -> None:
    """One at a time captures for a client or moves its mandate, until the transaction ends: neither misses the other.

    It comes before any other lock of the client's.
    """
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)


def wake(channel: str) -> None:
    """Wake whoever listens on a channel, once the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


def _tell(client: Client, new: Sequence[BusinessRecord], now: datetime) -> None:
    """Put beside each new movement what is wrong with it as far as this node knows."""
    movements = [record for record in new if record.operation == Operation.SUBMIT.value]
    found = mistakes(client.id, [record.item() for record in movements], now=now)
    for record, findings in zip(movements, found, strict=True):
        record.local_findings = [each.as_json() for each in findings]


def answer_payload(movement: UUID, *, reason: str = "") -> dict[str, Any]:
    """The payload of an answer to a movement that waits: under an id of its own."""
    return {"id": str(uuid7()), "movement": str(movement)} | ({"reason": reason} if reason else {})


# Why something is held under each state of a mandate that is not in force, and what lets it go.
HOLDS: dict[MandateState, Words] = {
    MandateState.NONE: (
        _("El cliente no tiene mandato con este operador: nada se envía en su nombre."),
        _("Proponga el mandato y confírmelo con el código del cliente: lo detenido saldrá solo."),
    ),
    MandateState.PROPOSED: (
        _("El cliente no ha confirmado el mandato: nada se envía en su nombre."),
        _("Pida el código al cliente y confirme el mandato: lo detenido saldrá solo."),
    ),
    MandateState.ENDED: (
        _("El cliente ya no tiene mandato con este operador: nada se envía en su nombre."),
        _("Proponga el mandato de nuevo y espere a que el cliente lo confirme: lo detenido saldrá solo."),
    ),
}
