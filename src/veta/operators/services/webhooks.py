"""An operator's webhook: asked for, proved by a challenge, called with what the feed says, and given up when dead."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from veta.operators.domain.webhook import challenge_body, is_answer, signed_headers
from veta.operators.domain.webhook_address import Target, WebhookRefused, target_of
from veta.operators.keyring import live_keys
from veta.operators.models import Webhook, WebhookCall, WebhookEnd
from veta.operators.outbound import CallFailed
from veta.operators.outbound import outbound as outbound
from veta.operators.services.hub_keys import HubSigner
from veta.operators.webhook_states import WebhookState as WebhookState
from veta.operators.webhook_states import webhook_states as webhook_states

logger = logging.getLogger(__name__)


class Caller(Protocol):
    """Whoever sends one POST out of the hub."""

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send; returns status and the beginning of the answer. Raises CallFailed."""
        ...


def ask_webhook(*, operator: UUID, url: str, key_id: str) -> UUID:
    """Record where an operator wants to be told; its earlier webhook stops. It counts once it answers the challenge.

    Raises WebhookRefused OPE-020 for a URL that cannot be one.
    """
    target = target_of(url, own_host=urlsplit(settings.PUBLIC_ORIGIN).hostname or "")
    asked = Webhook.objects.create(operator_id=operator, url=target.url, key_id=key_id)
    logger.warning("webhook asked operator=%s webhook=%s", operator, asked.id)
    return asked.id


def end_webhook(webhook: UUID, *, cause: str) -> None:
    """End a webhook: `ended` by its operator, `unproved` or `dead`. Ending it again is no error."""
    WebhookEnd.objects.bulk_create([WebhookEnd(webhook_id=webhook, cause=cause)], ignore_conflicts=True)
    logger.warning("webhook ended webhook=%s cause=%s", webhook, cause)


def current(webhook: UUID, *, now: datetime) -> WebhookState | None:
    """A webhook that still is its operator's and may be called: `proving` or `live`; else None."""
    owner = Webhook.objects.values_list("operator_id", flat=True).get(id=webhook)
    found = [state for state in webhook_states(now=now, operator=owner) if state.id == webhook]
    return found[0] if found and found[0].state in ("proving", "live") else None


def prove(state: WebhookState, *, head: int, caller: Caller, signer: HubSigner, now: datetime) -> bool:
    """Send the challenge; whether it was answered under a live key of the operator. It is told from `head` on."""
    challenge = secrets.token_urlsafe(32)
    outcome, answer = _call(state, challenge_body(challenge), caller=caller, signer=signer, now=now)
    if outcome == "ok" and not is_answer(answer, challenge, url=state.url, keys=_keys_of(state.operator, now)):
        outcome = "not-the-answer"
    _record(state, "challenge", outcome, until=head, events=0)
    return outcome == "ok"


def deliver(
    state: WebhookState, body: bytes, *, events: int, until: int, caller: Caller, signer: HubSigner, now: datetime
) -> bool:
    """Send a page of events; whether it was taken, with a status of 2xx. What was not is sent again, never skipped."""
    outcome, _ = _call(state, body, caller=caller, signer=signer, now=now)
    _record(state, "events", outcome, until=until, events=events)
    return outcome == "ok"


def pass_over(state: WebhookState, *, until: int) -> None:
    """Note that nothing up to there concerns the operator, so that it is not looked for again."""
    _record(state, "events", "ok", until=until, events=0)


def _keys_of(operator: UUID, now: datetime) -> dict[str, Ed25519PublicKey]:
    keys = live_keys(now).keys.values()
    return {key.id: key.public for key in keys if key.operator == operator and key.state == "live"}


def _call(state: WebhookState, body: bytes, *, caller: Caller, signer: HubSigner, now: datetime) -> tuple[str, bytes]:
    """The outcome as a slug, `ok` for 2xx, and the answer."""
    nonce = secrets.token_urlsafe(24)
    headers = signed_headers(
        url=state.url, body=body, key_id=signer.key_id, key=signer.private, now=now, nonce=nonce
    )  # fmt: skip
    try:
        status, answer = caller.post(target_of(state.url), body, headers)
    except CallFailed as failed:
        return failed.reason, b""
    except WebhookRefused:
        return "address-refused", b""
    if 300 <= status < 400:
        return "redirect", b""
    return ("ok", answer) if 200 <= status < 300 else (f"status-{status}", b"")


def _record(state: WebhookState, kind: str, outcome: str, *, until: int, events: int) -> None:
    good = outcome == "ok"
    WebhookCall.objects.create(
        webhook_id=state.id, kind=kind, outcome=outcome, until=until if good else None, events=events
    )
