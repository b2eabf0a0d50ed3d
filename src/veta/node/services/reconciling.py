"""Compare a client's records with the hub's: by the feed first, and by asking for what the feed leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.node.domain.reconciling import Differs, Found, Ours, compare
from veta.node.domain.records import RESOLVED, State
from veta.node.models import BusinessRecord, Client, Difference, HubEvent, OutboxItem, Reconciliation, Verdict
from veta.node.port import HubPort
from veta.node.queries.mandates import mandates_of
from veta.node.services.outbox import ended, undone
from veta.node.transport import HubRefused, HubUnreachable

ASKED_AT_ONCE = 300
WINDOW = 20_000
ENDS = frozenset({"accepted", "refused", "withdrawn", "lapsed"})
NOT_KEPT = frozenset(state.value for state in (State.DEAD, *RESOLVED))
NEVER_LEFT = frozenset({State.QUEUED.value, State.HELD.value})


def reconcile(client: Client, hub: HubPort, *, now: datetime) -> Reconciliation:
    """Compare, and keep what was found; the feed must have been read before.

    The latest 20,000 records are compared. Of these the hub is asked one by one for what waits for another party and
    for what left and the feed has not told, 300 at most: what is left over is not counted as looked at. A hub that does
    not answer leaves the run unfinished, which it says. Effects: what has ended at the hub has ended here, too.
    """
    records = _ours(client)
    told = _told(records)
    found: list[Found] = []
    asked, passed, trouble = 0, 0, ""
    for ours in records:
        theirs, state = told.get(ours.id), None
        if (theirs is None and ours.left) or ours.state is State.PENDING:
            if trouble or asked >= ASKED_AT_ONCE:
                passed += 1
                continue
            asked += 1
            try:
                theirs, state = _ask(hub, ours.id)
            except (HubRefused, HubUnreachable) as failure:
                passed, trouble = passed + 1, failure.message[:300]
                continue
        difference = compare(ours, theirs, state=state, now=now)
        found += [difference] if difference else []
    elsewhere = list(_elsewhere(client))
    with transaction.atomic():
        for each in found:
            if each.differs is Differs.STATE and each.theirs in ENDS:
                ended(each.movement, each.theirs)
            if each.differs is Differs.STATE and each.theirs == State.REVERSED.value:
                undone(each.movement)
        kept = Reconciliation.objects.create(
            client=client, looked_at=len(records) - passed, agreed=len(records) - passed - len(found), trouble=trouble
        )
        Difference.objects.bulk_create(
            Difference(
                reconciliation=kept, movement=each.movement, differs=each.differs.value, ours=each.ours,
                theirs=each.theirs,
            )
            for each in [*found, *elsewhere]
        )  # fmt: skip
    return kept


def not_looked_at(run: Reconciliation) -> int:
    """How many of the client's records were older, when that run was, than those that are compared."""
    kept = OutboxItem.objects.filter(client=run.client_id, record__received_at__lte=run.at).count()
    return max(0, kept - WINDOW)


def _ours(client: Client) -> list[Ours]:
    items = OutboxItem.objects.filter(client=client).select_related("record").order_by("-number")[:WINDOW]
    found = list(items)
    verdicts = dict(
        Verdict.objects.filter(movement__in=[item.record_id for item in found]).values_list("movement", "body")
    )
    return [
        Ours(
            id=item.record_id, state=State(item.state), verdict=verdicts.get(item.record_id),
            since=item.record.received_at, left=_left(item),
        )
        for item in found
    ]  # fmt: skip


def _left(item: OutboxItem) -> bool:
    """Whether the hub may have it: what waits since its capture never left, what is dead it did not keep."""
    return item.state not in NOT_KEPT and (item.attempts > 0 or item.state not in NEVER_LEFT)


def _told(records: Sequence[Ours]) -> dict[UUID, Any]:
    """The verdicts that the feed brought of these records."""
    events = HubEvent.objects.filter(movement__in=[ours.id for ours in records]).order_by("number")
    return {event.movement: event.body["verdict"] for event in events if event.body.get("verdict") is not None}


def _ask(hub: HubPort, movement: UUID) -> tuple[Any, str | None]:
    """The hub's verdict and state of a movement; none of both where it has no such movement."""
    try:
        found = hub.movement(str(movement))
    except HubRefused as refusal:
        if refusal.status == 404:
            return None, None
        raise
    return found["verdict"], str(found["state"])


def _elsewhere(client: Client) -> Iterator[Found]:
    """What the feed tells of the client that no record of this node is: another operator reported it. Told once."""
    known = Difference.objects.filter(reconciliation__client=client, differs=Differs.ELSEWHERE.value)
    seen = (
        HubEvent.objects.filter(author_mandate__in=mandates_of(client.id), subject=None)
        .exclude(movement__in=BusinessRecord.objects.values("id"))
        .exclude(movement__in=known.values("movement"))
    )
    for event in seen.order_by("number"):
        yield Found(event.movement, Differs.ELSEWHERE, "", event.status)
