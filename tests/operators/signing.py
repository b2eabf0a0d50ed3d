"""A signed request to start from, for the tests of this folder."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veta.operators.domain import signature
from veta.operators.domain.base import SignedMessage
from veta.operators.domain.signature import Key, Policy, Verified

ORIGIN = "https://trazabilidad.example.gov.co"
TARGET = ORIGIN + "/api/v1/movements"
NOW = 1_780_000_000
OPERATOR = UUID("01970000-0000-7000-8000-000000000001")
BODY = b'{"movements": [{"id": "x"}]}'
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Key("demo-ottm-1-a", OPERATOR, PRIVATE.public_key())
REVOKED_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
REVOKED = Key("demo-ottm-1-r", OPERATOR, REVOKED_PRIVATE.public_key(), state="revoked")
WAITING = dataclasses.replace(REVOKED, id="demo-ottm-1-w", state="waiting")
INACTIVE = dataclasses.replace(REVOKED, id="demo-ottm-1-i", state="inactive")
RECOVERY = dataclasses.replace(REVOKED, id="demo-ottm-1-c", state="live", purpose="recovery")
OTHER_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
OTHER = Key("demo-ottm-2-a", UUID("01970000-0000-7000-8000-000000000002"), OTHER_PRIVATE.public_key())
KEYS = {key.id: key for key in (KEY, REVOKED, WAITING, INACTIVE, RECOVERY, OTHER)}


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def message(
    method: str = "POST",
    target: str = TARGET,
    body: bytes = BODY,
    *,
    key: Ed25519PrivateKey = PRIVATE,
    key_id: str = KEY.id,
    created: int = NOW,
    lifetime: int = 60,
    nonce: str = "0123456789abcdef",
) -> SignedMessage:
    """A request signed as a client signs it."""
    fields = signature.sign(
        method=method,
        target_uri=target,
        body=body,
        key_id=key_id,
        key=key,
        created=created,
        expires=created + lifetime,
        nonce=nonce,
    )
    return SignedMessage(method, target, {name.lower(): value for name, value in fields.items()}, body)


def with_fields(base: SignedMessage, **fields: str | None) -> SignedMessage:
    """The same request with header fields replaced, added, or (None) taken away; `_` stands for `-`."""
    merged = dict(base.fields) | {name.replace("_", "-"): value for name, value in fields.items()}
    return dataclasses.replace(base, fields={name: value for name, value in merged.items() if value is not None})


def verify(given: SignedMessage, *, now: float = NOW, policy: Policy | None = None) -> Verified:
    return signature.verify(given, policy=policy or Policy(), keys=KEYS, now=at(now))
