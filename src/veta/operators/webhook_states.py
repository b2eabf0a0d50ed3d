"""How each operator's webhook stands: read from what was asked, what was called and what ended, and stored nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from veta.operators.queries import key_states

State = Literal["proving", "live", "unproved", "dead", "ended", "paused"]
_LAST = """
SELECT DISTINCT ON (w.operator_id) w.id, w.operator_id, w.url, w.key_id, w.asked_at, e.cause,
    (SELECT max(c.until) FROM operators_webhookcall c WHERE c.webhook_id = w.id),
    (SELECT max(c.at) FROM operators_webhookcall c WHERE c.webhook_id = w.id AND c.outcome = 'ok' AND c.events > 0),
    (SELECT c.outcome FROM operators_webhookcall c WHERE c.webhook_id = w.id ORDER BY c.at DESC, c.id DESC LIMIT 1)
FROM operators_webhook w LEFT JOIN operators_webhookend e ON e.webhook_id = w.id
WHERE %(operator)s::uuid IS NULL OR w.operator_id = %(operator)s::uuid
ORDER BY w.operator_id, w.asked_at DESC, w.id DESC
"""


@dataclass(frozen=True, slots=True)
class WebhookState:
    """An operator's webhook. `until`: up to which number of the log, exclusive, it was told; None while unproved.

    `paused`: the key that asked for it counts no more, or the operator is not enabled; `failing`: why the last call
    had no good answer, else empty.
    """

    id: UUID
    operator: UUID
    url: str
    asked_at: datetime
    state: State
    until: int | None
    delivered_at: datetime | None
    failing: str


def webhook_states(*, now: datetime, operator: UUID | None = None) -> list[WebhookState]:
    """The webhook that each operator asked for last, or one operator's; none where it never asked."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"operator": operator})
        rows = cursor.fetchall()
    if not rows:
        return []
    live = {key.id for key in key_states(now=now, operator=operator) if key.state == "live"}
    return [
        WebhookState(id, owner, url, asked, _state(cause, until, key in live), until, at, _failing(outcome))
        for id, owner, url, key, asked, cause, until, at, outcome in rows
    ]


def _state(cause: State | None, until: int | None, counts: bool) -> State:
    if cause is not None:
        return cause
    if not counts:
        return "paused"
    return "proving" if until is None else "live"


def _failing(outcome: str | None) -> str:
    return outcome if outcome not in (None, "ok") else ""
