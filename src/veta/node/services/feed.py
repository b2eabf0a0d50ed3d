"""The feed as the node keeps it: a page's events and the place where the next page begins, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.node.domain.records import REVERSAL, State
from veta.node.models import FeedCursor, HubEvent
from veta.node.services import outbox
from veta.node.services.identities import require_same_keys

FEED, RECEIPT = "events", "receipt"


def place() -> str:
    """The cursor to read on from; empty before the first page."""
    return FeedCursor.objects.filter(pk=FEED).values_list("cursor", flat=True).first() or ""


def keep_page(page: Mapping[str, Any], *, now: datetime) -> int:
    """Keep a page of the feed; how many of its events are new. What came before is passed over, by its number."""
    with transaction.atomic():
        require_same_keys()
        FeedCursor.objects.get_or_create(pk=FEED)
        FeedCursor.objects.select_for_update().get(pk=FEED)
        known = set(
            HubEvent.objects.filter(pk__in=[each["number"] for each in page["items"]]).values_list("pk", flat=True)
        )
        fresh = [each for each in page["items"] if each["number"] not in known]
        HubEvent.objects.bulk_create([_event(each) for each in fresh])
        for each in fresh:
            if each.get("verdict") is not None:
                outbox.settle(UUID(each["movement"]), each["verdict"], now=now)
            _end(each)
        FeedCursor.objects.filter(pk=FEED).update(cursor=page["cursor"], read_at=now)
    return len(fresh)


def _end(told: Mapping[str, Any]) -> None:
    """What counts ends what it was of: a receipt its dispatch; a reversal, at once or since its other party confirmed
    it, the movement that it undoes."""
    verdict, subject = told.get("verdict") or {}, told["subject"]
    if verdict.get("status") != State.ACCEPTED.value or subject is None:
        return
    if told["kind"] == RECEIPT:
        outbox.ended(UUID(subject), State.ACCEPTED.value)
    elif told["kind"] == REVERSAL:
        outbox.undone(UUID(subject))
    elif verdict.get("outcome") == State.ACCEPTED.value:
        asked = HubEvent.objects.filter(movement=subject, kind=REVERSAL, subject__isnull=False)
        for undoes in filter(None, asked.values_list("subject", flat=True)):
            outbox.undone(undoes)


def _event(told: Mapping[str, Any]) -> HubEvent:
    verdict = told.get("verdict") or {}
    return HubEvent(
        status=verdict.get("status", ""), outcome=verdict.get("outcome") or "",
        number=told["number"], movement=told["movement"], kind=told["kind"], subject=told["subject"],
        occurred_at=told["occurred_at"], author_mandate=told.get("author_mandate"),
        counterparty_mandate=told.get("counterparty_mandate"), body=dict(told),
    )  # fmt: skip
