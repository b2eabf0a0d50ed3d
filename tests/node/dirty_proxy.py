"""A wire between node and hub that loses, delays, halves, doubles, reorders, and resets after the hub's commit."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = ("drop", "delay", "halve", "reset", "double", "late")


@dataclass
class Weather:
    """How bad the wire is: `loss` of the requests meet a fault, each kind alike; `cut` lets nothing through."""

    seed: int
    loss: float = 0.3
    delay: float = 0.3
    cut: bool = False
    met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.lock = threading.Lock()

    def next(self) -> str:
        with self.lock:
            fault = self.random.choice(FAULTS) if self.random.random() < self.loss else "none"
            fault = "drop" if self.cut else fault
            self.met[fault] += 1
            return fault

    def turn(self, line: str) -> AbstractContextManager[None]:
        """Around what the hub is asked by this request line: nothing waits for its turn."""
        return nullcontext()


class Meeting:
    """Where two wires' requests wait for each other before the hub; then one passes wholly before the other, or both
    go at once.

    Neither side can know the hub's answer to the other before it has sent its own.
    """

    def __init__(self, first: str | None) -> None:
        self.first, self.passed = first, threading.Event()
        self.came = {side: threading.Event() for side in ("node", "other")}

    @contextmanager
    def turn(self, side: str) -> Iterator[None]:
        self.came[side].set()
        for came in self.came.values():
            came.wait(60)
        if self.first not in (None, side):
            self.passed.wait(60)
        try:
            yield
        finally:
            self.passed.set()


@dataclass
class Meets(Weather):
    """A good wire whose submissions of movements go through a meeting, where there is one."""

    loss: float = 0.0
    side: str = ""
    meeting: Meeting | None = None

    def turn(self, line: str) -> AbstractContextManager[None]:
        return self.meeting.turn(self.side) if self.meeting and line == "POST /api/v1/movements" else nullcontext()


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hub_port: int, weather: Weather) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub_port, self.weather = hub_port, weather

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What the wire does is on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def carry(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.weather.next()
        if fault == "drop":
            self.reset()
            return
        if fault == "delay":
            time.sleep(self.server.weather.delay)
        try:
            with self.server.weather.turn(f"{self.command} {self.path}"):
                status, fields, said = self.ask(body)
        except (OSError, http.client.HTTPException):
            self.reset()
            return
        if fault == "double":
            with suppress(OSError, http.client.HTTPException):
                self.ask(body)
        if fault == "late":
            threading.Timer(self.server.weather.delay, self.again, [body]).start()
        if fault == "reset":
            self.reset()
            return
        self.tell(status, fields, said, half=fault == "halve")

    do_GET = do_POST = do_DELETE = do_PUT = carry

    def ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        hub = http.client.HTTPConnection("127.0.0.1", self.server.hub_port, timeout=30)
        try:
            hub.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = hub.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            hub.close()

    def again(self, body: bytes) -> None:
        """The very request once more, after others have passed it."""
        with suppress(OSError, http.client.HTTPException):
            self.ask(body)

    def tell(self, status: int, fields: list[tuple[str, str]], said: bytes, *, half: bool) -> None:
        self.send_response(status)
        for name, value in fields:
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said[: len(said) // 2] if half else said)
        self.close_connection = True

    def reset(self) -> None:
        """RST, not a polite end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def dirty_proxy(hub_port: int, weather: Weather) -> Iterator[Proxy]:
    """Serve until the end of the block."""
    proxy = Proxy(hub_port, weather)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
