"""One call to the candidate's side that neither lasts nor weighs without limit, however slowly it is answered.

A library's timeout is of each read: who sends one byte before each of them is over is waited for without end.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from urllib.parse import urlsplit

_SCHEMES = {"http": HTTPConnection, "https": HTTPSConnection}


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. `content`: its first bytes, one more than were wanted where it is longer."""

    status: int
    content: bytes


class Unanswered(Exception):
    """There is no whole answer; the message says why, in a word."""


class Unfinished(Unanswered):
    """The answer had not ended when its time was over."""


def post(url: str, content: bytes, fields: Mapping[str, str], *, seconds: float, most: int) -> Reply:
    """POST the content and read the answer, up to one byte more than `most`.

    Args: `seconds`, from the connection to the answer's last byte. Raises Unfinished when they are over, Unanswered
    for anything else that is no answer.
    """
    over = Event()
    try:
        return _asked(url, content, fields, seconds=seconds, most=most, over=over)
    except (OSError, HTTPException, ValueError, Unanswered) as failure:
        if over.is_set() or isinstance(failure, TimeoutError):
            raise Unfinished(type(failure).__name__) from failure
        raise Unanswered(type(failure).__name__) from failure


def _asked(
    url: str, content: bytes, fields: Mapping[str, str], *, seconds: float, most: int, over: Event
) -> Reply:  # fmt: skip
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("not an address that can be called")
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    with closing(_SCHEMES[parts.scheme](parts.hostname, parts.port, timeout=seconds)) as connection:
        connection.connect()
        limit = Timer(seconds, _end, (connection.sock, over))
        limit.start()
        try:
            connection.request("POST", path, body=content, headers=dict(fields))
            answer = connection.getresponse()
            found = Reply(answer.status, answer.read(most + 1))
        finally:
            limit.cancel()
            limit.join()
        # Who cuts the connection ends what is read without a word; so does the limit.
        if over.is_set() or (answer.length and len(found.content) <= most):
            raise Unanswered
        return found


def _end(of: socket.socket, over: Event) -> None:
    """Wake whoever reads from or writes to a socket: it finds it at its end."""
    over.set()
    with suppress(OSError):
        socket.socket.shutdown(of, socket.SHUT_RDWR)
