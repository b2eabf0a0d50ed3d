"""The hub over HTTP: requests signed beforehand, one by one over many connections, or in batches."""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from bench.cpu import Used, used
from bench.hub import Hub
from bench.registry import Operator
from bench.sizes import Sizes
from bench.traffic import CALLS, Traffic, body_of
from veta.operators.domain.signature import LIFETIME, sign

_MOVEMENTS = "/api/v1/movements"


@dataclass(slots=True)
class Heard:
    """What the client saw of one stretch of load, and what it cost."""

    movements: int
    calls: int
    wall: float
    used: Used
    seconds: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.movements / self.wall

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def faultless(self) -> bool:
        """Whether every call was answered 200 and no movement was rejected."""
        return set(self.answers) == {"200"} and not self.verdicts.get("rejected")


class Caller:
    """Writes an operator's requests as the bytes of HTTP/1.1, signed now."""

    def __init__(self, operator: Operator, hub: Hub) -> None:
        self._operator, self._hub = operator, hub
        self._created = int(time.time())

    def post(self, path: str, body: bytes) -> bytes:
        """A signed POST to a path below /movements."""
        path = _MOVEMENTS + path
        headers = sign(
            method="POST", target_uri=self._hub.origin + path, body=body, key_id=self._operator.key_id,
            key=self._operator.key, created=self._created, expires=self._created + LIFETIME,
            nonce=base64.urlsafe_b64encode(os.urandom(18)).decode(),
        )  # fmt: skip
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self._hub.host}:{self._hub.port}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def one_by_one(hub: Hub, operators: Sequence[Operator], sizes: Sizes, *, calls: int, database: int) -> Heard:
    """`calls` calls of one movement each, over `sizes.clients` connections at a time."""
    told = cycle([_stories(operator, hub) for operator in operators])
    stories = [next(next(told)) for _ in range(calls // CALLS)]
    return _send(hub, stories, connections=sizes.clients, movements=1, database=database)


def in_batches(hub: Hub, operators: Sequence[Operator], sizes: Sizes, *, batches: int, database: int) -> Heard:
    """Batches of `sizes.batch` movements of one operator's clients, over `sizes.batch_clients` connections."""
    writers = cycle([(Traffic(operator), Caller(operator, hub)) for operator in operators])
    stories = [[caller.post("", body_of(traffic.batch(sizes.batch)))] for traffic, caller in islice(writers, batches)]
    return _send(hub, stories, connections=sizes.batch_clients, movements=sizes.batch, database=database)


def _stories(operator: Operator, hub: Hub) -> Iterator[list[bytes]]:
    traffic, caller = Traffic(operator), Caller(operator, hub)
    while True:
        yield [caller.post(path, body) for path, body in traffic.story()]


def _send(hub: Hub, stories: list[list[bytes]], *, connections: int, movements: int, database: int) -> Heard:
    with tempfile.NamedTemporaryFile(suffix=".stories") as file:
        pickle.dump(stories, file)
        file.flush()
        command = [sys.executable, "-m", "bench.load", file.name, str(connections), hub.host, str(hub.port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdout.readline()
            before = used(hub=hub.process.pid, database=database, client=0.0)
            client.stdin.write("go\n")
            client.stdin.flush()
            told = json.loads(client.stdout.readline())
            after = used(hub=hub.process.pid, database=database, client=told["cpu"])
    calls = sum(map(len, stories))
    return Heard(
        calls * movements, calls, told["wall"], after - before, told["seconds"], told["answers"], told["verdicts"]
    )
