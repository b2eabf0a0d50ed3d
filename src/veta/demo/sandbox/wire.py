"""The wire in front of the sandbox's hub: it carries every call as it is, or behaves as badly as it was told to.

A process of its own, `python -m veta.demo.sandbox.wire PORT HUB_PORT MODE_FILE`: the hub behind it knows nothing of it.
"""

from __future__ import annotations

import http.client
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from veta.demo.sandbox.rejected import USUAL, Rejections

HOST = "127.0.0.1"
SLOW_SECONDS = 5.0
RETRY_AFTER = "5"
MODES = ("normal", "slow", "down", "limited", "rejecting", "refusing")
OURS = {"content-length", "transfer-encoding", "connection", "date", "server"}


class Wire(ThreadingHTTPServer):
    """Listens where the hub is said to be; reads its mode anew at each call."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, hub_port: int, mode_file: Path) -> None:
        super().__init__((HOST, port), Call)
        self.hub_port, self.mode_file = hub_port, mode_file
        self.rejections = Rejections()

    def mode(self) -> tuple[str, str]:
        """The mode that was set last, and the code of the finding with which it rejects."""
        with suppress(OSError):
            said, _, code = self.mode_file.read_text().strip().partition(" ")
            return (said if said in MODES else "normal"), code or USUAL
        return "normal", USUAL


class Call(BaseHTTPRequestHandler):
    server: Wire

    def carry(self) -> None:
        """Do as the mode says."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode, code = self.server.mode()
        rejected = self.server.rejections.answer(self.path, body, code=code) if mode == "rejecting" else None
        if mode == "down":
            self._reset()
        elif mode == "limited":
            self._problem(429, "Demasiadas llamadas. Espere e intente de nuevo.", retry_after=True)
        elif rejected is not None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self._end(rejected)
        elif mode == "refusing" and self.command != "GET":
            self._problem(422, "Este ensayo no recibe ningún envío, por orden de quien lo abrió.")
        else:
            if mode == "slow":
                time.sleep(SLOW_SECONDS)
            self._forward(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = carry

    def _forward(self, body: bytes) -> None:
        hub = http.client.HTTPConnection(HOST, self.server.hub_port, timeout=120)
        try:
            hub.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = hub.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self._reset()
            return
        finally:
            hub.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OURS:
                self.send_header(name, value)
        self._end(said)

    def _problem(self, status: int, detail: str, *, retry_after: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json")
        if retry_after:
            self.send_header("Retry-After", RETRY_AFTER)
        problem = {"type": "about:blank", "title": "Ensayo", "status": status, "detail": detail, "findings": []}
        self._end(orjson.dumps(problem))

    def _end(self, said: bytes) -> None:
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)
        self.close_connection = True

    def _reset(self) -> None:
        """As a machine that is off: no answer at all."""
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """The hub keeps its own log."""


def serve(port: int, hub_port: int, mode_file: Path, *, ready: Callable[[int], None]) -> None:
    """Serve until the process ends; `ready` is told the port."""
    with Wire(port, hub_port, mode_file) as wire:
        ready(int(wire.server_address[1]))
        wire.serve_forever(poll_interval=0.2)


def main(arguments: list[str]) -> None:
    """Serve, saying the port on standard output."""
    from veta.config.serve.child import end_with_parent

    end_with_parent(os.getppid())
    port, hub_port, mode_file = arguments
    serve(int(port), int(hub_port), Path(mode_file), ready=lambda at: print(at, flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
