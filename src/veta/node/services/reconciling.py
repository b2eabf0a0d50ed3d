"""Compare a client's records with the hub's: by the feed first, and by asking for what the feed leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.node.domain.reconciling import Differs, Found, Ours, compare
from veta.node.domain.records import State
from veta.node.models import Client, Difference, HubEvent, OutboxItem, Reconciliation, Verdict
from veta.node.port import HubPort
from veta.node.services.joining import party_of
from veta.node.transport import HubRefused, HubUnreachable

ASKED_AT_ONCE = 300
WINDOW = 20_000


def reconcile(client: Client, hub: HubPort, *, now: datetime) -> Reconciliation:
    """Compare, and keep what was found; the feed must have been read before.

    The latest 20,000 records are compared. Of these the hub is asked one by one for what waits for another party and
    for what the feed has not told, 300 at most: what is left over is not counted as looked at. A hub that does not
    answer leaves the run unfinished, which it says.
    """
    records = _ours(client)
    told = _told(records)
    found: list[Found] = []
    asked, passed, trouble = 0, 0, ""
    for ours in records:
        theirs, state = told.get(ours.id), None
        if theirs is None or ours.state is State.PENDING:
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
    try:
        elsewhere = list(_elsewhere(client, str(hub.look_up(party_of(client)).get("name"))))
    except (HubRefused, HubUnreachable) as failure:
        elsewhere, trouble = [], trouble or failure.message[:300]
    with transaction.atomic():
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


def _ours(client: Client) -> list[Ours]:
    items = OutboxItem.objects.filter(client=client).select_related("record").order_by("-number")[:WINDOW]
    states = [(item.record_id, State(item.state), item.record.received_at) for item in items]
    verdicts = dict(Verdict.objects.filter(movement__in=[id for id, *_ in states]).values_list("movement", "body"))
    return [Ours(id=id, state=state, verdict=verdicts.get(id), since=since) for id, state, since in states]


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


def _elsewhere(client: Client, name: str) -> Iterator[Found]:
    """What the feed tells of the client that no record of this node is: another operator reported it. The feed names
    a client as the registry does, without its document."""
    seen = HubEvent.objects.filter(body__author__client=True, body__author__name=name, subject=None)
    ours = set(OutboxItem.objects.filter(client=client).values_list("record_id", flat=True))
    known = Difference.objects.filter(reconciliation__client=client, differs=Differs.ELSEWHERE.value)
    before = set(known.values_list("movement", flat=True))
    for event in seen.order_by("number"):
        if event.movement not in ours | before:
            status = (event.body.get("verdict") or {}).get("status", "")
            yield Found(event.movement, Differs.ELSEWHERE, "", str(status))
