"""The feed of what concerns an operator's clients, and the webhook to which the hub sends the same."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.operation import JSON, READ, asked, operation, told
from veta.hub.api.reading import MOST, bad_cursor, cursor, limit, read_body
from veta.hub.api.signed import keep_evidence, operator_of, signed_act, signed_read, signed_write
from veta.hub.feed import CURSOR, body_of, page_for
from veta.hub.operators_told import tell_operator
from veta.hub.tasks import prove_webhook
from veta.kernel.clock import SystemClock
from veta.movements.domain.reader import Field, text
from veta.operators.services import webhooks
from veta.operators.services.webhooks import WebhookState, webhook_states

router = Router(tags=["events"])
FEED: Final = (Field("after", cursor, required=False), Field("limit", limit, required=False))
ASKED: Final = (Field("url", text(500)),)


@router.api_operation(READ, "/events", **operation(signed_read("read", query=FEED), answer="EventPage", query=FEED))
def events(request: HttpRequest) -> HttpResponse:
    """What the log says of the operator's clients, in its order, from where the last page ended.

    A page may be short, or empty, though `more` is true: go on from its cursor. Without `after`, from the beginning.
    """
    given = asked(request)
    operator = operator_of(request)
    page = page_for(operator, after=_number(given.get("after", "")), limit=given.get("limit", MOST))
    response = HttpResponse(body_of(page, operator), content_type=JSON)
    response["Cache-Control"] = "no-store"
    return response


def _number(after: str) -> int:
    """The log's number at which a page starts."""
    if not after:
        return 0
    digits = after.removeprefix(CURSOR)
    if digits == after or not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise bad_cursor()
    return int(digits)


@router.put("/webhook", **operation(
    signed_read("keys"), answer="Webhook", status=202, body=ASKED,
    example={"url": "https://operador.example/veta/eventos"},
))  # fmt: skip
def set_webhook(request: HttpRequest) -> HttpResponse:
    """Ask to be told at an https address: it counts once it answers the hub's challenge, and replaces the earlier one.

    From then on it is sent what the feed says, signed by the hub. The operator is told by a contact on record.
    """
    given = read_body(request, ASKED)
    operator = operator_of(request)
    with transaction.atomic():
        made = webhooks.ask_webhook(operator=operator, url=given["url"], key_id=request.auth.key_id)  # type: ignore[attr-defined]
        keep_evidence(request, frame=request.body)
        transaction.on_commit(lambda: tell_operator(operator, "se pidió avisar de sus movimientos a otra dirección"))
    prove_webhook.configure(lock=f"webhook {made}").defer(webhook=str(made))
    return told(_shown(_own(operator)), status=202)


@router.api_operation(READ, "/webhook", **operation(signed_read("read"), answer="Webhook", refusals=(404,)))
def webhook(request: HttpRequest) -> HttpResponse:
    """The webhook that the operator asked for last, and how it stands."""
    return told(_shown(_own(operator_of(request))))


@router.delete("/webhook", **operation(signed_write("keys"), answer=None, status=204, refusals=(404,)))
def end_webhook(request: HttpRequest) -> HttpResponse:
    """End the webhook: nothing more is sent. The feed stays."""
    with signed_act(request, frame=request.body):
        webhooks.end_webhook(_own(operator_of(request)).id, cause="ended")
    return HttpResponse(status=204)


def _own(operator: Any) -> WebhookState:
    found = webhook_states(now=SystemClock().now(), operator=operator)
    if not found:
        raise Http404
    return found[0]


def _shown(state: WebhookState) -> dict[str, Any]:
    return {
        "url": state.url,
        "state": state.state,
        "asked_at": state.asked_at.isoformat(),
        "delivered_at": state.delivered_at.isoformat() if state.delivered_at else None,
        "failing": state.failing or None,
    }
