"""Signed HTTP to the hub: every attempt is signed anew, what it asks for keeps its ids, and an end is always known."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import urlencode, urlsplit

import httpx
import orjson

from veta.kernel.clock import Clock, SystemClock
from veta.kernel.errors import DomainError
from veta.node.credentials import Credentials
from veta.operators.domain.base import octets_of, target_uri
from veta.operators.domain.signature import sign

LIFETIME = 120
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
# A request that reached nobody may be sent again whatever it asks for.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class HubRefused(DomainError):
    """The hub answered, and the answer is no: a problem document (RFC 9457) with its status and findings.

    `retry_after`: the seconds after which it asks to be called again, where it says so.
    """

    code = "NOD-002"

    def __init__(self, status: int, problem: Mapping[str, Any], *, retry_after: float | None = None) -> None:
        detail = str(problem.get("detail") or problem.get("title") or "La plataforma rechazó el envío.")
        super().__init__(f"{detail} (HTTP {status})")
        self.status = status
        self.problem = problem
        self.retry_after = retry_after

    @property
    def for_now(self) -> bool:
        """Whether the same may be answered otherwise later: the key, a limit, the hub's own trouble."""
        return self.status in (401, 403, 408, 429) or self.status >= 500

    @property
    def finding_codes(self) -> list[str]:
        """The codes of the findings, in the order of the answer."""
        return [str(found.get("code")) for found in self.problem.get("findings") or []]


class HubUnreachable(DomainError):
    """No answer until the deadline. Whether the hub acted is not known: sending the same ids again is safe."""

    code = "NOD-003"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request signed and ready to send."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after: float | None = None

    def json(self) -> Any:
        """The body as JSON, or None where there is none."""
        return orjson.loads(self.body) if self.body else None


class Settings(TypedDict, total=False):
    """What a connection may be told beside its address and key; `Transport` says what each is."""

    origin: str | None
    timeout: float
    deadline: float
    before: Callable[[Prepared], None] | None
    clock: Clock | None
    pause: Callable[[float], None]
    http: httpx.Client | None


class Transport:
    """Signs and sends; tries again after network failures, 429 and 5xx, with growing pauses, until a deadline.

    Args: `url`, where the hub listens; `origin`, its public origin if that is another (it is what is signed);
    `timeout` of one attempt and `deadline` of a call, in seconds; `before`, called with each attempt as it is signed,
    before it leaves; `clock`, `pause` and `http` for simulated time.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        *,
        origin: str | None = None,
        timeout: float = 15.0,
        deadline: float = 60.0,
        before: Callable[[Prepared], None] | None = None,
        clock: Clock | None = None,
        pause: Callable[[float], None] = time.sleep,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.origin = (origin or url).rstrip("/")
        self.credentials = credentials
        self.timeout = timeout
        self.deadline = deadline
        self._before = before
        self._clock = clock or SystemClock()
        self._pause = pause
        self._http = http or new_http()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def prepare(self, method: str, path: str, *, body: bytes = b"", query: Mapping[str, str] | None = None) -> Prepared:
        """Sign a request now; it lives two minutes. Without credentials it goes unsigned, for what is public."""
        given, _, tail = path.partition("?")
        text = "&".join(part for part in (tail, urlencode(query or {})) if part)
        target = target_uri(self.origin, octets_of(given), text)
        headers = {"Accept": "application/json"}
        if self.credentials is not None:
            created = int(self._clock.now().timestamp())
            headers |= sign(
                method=method,
                target_uri=target,
                body=body,
                key_id=self.credentials.key_id,
                key=self.credentials.key,
                created=created,
                expires=created + LIFETIME,
                nonce=secrets.token_urlsafe(24),
            )
        return Prepared(method, self.url + target[len(self.origin) :], headers, body)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """Send until there is an answer that another attempt would not change, or the deadline is over.

        Args: `repeatable`, whether asking twice does no harm (the ids in the body are the same): if not, it is tried
        again only when it surely did not arrive, or was refused for now (429, 503).
        Returns any answer but those. Raises HubUnreachable.
        """
        end = time.monotonic() + self.deadline
        attempt = 0
        while True:
            answer, failure = self._attempt(self.prepare(method, path, body=body, query=query), end)
            if not self._worth_another(answer, failure, repeatable):
                if answer is None:
                    raise self._unreachable(failure) from failure
                return answer
            wait = self._wait(attempt, answer)
            attempt += 1
            if time.monotonic() + wait >= end:
                if answer is None:
                    raise self._unreachable(failure) from failure
                return answer
            self._pause(wait)

    def _attempt(self, request: Prepared, end: float) -> tuple[Answer | None, httpx.TransportError | None]:
        """Send once; an answer, or why there is none."""
        if self._before is not None:
            self._before(request)
        left = max(0.05, min(self.timeout, end - time.monotonic()))
        try:
            response = self._http.request(
                request.method, request.url, headers=request.headers, content=request.body or None, timeout=left
            )
        except httpx.TransportError as failure:
            return None, failure
        return Answer(response.status_code, response.content, _seconds(response.headers.get("Retry-After"))), None

    @staticmethod
    def _worth_another(answer: Answer | None, failure: Exception | None, repeatable: bool) -> bool:
        if answer is None:
            return repeatable or isinstance(failure, NEVER_SENT)
        return answer.status in (429, 503) or (repeatable and answer.status >= 500)

    @staticmethod
    def _wait(attempt: int, answer: Answer | None) -> float:
        """Full jitter under a ceiling that doubles, and never less than the hub asks for."""
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * float(2**attempt))
        jitter = ceiling * secrets.randbelow(1001) / 1000
        asked = answer.retry_after if answer is not None and answer.retry_after is not None else 0.0
        return asked + jitter if asked else jitter

    def _unreachable(self, failure: Exception | None) -> HubUnreachable:
        host = urlsplit(self.url).netloc
        return HubUnreachable(
            f"La plataforma no respondió en {host} ({type(failure).__name__}). "
            "Repita el envío con los mismos identificadores: no se contará dos veces."
        )


def new_http() -> httpx.Client:
    """A pool of connections that goes where it is told, and nowhere else: no redirect, no proxy of the environment."""
    return httpx.Client(follow_redirects=False, trust_env=False)


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; a date, which our hub never sends, is taken as absent."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
