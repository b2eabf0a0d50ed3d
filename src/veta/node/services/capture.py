"""What is captured is kept and put on its way in one transaction: after it, nothing of it can be lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from veta.kernel.canonical_json import canonical
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.node.domain.clients import MandateState
from veta.node.domain.records import FIRST, Captured, Operation, State, sent
from veta.node.models import Branch, BusinessRecord, Client, Device, OutboxItem
from veta.node.queries.mandates import state_of
from veta.node.queries.mistakes import mistakes
from veta.site.models import User

SERVER = "Este servidor"
SEND = "node_send"


class CaptureRefused(DomainError):
    """What was captured is not kept: it names another client's device, or its id already says something else."""

    code = "NOD-010"


@dataclass(frozen=True, slots=True)
class Given:
    """Something to keep. `payload`: the item of the hub's API; its `id` is the record's.

    `captured`: how a device chained it, None for what is captured on this server. `source_digest`: of the row it came
    from, where it came from one. `late_reason`: why it comes after the term to report.
    """

    payload: Mapping[str, Any]
    operation: Operation = Operation.SUBMIT
    captured: Captured | None = None
    skew_ms: int | None = None
    source_digest: str | None = None
    late_reason: str = ""

    def item(self) -> dict[str, Any]:
        """What will go to the hub."""
        return sent(self.payload, late_reason=self.late_reason)


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
        lock(client)
        held = HOLDS.get(state_of(client.id))
        known = iter(mistakes(client.id, [each.item() for each in given if _is_movement(each)], now=now))
        told = [[f.as_json() for f in next(known)] if _is_movement(each) else [] for each in given]
        kept = [
            _keep(client, each, now=now, by=by, branch=branch, held=held, told=findings)
            for each, findings in zip(given, told, strict=True)
        ]
        wake(SEND)
    return kept


def lock(client: Client) -> None:
    """One at a time captures for a client or moves its mandate, until the transaction ends: neither misses the other.

    It comes before any other lock of the client's.
    """
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)


def server_device(client: Client) -> Device:
    """The device under which this server captures, made at its first use; the caller holds the client's lock."""
    found = Device.objects.filter(client=client, name=SERVER, enrolled_by=None).first()
    return found or Device.objects.create(client=client, name=SERVER)


def wake(channel: str) -> None:
    """Wake whoever listens on a channel, once the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


def _keep(
    client: Client, given: Given, *, now: datetime, by: User | None, branch: Branch | None, held: Words | None,
    told: list[Any],
) -> BusinessRecord:  # fmt: skip
    before = _before(client, given)
    if before is not None:
        return before
    device = _device(client, given)
    captured = given.captured or _chained(device, given, now)
    record = BusinessRecord.objects.create(
        id=captured.id, client=client, branch=branch, device=device, sequence=captured.sequence,
        operation=captured.operation.value, kind=str(given.payload.get("kind", captured.operation.value)),
        payload=dict(captured.payload), occurred_at=_occurred(given.payload, captured), skew_ms=given.skew_ms,
        captured_at=captured.captured_at, captured_by=by, source_digest=given.source_digest,
        late_reason=given.late_reason, local_findings=told, previous=captured.previous, digest=captured.digest(),
    )  # fmt: skip
    if captured.sequence > device.last_sequence:
        Device.objects.filter(pk=device.pk).update(last_sequence=captured.sequence, last_digest=record.digest)
    state = State.HELD if held else State.QUEUED
    cause, fix = held or ("", "")
    OutboxItem.objects.create(
        record=record, client=client, state=state.value, next_at=now, cause=str(cause), fix=str(fix)
    )
    return record


def _is_movement(given: Given) -> bool:
    return given.operation is Operation.SUBMIT


def _before(client: Client, given: Given) -> BusinessRecord | None:
    """What was kept of the same thing before. Raises CaptureRefused where the id says something else."""
    if given.source_digest:
        found = BusinessRecord.objects.filter(client=client, source_digest=given.source_digest).first()
        if found is not None:
            return found
    same = BusinessRecord.objects.filter(pk=_id_of(given)).first()
    if same is None:
        return None
    if same.client_id != client.id or canonical(same.payload) != canonical(dict(given.payload)):
        raise CaptureRefused(gettext("Ese registro ya existe con otro contenido. Captúrelo de nuevo."))
    return same


def _id_of(given: Given) -> UUID:
    return given.captured.id if given.captured is not None else UUID(str(given.payload["id"]))


def _device(client: Client, given: Given) -> Device:
    if given.captured is None:
        return server_device(client)
    found = Device.objects.filter(pk=given.captured.device, client=client).first()
    if found is None:
        raise CaptureRefused(gettext("Este dispositivo no está inscrito para este cliente. Inscríbalo primero."))
    return found


def _chained(device: Device, given: Given, now: datetime) -> Captured:
    last = Device.objects.get(pk=device.pk)
    return Captured(
        id=_id_of(given), device=device.pk, sequence=last.last_sequence + 1, operation=given.operation,
        payload=given.payload, captured_at=now, previous=last.last_digest or FIRST,
    )  # fmt: skip


def _occurred(payload: Mapping[str, Any], captured: Captured) -> datetime:
    """When it says that it happened; when it was captured, where that cannot be read: the hub refuses it, with why."""
    try:
        said = datetime.fromisoformat(payload["occurred_at"])
    except (KeyError, TypeError, ValueError):
        return captured.captured_at
    return said if said.tzinfo is not None else captured.captured_at


def answer_payload(movement: UUID, *, reason: str = "") -> dict[str, Any]:
    """The payload of an answer to a movement that waits: under an id of its own."""
    return {"id": str(uuid7()), "movement": str(movement)} | ({"reason": reason} if reason else {})


Words = tuple[Promise, Promise]
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
