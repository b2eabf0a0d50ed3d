"""The node that is tried: one process that captures, sends, reads and takes notices, until it is killed."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from veta.kernel.identity import Document
from veta.kernel.ids import uuid7
from veta.node import reader, sender
from veta.node.client import HubClient
from veta.node.connect import credentials
from veta.node.credentials import new_credentials, path_of, save
from veta.node.domain.clients import MandateState
from veta.node.domain.records import Operation, State
from veta.node.models import Client, OutboxItem, Verdict
from veta.node.queries.members import with_document
from veta.node.queries.outbox import Line
from veta.node.services.capture import SEND, Given, answer_payload, capture, wake
from veta.node.services.mandates import record_step
from veta.node.services.members import found_desk
from veta.site.models import User

Asked = Mapping[str, Any]
KINDS = {
    "trader": "trader", "miner": "subsistence", "producer": "producer", "plant": "plant", "exporter": "exporter",
}  # fmt: skip
SAID_AS = {State.QUEUED: "waiting", State.SENT: "waiting", State.DEAD: "stopped"}


@dataclass(frozen=True)
class Settings:
    """What the node is told for a trial: the hub's address, its public origin, and how far ahead its clock stands."""

    hub: str
    origin: str
    webhook_port: int
    ahead: float = 0.0


@dataclass(frozen=True, slots=True)
class Shifted:
    """A clock that is wrong by so many seconds."""

    ahead: float

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


def live(given: Settings, channel: socket.socket) -> None:
    """Be the node: answer what the port asks over the channel until it is closed. Never returns."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    settings.NODE_HUB_URL, settings.NODE_HUB_ORIGIN = given.hub, given.origin
    settings.NODE_WEBHOOK_URL = f"http://127.0.0.1:{given.webhook_port}/api/avisos"
    clock, told = Shifted(given.ahead), threading.Event()
    serving = _webhook(given.webhook_port)
    for name, work in (
        ("sender", lambda: sender.run(told, clock=clock)),
        ("reader", lambda: reader.run(told, clock=clock)),
        ("webhook", serving.serve_forever),
    ):
        threading.Thread(target=work, name=name, daemon=True).start()
    with channel.makefile("rwb") as lines:
        for line in lines:
            asked = orjson.loads(line)
            answer: dict[str, Any]
            try:
                answer = {"answer": VERBS[asked["verb"]](asked["asked"], clock)}
            except Exception as trouble:
                answer = {"trouble": f"{type(trouble).__name__}: {trouble}"}
            close_old_connections()
            lines.write(orjson.dumps(answer) + b"\n")
            lines.flush()
    os._exit(0)


def _start(asked: Asked, clock: Shifted) -> dict[str, Any]:
    """Have the clients, each under its mandate in force."""
    desk = _desk()
    for each in asked["clients"]:
        party = each["party"]
        if not with_document(Document(party["type"], party["number"])).exists():
            client = Client.objects.create(
                document_type=party["type"], document_number=party["number"], kind=KINDS[each["kind"]],
                name=each["called"], municipality=each["municipality"], created_by=desk,
            )  # fmt: skip
            record_step(client, MandateState.IN_FORCE, mandate=UUID(each["mandate"]))
    return {}


def _capture(asked: Asked, clock: Shifted) -> dict[str, Any]:
    items = [Given({**each, "id": str(uuid7())}) for each in asked["movements"]]
    kept = capture(_client(asked), items, now=clock.now(), by=_desk())
    return {"records": [str(record.id) for record in kept]}


def _answer(asked: Asked, clock: Shifted) -> dict[str, Any]:
    payload = answer_payload(UUID(asked["movement"]), reason=asked.get("reason", ""))
    (kept,) = capture(_client(asked), [Given(payload, Operation(asked["decision"]))], now=clock.now(), by=_desk())
    return {"records": [str(kept.id)]}


def _shown(asked: Asked, clock: Shifted) -> dict[str, Any]:
    """Each record as its page says it: state, cause and remedy, and the hub's findings."""
    items = OutboxItem.objects.filter(client=_client(asked)).select_related("record")
    found = {mark: item for item in items if (mark := _mark(item.record.payload)) in asked["marks"]}
    return {"records": [{"mark": mark, **_line(item)} for mark, item in found.items()]}


def _line(item: OutboxItem) -> dict[str, str]:
    verdict = Verdict.objects.filter(movement=item.record_id).first()
    findings = verdict.body["findings"] if verdict else []
    line = Line(item)
    words = [str(line.state_label), item.cause, line.fix, *(f"{f['code']} {f['message']}" for f in findings)]
    state = State(item.state)
    return {"state": SAID_AS.get(state, state.value), "text": " ".join(filter(None, words))}


def _sync(asked: Asked, clock: Shifted) -> dict[str, Any]:
    """Wake who sends and who reads; what the hub asked to wait for still waits."""
    wake(SEND)
    wake(reader.READ)
    return {}


def _rotate(asked: Asked, clock: Shifted) -> dict[str, Any]:
    new = new_credentials(settings.NODE_OPERATOR)
    next_key().unlink(missing_ok=True)
    save(new, next_key())
    hub = HubClient(settings.NODE_HUB_URL, credentials(), origin=settings.NODE_HUB_ORIGIN, deadline=20)
    with hub:
        return {"keyid": hub.propose_key(new)["keyid"]}


def next_key() -> Path:
    """Where a key waits until the authority has approved it."""
    path = path_of(settings.NODE_HOME, settings.NODE_OPERATOR)
    return path.with_suffix(".next.pem")


def _client(asked: Asked) -> Client:
    party = asked["client"]
    return with_document(Document(party["type"], party["number"])).get()


def _desk() -> User:
    return User.objects.order_by("pk").first() or found_desk(("mesa@ensayo.invalid", "Mesa del ensayo"))[0]


def _mark(payload: Asked) -> str:
    papers = payload.get("evidence") or [{}]
    return str(papers[0].get("number", ""))


class _Notices(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """The suite keeps what passes."""


def _webhook(port: int) -> WSGIServer:
    """The node's own pages, of which the suite calls one: where the hub tells."""
    return make_server("127.0.0.1", port, get_wsgi_application(), server_class=_Notices, handler_class=_Quiet)


VERBS: Mapping[str, Callable[[Asked, Shifted], dict[str, Any]]] = {
    "start": _start, "capture": _capture, "answer": _answer, "shown": _shown, "sync": _sync, "rotate": _rotate,
}  # fmt: skip
