"""The feed's page as bytes: what `GET /events` answers is what a webhook is sent, natural persons masked alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from veta.hub.api.parties import someone
from veta.hub.api.reading import cursor_after
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.services import FeedEvent, FeedPage, feed_page
from veta.registry.queries import mandate_ids

CURSOR = "events "


def page_for(operator: UUID, *, after: int, limit: int) -> FeedPage:
    """The feed's page of an operator, by the mandates that it holds today."""
    return feed_page(operator, after=after, limit=limit, on=bogota_date(SystemClock().now()))


def body_of(page: FeedPage, operator: UUID, **more: Any) -> bytes:
    """The page in JSON; each verdict is the very bytes that were answered."""
    shown = someone({actor for event in page.events for actor in event.head.parties}, operator)
    mandates = mandate_ids([actor for actor, said in shown.items() if said["client"]], operator)
    items = b",".join(_event(event, shown, mandates) for event in page.events)
    rest = orjson.dumps({**more, "cursor": cursor_after(f"{CURSOR}{page.next}"), "more": page.more})
    return b'{"items":[%b],%b' % (items, rest[1:])


def _event(event: FeedEvent, shown: dict[UUID, dict[str, Any]], mandates: dict[UUID, UUID]) -> bytes:
    head = event.head
    author, counterparty = (mandates.get(actor) if actor else None for actor in (head.author, head.counterparty))
    told = orjson.dumps(
        {
            "number": head.number,
            "movement": str(head.movement),
            "kind": head.kind,
            "subject": str(head.subject) if head.subject is not None else None,
            "occurred_at": head.occurred_at.isoformat(),
            "author": shown.get(head.author) if head.author is not None else None,
            "counterparty": shown.get(head.counterparty) if head.counterparty is not None else None,
            "author_mandate": str(author) if author is not None else None,
            "counterparty_mandate": str(counterparty) if counterparty is not None else None,
            "lots": [str(lot) for lot in event.lots] if event.lots is not None else None,
        }
    )
    return b'%b,"verdict":%b}' % (told[:-1], event.verdict or b"null")
