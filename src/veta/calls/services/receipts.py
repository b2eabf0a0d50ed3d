"""Signed receipts: what the hub answers to who handed something in, in time or late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from veta.calls.domain.commands.applicant import refuse_late
from veta.calls.domain.history import Event
from veta.calls.domain.record import RECEIPT, receipt_of
from veta.calls.domain.refusals import CallLate
from veta.calls.history_rows import event_of
from veta.calls.models import CallEvent, CallReceipt
from veta.calls.services.book import Command, lock, perform
from veta.kernel.canonical_json import canonical
from veta.operators.services.hub_keys import hub_signer

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was signed, by which key of the hub (`GET /api/v1/hub-keys`), and the signature in hexadecimal."""

    body: dict[str, Any]
    key_id: str
    signature: str


class ArrivedLate(CallLate):
    """What arrived late, with the receipt that says so."""

    def __init__(self, late: CallLate, receipt: Receipt) -> None:
        super().__init__(late.message, activity=late.activity, closed_at=late.closed_at)
        self.receipt = receipt


def sign(event: Event) -> Receipt:
    """Sign an event's receipt and keep the signature beside it."""
    signer, body = hub_signer(), receipt_of(event)
    signature = signer.sign(RECEIPT + canonical(body))
    row = CallEvent.objects.get(call_id=event.call, place=event.place)
    CallReceipt.objects.create(event=row, key_id=signer.key_id, signature=signature)
    return Receipt(body, signer.key_id, signature.hex())


@transaction.atomic
def perform_receipted(call: UUID, command: Command, *, by: str, now: datetime) -> Receipt:
    """As `perform`, and its author gets a receipt."""
    return sign(perform(call, command, by=by, now=now))


def hand_in(
    call: UUID,
    command: Command,
    *,
    application: UUID,
    what: str,
    by: str,
    now: datetime,
    also: Callable[[], None] = lambda: None,
) -> Receipt:
    """Something handed in under a deadline: taken with a receipt, or refused as late with a receipt too.

    `also`: what is written in the same transaction, before the event. Raises as `in_time`.
    """

    def act() -> Receipt:
        also()
        return perform_receipted(call, command, by=by, now=now)

    return in_time(call, act, application=application, what=what, by=by, now=now)


def in_time(
    call: UUID, act: Callable[[], R], *, application: UUID | None, what: str, by: str, now: datetime
) -> R:  # fmt: skip
    """What an act under a deadline returns, in one transaction; who comes late has a receipt that says the hour.

    `application`: none of who registers late. Raises ArrivedLate, once that is written down; and what the act raises,
    with nothing written.
    """
    try:
        with transaction.atomic():
            return act()
    except CallLate as late:
        receipt = _of_late(call, late, application=application, what=what, by=by, now=now)
        raise ArrivedLate(late, receipt) from late


@transaction.atomic
def _of_late(call: UUID, late: CallLate, *, application: UUID | None, what: str, by: str, now: datetime) -> Receipt:
    """The receipt of who came late: one for each account, application, activity and hour, which is given again."""
    lock(call)
    hour = now.replace(minute=0, second=0, microsecond=0)
    known = CallReceipt.objects.filter(
        event__call_id=call, event__application=application, event__by=by.lower(), event__kind="refused_late",
        event__data__activity=late.activity, event__at__gte=hour, event__at__lte=now,
    ).select_related("event").first()  # fmt: skip
    if known is not None:
        return Receipt(receipt_of(event_of(known.event)), known.key_id, bytes(known.signature).hex())
    drafted = refuse_late(application, what, activity=late.activity, closed_at=late.closed_at)
    return perform_receipted(call, lambda state: drafted, by=by, now=now)
