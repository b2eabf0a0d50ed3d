"""Who called: the signature of each request by the suite's own verification, its digest, its nonce and its hour."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence, Exchange

PUBLIC = (
    "/api/v1/norms", "/api/v1/prices", "/api/v1/minerals", "/api/v1/municipalities", "/api/v1/hub-keys", "/log/",
    "/salud",
)  # fmt: skip


@check
def signed(evidence: Evidence) -> Iterator[Fault]:
    """Every request carries the operator's valid signature, but for what is public."""
    for exchange in evidence.exchanges:
        trouble = exchange.signature.trouble
        if trouble and not (trouble == "unsigned" and _is_public(exchange)):
            yield Fault(f"{exchange.method} {exchange.path}: firma no válida ({trouble})", (exchange.number,))


@check
def digested(evidence: Evidence) -> Iterator[Fault]:
    """Every body travels with its SHA-256 (RFC 9530), which is that of the bytes that arrived."""
    for exchange in evidence.exchanges:
        if not exchange.body:
            continue
        expected = f"sha-256=:{base64.b64encode(hashlib.sha256(exchange.body).digest()).decode()}:"
        given = exchange.fields.get("content-digest")
        if given != expected:
            said = "no lleva Content-Digest" if given is None else "lleva un Content-Digest que no es el del cuerpo"
            yield Fault(f"{exchange.method} {exchange.path} {said}", (exchange.number,))


@check
def signed_anew(evidence: Evidence) -> Iterator[Fault]:
    """No signature is used twice: each attempt has a nonce of its own."""
    seen: dict[tuple[str, str], int] = {}
    for exchange in evidence.exchanges:
        if exchange.signature.nonce:
            key = (exchange.signature.key_id, exchange.signature.nonce)
            first = seen.setdefault(key, exchange.number)
            if first != exchange.number:
                yield Fault("dos envíos con el mismo «nonce»: no se firmó de nuevo", (first, exchange.number))


@check
def created_now(evidence: Evidence, *, within: float = 30.0) -> Iterator[Fault]:
    """Each signature says the hour at which it arrives, give or take so many seconds."""
    for exchange in evidence.exchanges:
        if exchange.signature.created:
            off = exchange.signature.created - exchange.at.timestamp()
            if abs(off) > within:
                yield Fault(f"la firma dice una hora que está a {off:+.0f} s de la de llegada", (exchange.number,))


@check
def signed_by(evidence: Evidence, *, key: str, after: str) -> Iterator[Fault]:
    """After a named step everything is signed with a named key, and something is."""
    key_id, since = evidence.keys.get(key, ""), evidence.named[after]
    later = [each for each in evidence.exchanges if each.started > since and each.signature.key_id]
    if not later:
        yield Fault("después no se envió nada firmado")
    for exchange in later:
        if exchange.signature.key_id != key_id:
            yield Fault(f"firmado con {exchange.signature.key_id}, no con {key_id}", (exchange.number,))


@check
def no_identity_in_urls(evidence: Evidence) -> Iterator[Fault]:
    """No identity number of anybody travels in an address, where every server on the way writes it down."""
    numbers = {str(party["number"]) for party in evidence.parties.values()}
    for exchange in evidence.exchanges:
        if any(number in exchange.target for number in numbers):
            yield Fault(
                f"{exchange.method} {exchange.path}: un número de identidad va en la dirección", (exchange.number,)
            )


def _is_public(exchange: Exchange) -> bool:
    return exchange.method in {"GET", "HEAD"} and exchange.path.startswith(PUBLIC)
