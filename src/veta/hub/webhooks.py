"""Webhooks follow the log: who is behind is sent the feed's next page, so that a verdict waits for nobody's server."""

from __future__ import annotations

from uuid import UUID

from veta.hub.feed import body_of, page_for
from veta.hub.operators_told import tell_operator
from veta.kernel.clock import SystemClock
from veta.movements.queries.feed import log_size
from veta.operators.services import webhooks
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.webhooks import Caller, WebhookState, webhook_states
from veta.storage.connection import plain_cursor

PAGE = 200
PAGES_AT_ONCE = 50
# What concerns nobody here is noted as looked through only now and then: a row each time would fill a table.
NOTED_AFTER = 20_000


class NotTaken(Exception):
    """The webhook did not take what it was sent; it is sent again later."""


def behind() -> list[UUID]:
    """The webhooks that may be called and to which the log has something new to say."""
    size = log_size(plain_cursor())
    states = webhook_states(now=SystemClock().now())
    return [state.id for state in states if state.state == "live" and (state.until or 0) < size]


def prove(webhook: UUID, *, caller: Caller) -> None:
    """Send a webhook its challenge. Raises NotTaken where it was not answered. Nothing where it counts no more."""
    now = SystemClock().now()
    state = webhooks.current(webhook, now=now)
    if state is None or state.state != "proving":
        return
    if not webhooks.prove(state, head=log_size(plain_cursor()), caller=caller, signer=hub_signer(), now=now):
        raise NotTaken


def deliver(webhook: UUID, *, caller: Caller) -> int:
    """Send a webhook what the feed says since it was told last; how many events it took.

    Raises NotTaken at the first page that is not taken. Effects: one row a call, and one at times for what concerns
    nobody here.
    """
    sent, reached = 0, None
    for _ in range(PAGES_AT_ONCE):
        state = webhooks.current(webhook, now=SystemClock().now())
        if state is None or state.until is None:
            break
        page = page_for(state.operator, after=reached or state.until, limit=PAGE)
        reached = page.next
        if page.events:
            _send(state, body_of(page, state.operator, type="events"), len(page.events), reached, caller)
            sent += len(page.events)
        elif reached - state.until >= NOTED_AFTER:
            webhooks.pass_over(state, until=reached)
        if not page.more:
            break
    return sent


def _send(state: WebhookState, body: bytes, events: int, until: int, caller: Caller) -> None:
    now = SystemClock().now()
    if not webhooks.deliver(state, body, events=events, until=until, caller=caller, signer=hub_signer(), now=now):
        raise NotTaken


def give_up(webhook: UUID, *, cause: str) -> None:
    """End a webhook that never answered (`unproved`) or no more (`dead`), and tell its operator by another way."""
    state = webhooks.current(webhook, now=SystemClock().now())
    if state is not None:
        webhooks.end_webhook(webhook, cause=cause)
        tell_operator(state.operator, "dejó de responder la dirección de avisos: pídala de nuevo y lea lo perdido")
