"""A small HTTP server that verifies what it receives as the hub does, and fails as a test orders it to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import orjson

from veta.operators.domain.base import SignedMessage, octets_of, target_uri
from veta.operators.domain.keys import public_key_of
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Key, Policy, Verified, verify


class VerifyingHub(ThreadingHTTPServer):
    """Keeps what it verified. `orders`, one for each request: a status, `drop`, `drop after`, (status, Retry-After)."""

    daemon_threads = True

    def __init__(self, keys: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.keys = {key_id: Key(key_id, UUID(int=1), public_key_of(raw)) for key_id, raw in keys.items()}
        self.verified: list[Verified] = []
        self.bodies: list[bytes] = []
        self.orders: list[Any] = []
        self.answer: Any = {"results": []}
        self.refusal: Any = {"title": "no", "findings": []}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: VerifyingHub
    protocol_version = "HTTP/1.1"

    def answer_it(self) -> None:
        order = self.server.orders.pop(0) if self.server.orders else 200
        if order == "drop":
            self.close_connection = True
            self.connection.close()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        message = SignedMessage(
            self.command,
            target_uri(self.server.url, octets_of(path), query),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        try:
            self.server.verified.append(verify(message, policy=Policy(), keys=self.server.keys, now=datetime.now(UTC)))
        except SignatureRefused as refusal:
            findings = [finding.as_json() for finding in refusal.findings]
            self.say(401, {"title": "Unauthorized", "detail": refusal.message, "findings": findings})
            return
        self.server.bodies.append(body)
        if order == "drop after":
            self.close_connection = True
            self.connection.close()
        elif isinstance(order, tuple):
            self.say(order[0], {"title": "later"}, retry_after=order[1])
        else:
            answer = self.server.answer(body) if callable(self.server.answer) else self.server.answer
            self.say(order, answer if order < 400 else self.server.refusal)

    do_GET = do_POST = do_DELETE = answer_it

    def do_HEAD(self) -> None:
        """Whoever asks for the hour."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def say(self, status: int, value: Any, *, retry_after: str | None = None) -> None:
        body = value if isinstance(value, bytes) else orjson.dumps(value)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence: the test asserts on what was kept."""


@contextmanager
def verifying_hub(keys: dict[str, bytes]) -> Iterator[VerifyingHub]:
    """The server, listening on a port of its own until the end of the block."""
    hub = VerifyingHub(keys)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join(5)
