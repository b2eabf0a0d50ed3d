"""The port itself: it holds one node process, asks it, kills it and starts it again, at the suite's word.

It has no thread and no connection, so that a node is a fork of it: started in milliseconds, as often as a trial wants.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import FrameType
from typing import Any

import orjson
from django.conf import settings

from veta.node.credentials import path_of
from veta.node.driver.work import VERBS, Settings, live, next_key

HOST = "127.0.0.1"
OWN = ("crash", "restart", "clock", "adopt")
OTHER_HUB = "Este nodo ya se probó contra otra plataforma. Cierre «veta node driver», ábralo de nuevo y repita."


class NodeDied(Exception):
    """The node is not there to answer."""


class Port(HTTPServer):
    """Serves the contract, one request at a time."""

    def __init__(self, port: int, webhook_port: int) -> None:
        super().__init__((HOST, port), _Asked)
        self.given = Settings("", "", webhook_port)
        self.child = 0
        self._lines: Any = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.server_address[1]}"

    def act(self, verb: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what the suite asks. Raises NodeDied where the node is dead, KeyError for a verb that there is not."""
        match verb:
            case "start":
                if self.given.hub not in ("", asked["hub"]):
                    raise NodeDied(OTHER_HUB)
                told = replace(self.given, hub=asked["hub"], origin=asked["origin"], ahead=0.0)
                if told != self.given or not self.child:
                    self._again(told)
                return self._ask("start", asked)
            case "crash":
                self._kill()
            case "restart":
                self._again(self.given)
            case "clock":
                self._again(replace(self.given, ahead=float(asked["ahead"])))
            case "adopt":
                os.replace(next_key(), path_of(settings.NODE_HOME, settings.NODE_OPERATOR))
                self._again(self.given)
            case _:
                return self._ask(verb, asked)
        return {}

    def close(self) -> None:
        """End the node and stop listening."""
        self._kill()
        self.server_close()

    def _again(self, given: Settings) -> None:
        self._kill()
        self.given = given
        ours, theirs = socket.socketpair()
        self.child = os.fork()
        if self.child == 0:
            try:
                ours.close()
                self.socket.close()
                live(given, theirs)
            finally:
                os._exit(1)
        theirs.close()
        self._lines = ours.makefile("rwb")
        ours.close()

    def _kill(self) -> None:
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
            self._lines.close()
            self.child = 0

    def _ask(self, verb: str, asked: dict[str, Any]) -> dict[str, Any]:
        if not self.child:
            raise NodeDied("El nodo está apagado.")
        self._lines.write(orjson.dumps({"verb": verb, "asked": asked}) + b"\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise NodeDied("El nodo murió.")
        said: dict[str, Any] = orjson.loads(line)
        if "trouble" in said:
            raise NodeDied(said["trouble"])
        found: dict[str, Any] = said["answer"]
        return found


@contextmanager
def opened(port: int) -> Iterator[Port]:
    """The port, listening until the end of the block; SIGTERM and Ctrl-C end it, and the node with it."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with kept_port() as webhook:
        serving = Port(port, webhook)
        try:
            yield serving
        finally:
            serving.close()


@contextmanager
def kept_port() -> Iterator[int]:
    """A port of the loopback that nobody else is given until the end of the block, whichever node listens there.

    It is bound and never listened on: who asks to reuse its address may.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((HOST, 0))
        yield int(kept.getsockname()[1])


class _Asked(BaseHTTPRequestHandler):
    server: Port
    timeout = 30.0

    def do_GET(self) -> None:
        """What this port can do."""
        self._say(200, {"driver": 1, "verbs": sorted([*VERBS, *OWN])})

    def do_POST(self) -> None:
        """One verb, its argument as JSON."""
        verb = self.path.strip("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if verb not in VERBS and verb not in OWN:
            self._say(501, {"title": f"Este puerto no sabe «{verb}»."})
            return
        try:
            self._say(200, self.server.act(verb, orjson.loads(body or b"{}")))
        except NodeDied as trouble:
            self._say(503, {"title": str(trouble)})

    def _say(self, status: int, value: Any) -> None:
        body = orjson.dumps(value)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The suite keeps what passes."""
