"""What the hub sends to an operator's webhook, and how its receiver knows that the hub said it, to it, now.

One profile with the operators' own requests (RFC 9421, Ed25519), under a tag of its own: what the hub signs for a
webhook is no call that the hub would take, and what an operator signs is no notice of the hub.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from veta.kernel.canonical_json import canonical
from veta.kernel.strict_json import StrictJsonError, parse
from veta.operators.domain.base import SignedMessage
from veta.operators.domain.refusal import bad
from veta.operators.domain.signature import Key, Policy, sign, verify

TAG = "veta-webhook-v1"
LIFETIME = 300
_HUB = UUID(int=0)
_POLICY = Policy(tag=TAG, lifetime=LIFETIME)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the hub: a `challenge` to be answered, or `events`, the very page that the feed gives.

    `nonce` is never used twice by the hub: a receiver that saw it before drops the message. `cursor` is where the feed
    goes on after these events.
    """

    kind: Literal["challenge", "events"]
    nonce: str
    challenge: str = ""
    items: tuple[Mapping[str, Any], ...] = ()
    cursor: str = ""


def signed_headers(
    *, url: str, body: bytes, key_id: str, key: Ed25519PrivateKey, now: datetime, nonce: str
) -> dict[str, str]:
    """The header fields of a message of the hub to that very URL."""
    created = int(now.timestamp())
    return sign(
        method="POST", target_uri=url, body=body, key_id=key_id, key=key, created=created,
        expires=created + LIFETIME, nonce=nonce, tag=TAG,
    )  # fmt: skip


def read_notice(message: SignedMessage, *, url: str, hub_keys: Mapping[str, Ed25519PublicKey], now: datetime) -> Notice:
    """Decide whether a message received at a webhook is the hub's, and read it.

    Args: `url`, the webhook exactly as it was given to the hub; `hub_keys`, of `GET /hub-keys`, by id; `now`, aware.
    Raises SignatureRefused SIG-001 (not to this URL, altered, or signed for another use), SIG-002 (no key of the hub),
    SIG-003 (out of its time); StrictJsonError. Whether the nonce was seen before is the receiver's to know.
    """
    if message.method != "POST" or message.target_uri != url or not message.has_body:
        raise bad("not-for-this-webhook", field="@target-uri", message="El mensaje no es para esta dirección.")
    keys = {key_id: Key(key_id, _HUB, public) for key_id, public in hub_keys.items()}
    nonce = verify(message, policy=_POLICY, keys=keys, now=now).nonce
    said: Any = parse(message.body)
    match said:
        case {"type": "challenge", "challenge": str(challenge)}:
            return Notice("challenge", nonce, challenge=challenge)
        case {"type": "events", "items": [*items], "cursor": str(cursor)}:
            return Notice("events", nonce, items=tuple(items), cursor=cursor)
    raise bad("unknown-notice", field="type", message="El mensaje no es un reto ni una página de eventos.")


def challenge_body(challenge: str) -> bytes:
    """What the hub sends to know that a webhook is its operator's."""
    return canonical({"type": "challenge", "challenge": challenge})


def answer_to(challenge: str, *, key: Ed25519PrivateKey, url: str) -> bytes:
    """The body with which a webhook answers a challenge: signed, so that nobody who merely echoes can stand in."""
    return canonical({"challenge": challenge, "proof": key.sign(_statement(challenge, url)).hex()})


def is_answer(body: bytes, challenge: str, *, url: str, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether a body answers that challenge under one of the operator's live keys."""
    try:
        said: Any = parse(body)
        proof = bytes.fromhex(said["proof"])
        if said["challenge"] != challenge:
            return False
    except (StrictJsonError, ValueError, KeyError, TypeError):
        return False
    return any(_signed(public, proof, _statement(challenge, url)) for public in keys.values())


def _statement(challenge: str, url: str) -> bytes:
    return b"veta-webhook-challenge-v1\n" + hashlib.sha256(url.encode()).digest() + challenge.encode()


def _signed(public: Ed25519PublicKey, proof: bytes, statement: bytes) -> bool:
    try:
        public.verify(proof, statement)
    except InvalidSignature:
        return False
    return True
