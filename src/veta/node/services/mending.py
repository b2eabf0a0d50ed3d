"""What the hub did not take: corrected in another record under an id of its own, or dismissed with the reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from veta.node.domain.records import State
from veta.node.models import BusinessRecord, OutboxItem, Resolution
from veta.node.services.capture import Given, capture, lock
from veta.node.services.identities import require_same_keys
from veta.node.services.outbox import OutboxRefused
from veta.site.models import User

MENDABLE = (State.DEAD, State.REJECTED)


def replace(record: BusinessRecord, given: Given, *, now: datetime, by: User) -> BusinessRecord:
    """Keep a corrected record in place of one that died or was rejected, and link the two; one transaction.

    What died ends as replaced; what the hub rejected stays rejected, which is its word. Given again, the first one is
    returned. Raises OutboxRefused where it was settled otherwise or is not one of these, CaptureRefused.
    """
    with transaction.atomic():
        item = _item(record)
        settled = Resolution.objects.filter(pk=record.pk).select_related("replaced_by").first()
        if settled is not None and settled.replaced_by is not None and _same(settled.replaced_by, given):
            return settled.replaced_by
        _mendable(item, settled)
        (made,) = capture(record.client, [given], now=now, by=by, branch=record.branch)
        Resolution.objects.create(record=record, replaced_by=made, by=by)
        _end(item, State.REPLACED)
    return made


def dismiss(record: BusinessRecord, *, reason: str, by: User) -> None:
    """Say why nothing of it is to be sent. Raises OutboxRefused as `replace` does, and without a reason."""
    if not reason.strip():
        raise OutboxRefused(gettext("Diga por qué se descarta."))
    with transaction.atomic():
        require_same_keys()
        item = _item(record)
        _mendable(item, Resolution.objects.filter(pk=record.pk).first())
        Resolution.objects.create(record=record, reason=reason.strip()[:300], by=by)
        _end(item, State.DISMISSED)


def _same(made: BusinessRecord, given: Given) -> bool:
    same: bool = str(made.pk) == given.payload["id"]
    return same


def _item(record: BusinessRecord) -> OutboxItem:
    """Its way to the hub, held until the transaction ends: nobody revives it meanwhile."""
    lock(record.client)
    return OutboxItem.objects.select_for_update().get(record=record)


def _mendable(item: OutboxItem, settled: Resolution | None) -> None:
    if settled is not None or item.state not in {state.value for state in MENDABLE}:
        raise OutboxRefused(gettext("Ese registro ya no espera a nadie. Vea cómo quedó."))


def _end(item: OutboxItem, state: State) -> None:
    if item.state == State.DEAD.value:
        OutboxItem.objects.filter(pk=item.pk).update(state=state.value)
