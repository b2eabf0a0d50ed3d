"""Ids: time-ordered for rows that are born, derived for rows that two processes must name alike."""

import hashlib
import os
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VERSION_8 = 0x8 << 76
_VARIANT = 0x2 << 62
_NOT_VERSION = ~(0xF << 76)
_NOT_VARIANT = ~(0x3 << 62)
_SEPARATOR = "\x1f"


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random ones. It orders rows, it proves no instant."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    return UUID(int=value & _NOT_VERSION & _NOT_VARIANT | _VERSION_7 | _VARIANT)


def uuid_of(*parts: str) -> UUID:
    """The UUIDv8 (RFC 9562) made of the SHA-256 of `parts` joined by U+001F: the same parts, the same id, everywhere.

    Raises ValueError where a part holds the separator, since two lists of parts could then share an id.
    """
    joined = _SEPARATOR.join(parts)
    if joined.count(_SEPARATOR) != len(parts) - 1:
        raise ValueError("a part may not hold U+001F")
    value = int.from_bytes(hashlib.sha256(joined.encode()).digest()[:16], "big")
    return UUID(int=value & _NOT_VERSION & _NOT_VARIANT | _VERSION_8 | _VARIANT)
