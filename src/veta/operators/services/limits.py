"""How often an operator may call: a token bucket for each operator and class of endpoint, in each worker process.

There is no shared counter on purpose: a limit protects a worker, and a worker must be able to refuse without asking
anyone. What an operator may do in all is this rate times the number of workers.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.conf import settings

EndpointClass = Literal["movements", "check", "write", "read", "keys"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls a second on average, and how many at once after a rest."""

    per_second: float
    burst: int


DEFAULT: Mapping[EndpointClass, Rate] = {
    "movements": Rate(1000, 2000),
    "check": Rate(100, 200),
    "write": Rate(200, 400),
    "read": Rate(500, 1000),
    "keys": Rate(1, 20),
}


class Limits:
    """The buckets of one process. Safe to share between threads."""

    def __init__(self, rates: Mapping[EndpointClass, Rate], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[UUID, EndpointClass], tuple[float, float]] = {}

    def retry_after(self, operator: UUID, endpoint: EndpointClass) -> int:
        """Take one call: 0 if it may go on, else in how many whole seconds (at least 1) it is worth trying again."""
        rate = self._rates[endpoint]
        now = self._clock()
        with self._lock:
            tokens, since = self._buckets.get((operator, endpoint), (float(rate.burst), now))
            tokens = min(float(rate.burst), tokens + (now - since) * rate.per_second)
            allowed = tokens >= 1
            self._buckets[operator, endpoint] = (tokens - 1 if allowed else tokens, now)
        return 0 if allowed else max(1, math.ceil((1 - tokens) / rate.per_second))


limits = Limits(getattr(settings, "OPERATOR_LIMITS", DEFAULT))
