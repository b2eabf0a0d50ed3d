"""HTTP message signatures (RFC 9421), for the one profile that the hub accepts.

The policy says which components a signature covers; the request never does. What is signed is kept so that it can be
verified again years later from the stored row: method, target, signature input, body digest and signature are enough.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from veta.operators.domain.base import JSON, ArrivingMessage, SignedMessage, base_of
from veta.operators.domain.fields import (
    LABEL,
    SignatureInput,
    digest_field,
    digest_of,
    signature_field,
    signature_input_of,
    signature_of,
)
from veta.operators.domain.refusal import SignatureRefused, bad

ALG = "ed25519"
TAG = "veta-v1"
LIFETIME = 300
AHEAD = 60
Purpose = Literal["signing", "recovery"]
State = Literal["live", "waiting", "revoked", "inactive"]
REFUSED_FIELDS = {
    "content-encoding": "El cuerpo va sin comprimir: quite Content-Encoding.",
    "transfer-encoding": "Envíe el cuerpo entero con Content-Length, sin Transfer-Encoding.",
    "trailer": "Los envíos con cabeceras al final (Trailer) no se reciben.",
    "x-http-method": "El método es el de la petición: quite X-HTTP-Method.",
    "x-http-method-override": "El método es el de la petición: quite X-HTTP-Method-Override.",
    "x-method-override": "El método es el de la petición: quite X-Method-Override.",
}
KEY_REMEDIES = {
    "unknown": "No hay llave registrada con ese «keyid». Revise la llave o pida su registro a la ANM.",
    "waiting": "La llave aún no está activa: espera su aprobación o que pasen 24 horas.",
    "revoked": "La llave fue revocada. Firme con una llave vigente.",
    "inactive": "El operador no está habilitado hoy. Comuníquese con la ANM.",
    "purpose": "Esa llave no sirve para este envío: las de recuperación solo administran llaves.",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A verification key: whose it is, what it is for, and whether it counts at this moment."""

    id: str
    operator: UUID
    public: Ed25519PublicKey
    purpose: Purpose = "signing"
    state: State = "live"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a signature must cover and how long it lasts; instants in seconds of the Unix epoch.

    `not_before`: the hub's last restore from a backup, or how far back it forgot: before it, a nonce proves nothing.
    `tag`: what the signature is for; one made for another use is refused.
    """

    without_body: tuple[str, ...] = ("@method", "@target-uri")
    with_body: tuple[str, ...] = ("@method", "@target-uri", "content-digest", "content-type")
    lifetime: int = LIFETIME
    ahead: int = AHEAD
    not_before: int = 0
    purposes: frozenset[Purpose] = frozenset({"signing"})
    tag: str = TAG

    def components(self, *, has_body: bool) -> tuple[str, ...]:
        """The components that a signature over such a request covers: these and no others, in any order."""
        return self.with_body if has_body else self.without_body


@dataclass(frozen=True, slots=True)
class Verified:
    """Who sent a request, and the evidence to keep of it."""

    method: str
    target_uri: str
    operator: UUID
    key_id: str
    nonce: str
    signature: bytes
    signature_input: str
    body_digest: bytes
    created: int
    expires: int

    @property
    def nonce_until(self) -> datetime:
        """Until when the nonce must be remembered: the signature has surely expired by then."""
        return datetime.fromtimestamp(self.expires, UTC) + timedelta(seconds=AHEAD)


def verify(
    message: SignedMessage | ArrivingMessage, *, policy: Policy, keys: Mapping[str, Key], now: datetime
) -> Verified:
    """Decide who signed a request, or refuse it.

    Cheap checks come first: shape, components, key, time; then the signature, which covers the digest that was sent.
    Only then is the body read, so that nobody without a key holds a thread by sending one slowly.
    Args: `keys` by key id; `now`, aware, the hub's instant of receipt.
    Raises SignatureRefused: SIG-001, SIG-002 or SIG-003. SIG-004 is decided where nonces are kept.
    """
    _check_shape(message)
    given = signature_input_of(message.fields.get("signature-input"))
    signature = signature_of(message.fields.get("signature"))
    _check_components(given, policy.components(has_body=message.has_body))
    _check_use(given, policy.tag)
    key = _key_of(given, keys, purposes=policy.purposes)
    _check_time(given, policy=policy, now=int(now.timestamp()))
    digest = _sent_digest(message)
    base = base_of(
        method=message.method,
        target_uri=message.target_uri,
        params=given.params,
        components=given.components,
        body_digest=digest,
    )
    _check_signature(key.public, signature=signature, base=base)
    _check_digest(message, digest, key.operator)
    return Verified(
        method=message.method,
        target_uri=message.target_uri,
        operator=key.operator,
        key_id=key.id,
        nonce=given.nonce,
        signature=signature,
        signature_input=message.fields["signature-input"],
        body_digest=digest,
        created=given.created,
        expires=given.expires,
    )


def sign(
    *,
    method: str,
    target_uri: str,
    body: bytes,
    key_id: str,
    key: Ed25519PrivateKey,
    created: int,
    expires: int,
    nonce: str,
    tag: str = TAG,
) -> dict[str, str]:
    """Sign a request: the header fields to send with it, byte for byte as returned.

    Args: `target_uri`, as `target_uri()` spells it; `created` and `expires`, seconds of the Unix epoch, at most 300
    apart; `nonce`, 16–64 base64url characters, never used before with this key.
    """
    policy = Policy()
    components = policy.components(has_body=bool(body))
    listed = " ".join(f'"{name}"' for name in components)
    params = f'({listed});created={created};expires={expires};nonce="{nonce}";keyid="{key_id}";alg="{ALG}";tag="{tag}"'
    digest = hashlib.sha256(body).digest()
    base = base_of(method=method, target_uri=target_uri, params=params, components=components, body_digest=digest)
    fields = {"Content-Digest": digest_field(digest), "Content-Type": JSON} if body else {}
    return fields | {"Signature-Input": f"{LABEL}={params}", "Signature": signature_field(key.sign(base))}


def verify_stored(
    *,
    method: str,
    target_uri: str,
    signature_input: str,
    signature: bytes,
    body_digest: bytes,
    public: Ed25519PublicKey,
) -> bool:
    """Whether a stored request was signed by that key: the evidence holds without the body and without its time."""
    given = signature_input_of(signature_input)
    base = base_of(
        method=method,
        target_uri=target_uri,
        params=given.params,
        components=given.components,
        body_digest=body_digest,
    )
    try:
        public.verify(signature, base)
    except InvalidSignature:
        return False
    return True


def _check_shape(message: SignedMessage | ArrivingMessage) -> None:
    """SIG-001 for what would let two readers see two requests: folds, encodings, trailers, overrides, odd methods."""
    for name, remedy in REFUSED_FIELDS.items():
        if name in message.fields:
            raise bad("field-refused", field=name, message=remedy)
    if not (message.method.isascii() and message.method.isalpha() and message.method.isupper()):
        raise bad("method-odd", field="@method", message="El método HTTP va en mayúsculas: GET, POST, PUT o DELETE.")
    if not (message.target_uri.isascii() and message.target_uri.isprintable()) or " " in message.target_uri:
        raise bad("target-odd", field="@target-uri", message="La dirección lleva caracteres sin codificar (RFC 3986).")
    if message.has_body and message.fields.get("content-type") != JSON:
        raise bad("content-type", field="content-type", message=f"El cuerpo se envía como «{JSON}», sin parámetros.")
    if not message.has_body and "content-digest" in message.fields:
        raise bad("digest-without-body", field="content-digest", message="Hay Content-Digest pero no hay cuerpo.")


def _check_components(given: SignatureInput, required: tuple[str, ...]) -> None:
    """SIG-001 unless the signature covers exactly what the policy requires."""
    if sorted(given.components) != sorted(required):
        raise bad(
            "components",
            field="signature-input",
            message=f"La firma debe cubrir exactamente: {', '.join(required)}.",
        )


def _check_use(given: SignatureInput, tag: str) -> None:
    """SIG-001 for a signature made with another algorithm or for another use."""
    if given.alg != ALG:
        raise bad("alg", field="signature-input", message=f"El algoritmo debe ser «{ALG}».")
    if given.tag != tag:
        raise bad("tag", field="signature-input", message=f"La firma es para otro uso; «tag» debe ser «{tag}».")


def _key_of(given: SignatureInput, keys: Mapping[str, Key], *, purposes: frozenset[Purpose]) -> Key:
    """The key named, live and for this purpose, or SIG-002."""
    key = keys.get(given.key_id)
    reason: str = "unknown" if key is None else key.state
    if key is not None and reason == "live" and key.purpose not in purposes:
        reason = "purpose"
    if key is None or reason != "live":
        raise SignatureRefused("SIG-002", f"key-{reason}", field="signature-input", message=KEY_REMEDIES[reason])
    return key


def _check_time(given: SignatureInput, *, policy: Policy, now: int) -> None:
    """SIG-003 for a signature out of its time; each limit itself is still accepted."""

    def refuse(reason: str, message: str) -> SignatureRefused:
        return SignatureRefused("SIG-003", reason, field="signature-input", message=message)

    if given.created > now + policy.ahead:
        raise refuse("created-ahead", f"«created» está más de {policy.ahead} s adelante. Ajuste el reloj.")
    if not 0 < given.expires - given.created <= policy.lifetime:
        raise refuse("lifetime", f"«expires» va después de «created», como máximo {policy.lifetime} s.")
    if given.expires < now:
        raise refuse("expired", "La firma venció. Firme de nuevo el envío y revise el reloj.")
    if given.created < policy.not_before:
        raise refuse(
            "before-restore", "La firma es anterior a la última restauración de la plataforma. Firme de nuevo."
        )


def _sent_digest(message: SignedMessage | ArrivingMessage) -> bytes:
    """The SHA-256 of the body, as sent; SIG-001 where it is not. A request without a body sends none."""
    return digest_of(message.fields.get("content-digest")) if message.has_body else hashlib.sha256(b"").digest()


def _check_digest(message: SignedMessage | ArrivingMessage, digest: bytes, operator: UUID) -> None:
    """SIG-001 unless the body is the one whose digest was sent."""
    if message.has_body and not hmac.compare_digest(hashlib.sha256(message.body_from(operator)).digest(), digest):
        raise bad(
            "digest-mismatch", field="content-digest", message="Content-Digest no corresponde al cuerpo recibido."
        )


def _check_signature(public: Ed25519PublicKey, *, signature: bytes, base: bytes) -> None:
    """SIG-001 unless the key made this signature over this base."""
    try:
        public.verify(signature, base)
    except InvalidSignature:
        message = "La firma no corresponde al envío. Compare su base de firma con la de la documentación."
        raise bad("signature-mismatch", field="signature", message=message) from None
