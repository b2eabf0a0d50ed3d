"""The observer between candidate and hub: it keeps what passes, verifies it by itself, and goes bad when told to.

Each candidate has an observer of its own, so that a bad wire is bad for one. The hub behind it knows nothing of it.
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from veta.conformance.domain.evidence import Exchange, Signature
from veta.conformance.domain.switches import Mode, Switch
from veta.conformance.place import Place
from veta.operators.domain.base import SignedMessage, octets_of, target_uri
from veta.operators.domain.fields import signature_input_of
from veta.operators.domain.keys import key_id_of, public_key_of
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Key, Policy, verify

HUB_HOST = "127.0.0.1"  # where the hub behind it is, whoever the observer listens to
PATIENCE = 60.0
# Bytes of a request that are kept: what is longer is refused here, the hub takes less than a third of it.
LARGEST = 16 * 2**20
_OWN_FIELDS = {"content-length", "transfer-encoding", "connection", "date", "server"}
_POLICY = Policy(purposes=frozenset({"signing", "recovery"}))


class Observer:
    """What passed, in order, and how the wire behaves. Safe to share between threads."""

    def __init__(self, hub_port: int, *, origin: str, operator: str) -> None:
        self.hub_port = hub_port
        self.origin = origin
        self.operator = operator
        self.exchanges: list[Exchange] = []
        self.switch: Switch | None = None
        self.keys: dict[str, Key] = {}
        self.url = ""
        self._changed = threading.Condition()

    def know_key(self, public: bytes) -> str:
        """Take a key of the candidate as its own from now on; returns its key id."""
        key_id = key_id_of(self.operator, public)
        self.keys[key_id] = Key(key_id, UUID(int=1), public_key_of(public))
        return key_id

    def set_switch(self, switch: Switch | None) -> None:
        """How the wire behaves from the next call on; None carries everything."""
        with self._changed:
            self.switch = switch

    def wait(self, done: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until something that passes makes it so; False where it does not in time."""
        end = time.monotonic() + seconds
        with self._changed:
            while not done():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.25))
        return True

    def begin(self, method: str, target: str, fields: Mapping[str, str], body: bytes) -> tuple[Exchange, Switch | None]:
        """Keep a request as it arrived, and what is to happen to it."""
        now = datetime.now(UTC)
        signature = self._signature(method, target, fields, body, now)
        with self._changed:
            exchange = Exchange(
                number=len(self.exchanges) + 1, at=now, started=time.monotonic(), method=method, target=target,
                fields=fields, body=body, body_sha256=hashlib.sha256(body).hexdigest(), signature=signature,
            )  # fmt: skip
            self.exchanges.append(exchange)
            switch = self.switch if self.switch and self.switch.takes(method, exchange.path) else None
            exchange.fault = switch.name if switch else ""
            self._changed.notify_all()
        return exchange, switch

    def end(
        self, exchange: Exchange, status: int | None, answer: bytes = b"", retry_after: float | None = None
    ) -> None:
        """Keep what the candidate got for it."""
        with self._changed:
            exchange.status, exchange.answer, exchange.retry_after = status, answer, retry_after
            exchange.ended = time.monotonic()
            self._changed.notify_all()

    def _signature(self, method: str, target: str, fields: Mapping[str, str], body: bytes, now: datetime) -> Signature:
        """By the suite's own verification, with the keys that the candidate declared."""
        if "signature-input" not in fields and "signature" not in fields:
            return Signature(trouble="unsigned")
        path, _, query = target.partition("?")
        message = SignedMessage(method, target_uri(self.origin, octets_of(path), query), fields, body)
        try:
            found = verify(message, policy=_POLICY, keys=self.keys, now=now)
        except SignatureRefused as refusal:
            with suppress(SignatureRefused):
                given = signature_input_of(fields.get("signature-input"))
                return Signature(given.key_id, given.nonce, given.created, refusal.reason)
            return Signature(trouble=refusal.reason)
        return Signature(found.key_id, found.nonce, found.created)


class _Wire(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, observer: Observer) -> None:
        super().__init__((host, port), _Call)
        self.observer = observer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What breaks here is kept as an exchange without an answer."""


class _Call(BaseHTTPRequestHandler):
    server: _Wire
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def carry(self) -> None:
        told = self.headers.get("Content-Length") or "0"
        length = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else LARGEST + 1
        body = self.rfile.read(min(length, LARGEST))
        fields = _joined(self.headers.items())
        exchange, switch = self.server.observer.begin(self.command, self.path, fields, body)
        if length > LARGEST:
            self._refuse_size(exchange)
            return
        match switch and switch.mode:
            case Mode.DOWN:
                self._reset(exchange)
            case Mode.REFUSE if switch is not None:
                self._refuse(exchange, switch)
            case Mode.SLOW if switch is not None:
                time.sleep(switch.seconds)
                self._forward(exchange)
            case Mode.CUT:
                if self._ask(exchange) is not None:
                    self._reset(exchange)
            case Mode.HALVE:
                self._forward(exchange, half=True)
            case _:
                self._forward(exchange)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = carry

    def _ask(self, exchange: Exchange) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """The hub's answer; where it has none, the candidate gets none either."""
        hub = http.client.HTTPConnection(HUB_HOST, self.server.observer.hub_port, timeout=PATIENCE)
        try:
            hub.request(self.command, self.path, exchange.body or None, self._fields())
            answer = hub.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self._reset(exchange)
            return None
        finally:
            hub.close()
        exchange.reached, exchange.hub_status = True, answer.status
        return answer.status, answer.getheaders(), said

    def _fields(self) -> dict[str, str]:
        """The candidate's fields, to the host of the public origin: whoever stands before the observer has its own."""
        given = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        return given | {"Host": urlsplit(self.server.observer.origin).netloc}

    def _forward(self, exchange: Exchange, *, half: bool = False) -> None:
        answered = self._ask(exchange)
        if answered is None:
            return
        status, fields, said = answered
        if half:
            self.server.observer.end(exchange, None)
            self._say(status, fields, said, sent=said[: len(said) // 2])
            self._reset(exchange)
            return
        asked = next((float(v) for n, v in fields if n.lower() == "retry-after" and v.isdigit()), None)
        # Kept before it leaves: whoever got an answer may act on it before this thread runs again.
        self.server.observer.end(exchange, status, said, asked)
        self._say(status, fields, said)

    def _refuse(self, exchange: Exchange, switch: Switch) -> None:
        detail = switch.problem or "La plataforma de ensayo no atiende ahora, por orden del formato de pruebas."
        problem = {"type": "about:blank", "title": "Ensayo", "status": switch.status, "detail": detail, "findings": []}
        fields = [("Content-Type", "application/problem+json")]
        if switch.retry_after is not None:
            fields.append(("Retry-After", str(switch.retry_after)))
        said = orjson.dumps(problem)
        self.server.observer.end(exchange, switch.status, said, switch.retry_after)
        self._say(switch.status, fields, said)

    def _refuse_size(self, exchange: Exchange) -> None:
        said = orjson.dumps({"type": "about:blank", "title": "Ensayo", "status": 413, "findings": []})
        self.close_connection = True
        self.server.observer.end(exchange, 413, said)
        self._say(413, [("Content-Type", "application/problem+json"), ("Connection", "close")], said)

    def _say(self, status: int, fields: list[tuple[str, str]], said: bytes, *, sent: bytes | None = None) -> None:
        self.send_response(status)
        for name, value in fields:
            if name.lower() not in _OWN_FIELDS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said if sent is None else sent)

    def _reset(self, exchange: Exchange) -> None:
        """As a machine that is off: no answer at all."""
        self.server.observer.end(exchange, None)
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """The evidence is the log."""


def _joined(pairs: Any) -> dict[str, str]:
    """Header fields by lower-case name, repeated ones joined by a comma."""
    found: dict[str, str] = {}
    for name, value in pairs:
        lower = name.lower()
        found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found


@contextmanager
def observing(observer: Observer, place: Place) -> Iterator[Observer]:
    """Listen there until the end of the block."""
    wire = _Wire(place.host, place.port, observer)
    observer.url = place.origin_at(wire.server_address[1])
    thread = threading.Thread(target=wire.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield observer
    finally:
        wire.shutdown()
        wire.server_close()
        thread.join(5)
