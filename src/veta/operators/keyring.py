"""The keys in use, read again after five seconds: a revocation reaches every worker well within its sixty."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from veta.operators import queries
from veta.operators.domain.signature import Key

FRESH_FOR = 5.0


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id, and the instant (seconds of the epoch) before which no signature is accepted."""

    keys: Mapping[str, Key]
    not_before: int


_lock = threading.Lock()
_held: tuple[float, KeyRing] | None = None


def live_keys(now: datetime) -> KeyRing:
    """The key ring, at most five seconds old by the machine's monotonic clock, whatever the wall clock does."""
    global _held
    held = _held
    if held is not None and time.monotonic() - held[0] < FRESH_FOR:
        return held[1]
    with _lock:
        if _held is None or time.monotonic() - _held[0] >= FRESH_FOR:
            began = time.monotonic()
            floor = queries.nonce_floor()
            ring = KeyRing(queries.keys_at(now), math.ceil(floor.timestamp()) if floor else 0)
            _held = (began, ring)
        return _held[1]


def forget() -> None:
    """Read again at the next request: called by the process that has just changed a key."""
    global _held
    _held = None
