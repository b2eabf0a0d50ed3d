"""The client, a process of its own: many connections that each send what was signed beforehand, one call at a time.

`python -m bench.load FILE CONNECTIONS HOST PORT` reads a pickled list of stories (a story is a list of whole requests
of which each needs the answer to the one before), says that it is ready, waits for a line, sends them, and prints what
it saw as JSON. Whichever connection is free takes the next story. It does as little as it can.
"""

from __future__ import annotations

import json
import pickle
import resource
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STATUSES = (b'"status":"accepted"', b'"status":"pending"', b'"status":"rejected"')
_CHUNK = 2**18


@dataclass(slots=True)
class Conversation:
    """One connection: what it has still to send of its story, and what it is receiving."""

    socket: socket.socket
    story: Iterator[bytes]
    sent_at: float = 0.0
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    expected: int = -1


@dataclass(slots=True)
class Seen:
    """What came back: seconds of each call, HTTP statuses, verdicts by status."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)


def converse(stories: Sequence[Sequence[bytes]], connections: int, address: tuple[str, int]) -> tuple[Seen, float]:
    """Send every story over so many connections; returns what was seen and the seconds of it all."""
    seen, selector, waiting = Seen(), selectors.DefaultSelector(), iter(stories)
    for _ in range(connections):
        opened = socket.create_connection(address)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        selector.register(opened, selectors.EVENT_READ, Conversation(opened, iter(())))
    started = time.perf_counter()
    for key in list(selector.get_map().values()):
        _send_next(key.data, selector, waiting)
    while selector.get_map():
        for key, events in selector.select():
            if events & selectors.EVENT_WRITE:
                _push(key.data, selector)
            if events & selectors.EVENT_READ and _answered(key.data, seen):
                _send_next(key.data, selector, waiting)
    return seen, time.perf_counter() - started


def _send_next(
    conversation: Conversation, selector: selectors.BaseSelector, waiting: Iterator[Sequence[bytes]]
) -> None:
    """Send the story's next request, or the first of the next story; with nothing left, close."""
    request = next(conversation.story, None)
    if request is None:
        conversation.story = iter(next(waiting, ()))
        request = next(conversation.story, None)
    if request is None:
        selector.unregister(conversation.socket)
        conversation.socket.close()
        return
    conversation.unsent = memoryview(request)
    conversation.received.clear()
    conversation.expected = -1
    conversation.sent_at = time.perf_counter()
    _push(conversation, selector)


def _push(conversation: Conversation, selector: selectors.BaseSelector) -> None:
    try:
        sent = conversation.socket.send(conversation.unsent)
    except BlockingIOError:
        sent = 0
    waiting = bool(conversation.unsent)
    conversation.unsent = conversation.unsent[sent:]
    if conversation.unsent:
        selector.modify(conversation.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, conversation)
    elif waiting and selector.get_key(conversation.socket).events & selectors.EVENT_WRITE:
        selector.modify(conversation.socket, selectors.EVENT_READ, conversation)


def _answered(conversation: Conversation, seen: Seen) -> bool:
    """Take what came; whether the answer is whole."""
    chunk = conversation.socket.recv(_CHUNK)
    if not chunk:
        raise ConnectionError("the hub closed a connection in the middle of the run")
    received = conversation.received
    received += chunk
    if conversation.expected < 0 and (end := received.find(b"\r\n\r\n")) >= 0:
        head = bytes(received[:end]).lower()
        at = head.index(b"content-length:") + 15
        conversation.expected = end + 4 + int(head[at : head.find(b"\r\n", at) % (end + 1)])
    if conversation.expected < 0 or len(received) < conversation.expected:
        return False
    seen.seconds.append(time.perf_counter() - conversation.sent_at)
    status = received[9:12].decode()
    seen.answers[status] += 1
    if status != "200":
        print(bytes(received[:2000]).decode(errors="replace"), file=sys.stderr)
    for name in _STATUSES:
        seen.verdicts[name[10:-1].decode()] += received.count(name)
    return True


def main(arguments: list[str]) -> None:
    stories = pickle.loads(Path(arguments[0]).read_bytes())
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    seen, wall = converse(stories, int(arguments[1]), (arguments[2], int(arguments[3])))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {"seconds": seen.seconds, "answers": seen.answers, "verdicts": seen.verdicts, "wall": wall, "cpu": cpu}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
