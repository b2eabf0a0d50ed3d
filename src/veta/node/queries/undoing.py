"""Whether a record can still be undone at the hub, as far as this node knows, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from veta.node.domain.lots import TAKING, Said
from veta.node.domain.records import GONE, REVERSAL, Operation, State
from veta.node.domain.undoing import Undo, term, undo_of
from veta.node.models import BusinessRecord, IssuedDocument, LotLine, OutboxItem, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """`until`: the end of the author's term. `asked`: the reversal that is on its way or counts. `built`: what this
    client did since with what it made, the latest first: the hub undoes that first. `certified`: the documents that
    stand over what it made, under which the hub does not undo it (REV-006)."""

    way: Undo
    until: datetime
    late: bool
    asked: BusinessRecord | None
    built: tuple[BusinessRecord, ...]
    certified: tuple[IssuedDocument, ...]

    @property
    def open(self) -> bool:
        """Whether it can be asked for; the hub decides."""
        return self.way in (Undo.AT_ONCE, Undo.ASKS) and not self.late and self.asked is None


def can_be_undone(item: OutboxItem) -> bool:
    """Whether it is a movement that counts: of anything else there is nothing to undo."""
    record = item.record
    submitted = record.operation == Operation.SUBMIT.value and record.kind != REVERSAL
    return submitted and item.state == State.ACCEPTED.value


def reversals_of(record: BusinessRecord) -> QuerySet[BusinessRecord]:
    """The client's own records that ask for its undoing, the latest first, with their way to the hub."""
    found = BusinessRecord.objects.filter(client=record.client_id, kind=REVERSAL, about=record.pk)
    return found.select_related("outbox").order_by("-sequence")


def under_way(record: BusinessRecord) -> BusinessRecord | None:
    """The reversal that waits or counts; none where each was rejected, withdrawn or given up."""
    return reversals_of(record).exclude(outbox__state__in=[state.value for state in GONE]).first()


def undoing_of(item: OutboxItem, *, now: datetime) -> Undoing | None:
    """How an accepted movement can be undone; None for what does not count."""
    if not can_be_undone(item):
        return None
    until = _received(item) + term(now)
    return Undoing(
        way=undo_of(item.record.kind, item.record.payload), until=until, late=now > until,
        asked=under_way(item.record), built=_built_on(item.record), certified=_certified(item.record),
    )  # fmt: skip


def _received(item: OutboxItem) -> datetime:
    """When the hub had it, as its verdict says; when its answer came, where the verdict says nothing."""
    body = Verdict.objects.filter(movement=item.record_id).values_list("body", flat=True).first() or {}
    try:
        return datetime.fromisoformat(body["decided_at"])
    except (KeyError, ValueError):
        return item.answered_at or item.record.captured_at


def _certified(record: BusinessRecord) -> tuple[IssuedDocument, ...]:
    """The documents asked for here over what a record made, that nobody withdrew here; the hub may know of others."""
    made = LotLine.objects.filter(record=record, said=Said.GIVEN.value).values("lot")
    live = IssuedDocument.objects.filter(client=record.client_id, lot__in=made, ending__isnull=True)
    return tuple(live.order_by("-id"))


def _built_on(record: BusinessRecord) -> tuple[BusinessRecord, ...]:
    made = LotLine.objects.filter(record=record, said=Said.GIVEN.value).values("lot")
    taking = LotLine.objects.filter(
        lot__in=made, said=Said.TAKEN.value, record__client=record.client_id, record__kind__in=TAKING
    )
    found = BusinessRecord.objects.filter(pk__in=taking.values("record")).exclude(
        outbox__state__in=[state.value for state in GONE]
    )
    return tuple(found.select_related("outbox").order_by("-outbox__number"))
