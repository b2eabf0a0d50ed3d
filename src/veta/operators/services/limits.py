"""How often a caller may call: a token bucket for each caller and class of endpoint, in each worker process.

There is no shared counter on purpose: a limit protects a worker, and a worker must be able to refuse without asking
anyone. What a caller may do in all is this rate times the number of workers.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

EndpointClass = Literal["movements", "check", "write", "read", "keys", "public", "account", "question"]
# Buckets kept at most: full ones are forgotten first, since a caller unknown has a full one anyway.
MOST_CALLERS = 20_000


# Bodies on their way at once, of 64 threads: half of them for one operator, a few for all who do not sign.
OF_AN_OPERATOR = 32
OF_THE_PUBLIC = 8


class TooManyCalls(Exception):
    """The caller's limit for this class of endpoint is used up; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


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
    "public": Rate(20, 100),
    # What a stranger leaves behind: an account and its mail, a question.
    "account": Rate(1 / 120, 3),
    "question": Rate(1 / 60, 5),
}


class Limits:
    """The buckets of one process. Safe to share between threads."""

    def __init__(
        self,
        rates: Mapping[EndpointClass, Rate],
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST_CALLERS,
    ) -> None:
        self._rates = rates
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._buckets: dict[tuple[Hashable, EndpointClass], tuple[float, float]] = {}

    def retry_after(self, caller: Hashable, endpoint: EndpointClass) -> int:
        """Take one call: 0 if it may go on, else in how many whole seconds (at least 1) it is worth trying again.

        `caller`: an operator's id, or an address where nobody signed.
        """
        rate = self._rates[endpoint]
        now = self._clock()
        with self._lock:
            if len(self._buckets) >= self._most:
                self._forget_full(now)
            tokens = self._tokens(caller, endpoint, now)
            allowed = tokens >= 1
            self._buckets[caller, endpoint] = (tokens - 1 if allowed else tokens, now)
        return 0 if allowed else max(1, math.ceil((1 - tokens) / rate.per_second))

    def _tokens(self, caller: Hashable, endpoint: EndpointClass, now: float) -> float:
        rate = self._rates[endpoint]
        tokens, since = self._buckets.get((caller, endpoint), (float(rate.burst), now))
        return min(float(rate.burst), tokens + (now - since) * rate.per_second)

    def _forget_full(self, now: float) -> None:
        """Drop the buckets that are full again; where none is, all: memory is not the caller's to fill."""
        kept = {key: at for key, at in self._buckets.items() if self._tokens(*key, now) < self._rates[key[1]].burst}
        self._buckets = kept if len(kept) < self._most else {}


class Arriving:
    """The bodies on their way, of each caller: one that is sent slowly holds a thread, and nobody may hold them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here: Counter[Hashable] = Counter()

    @contextmanager
    def one_of(self, caller: Hashable, *, most: int) -> Iterator[None]:
        """The place of one body while it is read. Raises TooManyCalls where the caller has `most` already."""
        with self._lock:
            if self._here[caller] >= most:
                raise TooManyCalls(1)
            self._here[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._here[caller] -= 1
                if not self._here[caller]:
                    del self._here[caller]


arriving = Arriving()
limits = Limits({**DEFAULT, **getattr(settings, "OPERATOR_LIMITS", {})})
