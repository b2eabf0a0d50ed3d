"""The edge of the slice: from an HTTP request to the operator that signed it, or a refusal that is logged."""

import json
import logging
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from veta.kernel.strict_json import MAX_BYTES, refuse_larger
from veta.operators.domain.base import ArrivingMessage, target_uri
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Policy, Purpose, Verified, verify
from veta.operators.keyring import live_keys
from veta.operators.services.limits import OF_AN_OPERATOR, arriving

logger = logging.getLogger(__name__)
SIGNING: frozenset[Purpose] = frozenset({"signing"})
ANY_KEY: frozenset[Purpose] = frozenset({"signing", "recovery"})


def authenticate(request: HttpRequest, *, now: datetime, purposes: frozenset[Purpose] = SIGNING) -> Verified:
    """Decide which operator signed a request.

    Args: `now`, aware, the instant of receipt; `purposes`, which keys may call this endpoint (ANY_KEY: /keys).
    Raises SignatureRefused (401; SIG-001 … SIG-003), StrictJsonError SCH-021 (413) before reading a body over 4 MiB,
    TooManyCalls (429) where so many bodies of the operator are on their way already.
    Effects: one log line for each refusal, with its reason and nothing that could be used again.
    """
    message = message_of(request)
    ring = live_keys(now)
    try:
        return verify(message, policy=Policy(not_before=ring.not_before, purposes=purposes), keys=ring.keys, now=now)
    except SignatureRefused as refusal:
        log_refusal(refusal, message)
        raise


def message_of(request: HttpRequest) -> ArrivingMessage:
    """The request as the verifier reads it; its target from the configured origin, never from Host or X-Forwarded-*."""
    environ = request.META
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdigit() and len(length) <= 9) or int(length) > MAX_BYTES:
        refuse_larger(MAX_BYTES)
    fields = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") and isinstance(value, str)
    }
    if environ.get("CONTENT_TYPE"):
        fields["content-type"] = environ["CONTENT_TYPE"]

    def read(operator: UUID) -> bytes:
        with arriving.one_of(operator, most=OF_AN_OPERATOR):
            return request.body

    # Django puts both back as UTF-8 text in place of WSGI's Latin-1; octets that are no UTF-8 stay percent-encoded.
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode()
    target = target_uri(settings.PUBLIC_ORIGIN, path, environ.get("QUERY_STRING", ""))
    return ArrivingMessage(environ["REQUEST_METHOD"], target, fields, int(length), read)


def log_refusal(refusal: SignatureRefused, message: ArrivingMessage) -> None:
    """One line for a refused request: code, reason, method, target without its query.

    Whoever finds a nonce seen before (SIG-004) logs it by this too.
    """
    logger.warning(
        "signature refused %s",
        json.dumps(
            {
                "code": refusal.code,
                "reason": refusal.reason,
                "method": message.method[:16],
                "target": message.target_uri.partition("?")[0][:200],
            }
        ),
    )
