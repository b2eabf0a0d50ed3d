"""Who calls: the operator whose signature the request carries, within its limits; and the evidence that it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from veta.hub.api.reading import read_query
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.movements.domain.reader import Field
from veta.movements.domain.submission import Signed
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Purpose, Verified
from veta.operators.services import nonces, requests
from veta.operators.services.authenticate import SIGNING, authenticate, log_refusal, message_of
from veta.operators.services.limits import EndpointClass, TooManyCalls, limits
from veta.storage.connection import plain_cursor

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


def signed_write(
    limit: EndpointClass, *, purposes: frozenset[Purpose] = SIGNING, query: Sequence[Field] = ()
) -> Authentication:
    """Authentication of a write whose nonce is stored in the write's own transaction."""

    def operator_signature(request: HttpRequest) -> Verified:
        verified = authenticate(request, now=SystemClock().now(), purposes=purposes)
        if wait := limits.retry_after(verified.operator, limit):
            raise TooManyCalls(wait)
        request.asked = read_query(request, query)  # type: ignore[attr-defined]
        return verified

    return operator_signature


def signed_read(
    limit: EndpointClass, *, purposes: frozenset[Purpose] = SIGNING, query: Sequence[Field] = ()
) -> Authentication:
    """Authentication of everything else: the nonce is stored at once, before anything is read."""
    authenticated = signed_write(limit, purposes=purposes, query=query)

    def operator_signature(request: HttpRequest) -> Verified:
        verified = authenticated(request)
        if not _first_use(verified):
            refuse_replayed(request)
        return verified

    return operator_signature


def _first_use(verified: Verified) -> bool:
    """Store the nonce with the connection's next commit; False where it was seen before."""
    return bool(nonces.remember(plain_cursor(), [(verified.key_id, verified.nonce, verified.nonce_until)]))


def operator_of(request: HttpRequest) -> UUID:
    """The operator that signed."""
    return request.auth.operator  # type: ignore[attr-defined,no-any-return]


def signed_of(request: Any, *, frame: bytes) -> Signed:
    """The evidence of an authenticated request, to be kept with what it caused; `frame`: its body without the items."""
    return Signed.of(request.auth, request=uuid7(), frame=frame)


@dataclass(frozen=True, slots=True)
class _Act:
    operator: UUID
    signed: Signed


@contextmanager
def signed_act(request: HttpRequest, *, frame: bytes) -> Iterator[None]:
    """The transaction of a write that is no movement: its nonce and its evidence stand or fall with it.

    Args: `frame`, the body, or 0x00 in its place where it names persons: then the digest alone is kept.
    Raises SignatureRefused SIG-004.
    """
    with transaction.atomic():
        if not _first_use(request.auth):  # type: ignore[attr-defined]
            refuse_replayed(request)
        yield
        keep_evidence(request, frame=frame)


def keep_evidence(request: HttpRequest, *, frame: bytes) -> None:
    """Store what was signed, in the caller's transaction; the nonce is stored already, or is its own affair."""
    act = _Act(operator_of(request), signed_of(request, frame=frame))
    requests.record(plain_cursor(), [act], received_at=SystemClock().now())
