"""The token of a certificate: 16 random bytes in base32. It opens the public page and is what an export cites."""

import secrets
from base64 import b32decode, b32encode

BYTES = 16
LENGTH = 26


def new_token() -> str:
    """A token nobody can guess."""
    return text_of(secrets.token_bytes(BYTES))


def text_of(token: bytes) -> str:
    """The 26 characters of a token's bytes."""
    return b32encode(token).decode().rstrip("=")


def bytes_of(token: str) -> bytes:
    """The bytes of a token's text. Raises ValueError where it is none."""
    return b32decode(normal(token) + "======")


def normal(text: str) -> str:
    """A token as it is stored, from what somebody typed or pasted: case, blanks and hyphens do not count, 0 is O, 1 is
    I. Raises ValueError where it can be no token."""
    spelt = "".join(text.split()).replace("-", "").upper().translate(str.maketrans("01", "OI"))
    if len(spelt) != LENGTH or not spelt.isascii() or not all(c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" for c in spelt):
        raise ValueError("not a token")
    return spelt
