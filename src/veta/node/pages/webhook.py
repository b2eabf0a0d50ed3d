"""Where the hub calls: a notice that it signed wakes the reader of the feed; what the notice says is not used.

So a notice that never came loses nothing, and one that is sent again by a stranger costs a look at the feed.
"""

from __future__ import annotations

import base64
import logging

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from veta.kernel.clock import SystemClock
from veta.kernel.strict_json import StrictJsonError
from veta.node.connect import credentials, open_hub
from veta.node.credentials import CredentialsRefused
from veta.node.reader import READ
from veta.node.services.capture import wake
from veta.node.transport import HubRefused, HubUnreachable
from veta.operators.domain.base import SignedMessage
from veta.operators.domain.keys import public_key_of
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.webhook import Notice, answer_to, read_notice

KNOWN, KNOWN_SECONDS = "node.hub_keys", 600
ASKED, ASKED_SECONDS = "node.hub_keys_asked", 30
PATIENCE = 3.0
log = logging.getLogger(__name__)


def receive(request: HttpRequest) -> HttpResponse:
    """Answer the hub's challenge, or wake the reader; 401 to what the hub did not sign for this very address.

    503 where that cannot be known now: the hub does not say its keys, or our own is not there.
    """
    message = _message(request)
    try:
        return _answered(_read(message))
    except (SignatureRefused, StrictJsonError) as refusal:
        log.warning("notice refused: %s", refusal)
        return _problem(401, "Unauthorized", str(refusal))
    except (HubRefused, HubUnreachable, CredentialsRefused) as trouble:
        log.warning("notice not read: %s", trouble)
        response = _problem(503, "Service Unavailable", "No se puede comprobar ahora. Repita el aviso más tarde.")
        response["Retry-After"] = str(ASKED_SECONDS)
        return response


def _answered(notice: Notice) -> HttpResponse:
    if notice.kind == "challenge":
        body = answer_to(notice.challenge, key=credentials().key, url=settings.NODE_WEBHOOK_URL)
        return HttpResponse(body, content_type="application/json")
    wake(READ)
    return HttpResponse(status=204)


def _problem(status: int, title: str, detail: str) -> HttpResponse:
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail, "findings": []}
    return JsonResponse(said, status=status, content_type="application/problem+json")


def _read(message: SignedMessage) -> Notice:
    """The notice, by the hub's keys as known; asked again, twice a minute at most, for one that is not among them."""
    now = SystemClock().now()
    keys: dict[str, bytes] = cache.get(KNOWN) or {}
    try:
        return read_notice(message, url=settings.NODE_WEBHOOK_URL, hub_keys=_public(keys), now=now)
    except SignatureRefused as refusal:
        unknown = any(found.code == "SIG-002" for found in refusal.findings)
        if not unknown or not cache.add(ASKED, 1, ASKED_SECONDS):
            raise
    keys = {each["keyid"]: base64.b64decode(each["public_key"]) for each in open_hub(deadline=PATIENCE).hub_keys()}
    cache.set(KNOWN, keys, KNOWN_SECONDS)
    return read_notice(message, url=settings.NODE_WEBHOOK_URL, hub_keys=_public(keys), now=now)


def _public(keys: dict[str, bytes]) -> dict[str, Ed25519PublicKey]:
    return {id: public_key_of(raw) for id, raw in keys.items()}


def _message(request: HttpRequest) -> SignedMessage:
    """The request as it was signed: for the address that was given to the hub, whatever a proxy calls this host."""
    fields = {name.lower(): value for name, value in request.headers.items()}
    path = reverse("node_webhook")
    base = settings.NODE_WEBHOOK_URL.removesuffix(path) if settings.NODE_WEBHOOK_URL.endswith(path) else ""
    return SignedMessage(request.method or "", f"{base}{request.get_full_path()}", fields, request.body)
