"""Codes, card tokens and PINs: how they are made, kept only as hashes, and compared in constant time."""

import hashlib
import hmac
import itertools
import secrets
from uuid import UUID

from veta.storage.keys import key_of

# scrypt as OWASP's minimum for 16 MiB: about 50 ms here, paid only after the attempts that remain were counted.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 2**26, "dklen": 32}
_PIN_DIGITS = range(4, 9)


def new_code() -> str:
    """Six random digits, as a person reads them from a message."""
    return f"{secrets.randbelow(10**6):06d}"


def code_hmac(consent: UUID, code: str) -> bytes:
    """What is kept of a code: HMAC with the consent's id, so that equal codes do not look equal."""
    return _keyed("veta-consent-code-v1", f"{consent}\x1f{code}")


def new_token() -> str:
    """A card's token: 128 random bits in base32, without padding, as a QR carries it best."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(26))


def token_hmac(token: str) -> bytes:
    """The key by which a card is found."""
    return _keyed("veta-card-token-v1", token)


def _keyed(domain: str, value: str) -> bytes:
    return hmac.digest(key_of("consent"), f"{domain}\x1f{value}".encode(), "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Equality in a time that says nothing of where they differ."""
    return hmac.compare_digest(bytes(left), bytes(right))


def pin_hash(pin: str, salt: bytes) -> bytes:
    """The scrypt hash of a PIN, keyed besides: a stolen table of four-digit PINs cannot be tried without the key."""
    return hashlib.scrypt(_keyed("veta-card-pin-v1", pin), salt=salt, **_SCRYPT)


def new_salt() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(16)


def is_weak_pin(pin: str) -> bool:
    """Whether a PIN is not 4 to 8 ASCII digits, or is one digit repeated or a run such as 1234 or 4321."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in _PIN_DIGITS):
        return True
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    return steps in ({0}, {1}, {-1})
