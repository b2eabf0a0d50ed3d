"""An accepted movement is undone: a reversal is captured and queued as any record; the hub decides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.period import BOGOTA
from veta.node.domain.records import REVERSAL
from veta.node.models import BusinessRecord, OutboxItem
from veta.node.queries.undoing import can_be_undone, under_way
from veta.node.services.capture import Given, capture, lock
from veta.node.services.outbox import OutboxRefused
from veta.site.models import User


def undo(record: BusinessRecord, *, id: UUID, reason: str, now: datetime, by: User) -> BusinessRecord:
    """Capture the reversal of an accepted movement under `id`; given again, the first one is returned.

    Raises OutboxRefused where it does not count or another reversal of it is on its way, CaptureRefused.
    """
    with transaction.atomic():
        lock(record.client)
        same = BusinessRecord.objects.filter(pk=id, client=record.client_id, kind=REVERSAL, about=record.pk).first()
        if same is not None:
            return same
        item = OutboxItem.objects.select_for_update(of=("self",)).select_related("record").get(record=record)
        if not can_be_undone(item):
            raise OutboxRefused(gettext("Solo se anula lo que la PTM aceptó. Vea cómo quedó el registro."))
        if under_way(record) is not None:
            raise OutboxRefused(gettext("Ya se pidió anularlo. Vea en el registro cómo va."))
        payload = {
            "id": str(id), "kind": REVERSAL, "occurred_at": now.astimezone(BOGOTA).isoformat(),
            "movement": str(record.pk), "reason": reason.strip(),
        }  # fmt: skip
        (made,) = capture(record.client, [Given(payload)], now=now, by=by, branch=record.branch)
    return made
