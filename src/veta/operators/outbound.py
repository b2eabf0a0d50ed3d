"""The one way by which the hub calls out: to a checked address, over TLS, once, within a deadline (ADR 0093).

A name is resolved once, every address it gives is checked, and the connection goes to one of those addresses: nothing
is resolved again between the check and the connection. No redirect is followed, no proxy of the environment is used.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

import httpcore
from django.conf import settings

from veta.operators.domain.webhook_address import Network, Target, WebhookRefused, addresses_of

DEADLINE = 8.0
LARGEST_ANSWER = 4096
_PIECE = 4096
Resolve = Callable[[str, int], list[str]]


class CallFailed(Exception):
    """No usable answer; `reason` is a stable slug that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outbound:
    """How this installation calls out: the networks allowed besides the public internet, and whom it trusts."""

    also: tuple[Network, ...]
    tls: ssl.SSLContext
    resolve: Resolve
    deadline: float = DEADLINE

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send one POST; returns the status and the first 4 KiB of the answer. Raises CallFailed."""
        guard = _Guard(self, time.monotonic() + self.deadline)
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self.tls, network_backend=guard, max_connections=1) as pool,
                pool.stream("POST", target.url, headers=given, content=body) as answer,
            ):
                return answer.status, _first(answer.iter_stream())
        except WebhookRefused as refused:
            raise CallFailed("address-refused") from refused
        except httpcore.TimeoutException as slow:
            raise CallFailed("timeout") from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as failure:
            raise CallFailed("connection") from failure


def outbound() -> Outbound:
    """The installation's: public addresses and `WEBHOOK_NETWORKS`, the system's authorities and `WEBHOOK_CA`."""
    also = tuple(ip_network(text) for text in settings.WEBHOOK_NETWORKS)
    return Outbound(also, _tls(settings.WEBHOOK_CA), _system_resolver)


@lru_cache(maxsize=2)
def _tls(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(cafile=authority)
    return context


def _system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _first(chunks: Iterable[bytes]) -> bytes:
    """The answer as far as it is read; whoever sends more is not listened to."""
    read = b""
    for chunk in chunks:
        read += chunk
        if len(read) > LARGEST_ANSWER:
            raise CallFailed("too-large")
    return read


class _Guard(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing outlast the deadline."""

    def __init__(self, how: Outbound, end: float) -> None:
        self._how = how
        self._end = end
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self._how.resolve(host, port)
        except OSError:
            found = []
        addresses = addresses_of(found, also=self._how.also)
        failure: Exception = httpcore.ConnectError()
        for address in addresses[:3]:
            try:
                stream = self._inner.connect_tcp(str(address), port, timeout=_left(self._end))
            except httpcore.ConnectError as refused:
                failure = refused
            else:
                return _Stream(stream, self._end)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=_left(self._end))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], timeout=_left(self._end))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, timeout=_left(self._end))
        except httpcore.ConnectError as failure:
            raise CallFailed("tls" if isinstance(failure.__cause__, ssl.SSLError) else "connection") from failure
        return _Stream(inner, self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
