"""Who calls: the operator whose signature the request carries, within its limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import psycopg
from django.db import connection
from django.http import HttpRequest

from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.movements.submission import Signed
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Purpose, Verified
from veta.operators.services import nonces
from veta.operators.services.authenticate import SIGNING, authenticate, log_refusal, message_of
from veta.operators.services.limits import EndpointClass, limits

Authentication = Callable[[HttpRequest], Verified]


def replayed() -> SignatureRefused:
    """SIG-004: that nonce was seen before with that key."""
    message = "Ese nonce ya se usó con esta llave. Firme de nuevo cada intento, con otro nonce."
    return SignatureRefused("SIG-004", "nonce-seen", field="signature-input", message=message)


def refuse_replayed(request: HttpRequest) -> NoReturn:
    """Log and raise SIG-004 for a write whose transaction found its nonce."""
    refusal = replayed()
    log_refusal(refusal, message_of(request))
    raise refusal


class TooManyCalls(Exception):
    """The operator's limit for this class of endpoint is used up; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def signed_write(limit: EndpointClass, *, purposes: frozenset[Purpose] = SIGNING) -> Authentication:
    """Authentication of a write whose nonce is stored in the write's own transaction."""

    def operator_signature(request: HttpRequest) -> Verified:
        verified = authenticate(request, now=SystemClock().now(), purposes=purposes)
        if wait := limits.retry_after(verified.operator, limit):
            raise TooManyCalls(wait)
        return verified

    return operator_signature


def signed_read(limit: EndpointClass, *, purposes: frozenset[Purpose] = SIGNING) -> Authentication:
    """Authentication of everything else: the nonce is stored at once, before anything is read."""
    authenticated = signed_write(limit, purposes=purposes)

    def operator_signature(request: HttpRequest) -> Verified:
        verified = authenticated(request)
        connection.ensure_connection()
        if not nonces.remember(
            psycopg.Cursor(connection.connection), [(verified.key_id, verified.nonce, nonces.seen_until(verified))]
        ):
            refuse_replayed(request)
        return verified

    return operator_signature


def signed_of(request: Any, *, frame: bytes) -> Signed:
    """The evidence of an authenticated request, to be kept with what it caused; `frame`: its body without the items."""
    return Signed.of(request.auth, request=uuid7(), frame=frame)
