"""One committer for the small requests of all web processes: these share groups, which cost less the larger they are,
and wait for no request that is being read. Requests are handed over on a Unix socket, in a folder that only the
deployment's own user may enter, and answered in groups (ADR 0078)."""

from __future__ import annotations

import pickle
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from veta.movements.domain.submission import NotDecided, Submission

Outcome = tuple[int, bool, bool, bool, bool, list[Any]]  # its number, decided, replayed, retried, unseen, results
Leave = Callable[[Submission, Callable[[Submission], None]], Any]
LOOK: Final = 0.2  # seconds in which the end is noticed
PATIENCE: Final = 15.0  # seconds that an answer of the committer of all is waited for
WHILE: Final = 60.0  # seconds without it, once it was waited for in vain
UNREAD: Final = 1.0  # seconds that a process which does not read its answers holds up the others'


class SharedCommitter:
    """The committer of all, as a web process sees it."""

    def __init__(self, address: Path) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._line: _Line | None = None

    def decide(self, submission: Submission) -> bool:
        """Have it decided there; False where it was not taken, or was and no answer came: it is marked as retried
        then, for it may be committed."""
        line = self._open()
        return line is not None and line.decide(submission)

    def _open(self) -> _Line | None:
        with self._lock:
            if self._line is not None and self._line.lost and time.monotonic() >= self._line.again:
                self._line = None
            if self._line is None:
                self._line = _connected(self._address)
            return None if self._line is None or self._line.lost else self._line


def _connected(address: Path) -> _Line | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        return None
    return _Line(connection)


def _limit_sending(connection: socket.socket, seconds: float) -> None:
    """Whoever does not read keeps nobody: what a full line holds back for so long fails."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), 0))


class _Line:
    """One connection: requests go out as they come, and answers come in as groups are committed."""

    def __init__(self, connection: socket.socket) -> None:
        self.lost, self.again = False, 0.0
        self._connection = connection
        _limit_sending(connection, PATIENCE)
        self._sending = threading.Lock()
        self._numbers = count()
        self._waiting: dict[int, tuple[Submission, threading.Event]] = {}
        threading.Thread(target=self._hear, name="shared committer", daemon=True).start()

    def decide(self, submission: Submission) -> bool:
        answered = threading.Event()
        with self._sending:
            number = next(self._numbers)
            self._waiting[number] = submission, answered
            try:
                self._connection.sendall(pickle.dumps((number, submission), pickle.HIGHEST_PROTOCOL))
            except OSError:
                self.give_up()
        if not self.lost:
            answered.wait(PATIENCE)
        if self._waiting.pop(number, None) is None:
            return answered.wait(PATIENCE)
        self.give_up()
        submission.retried = True
        return False

    def give_up(self) -> None:
        """Nobody answers there: who waits decides for himself, and so does whoever comes for a while."""
        if not self.lost:
            self.lost, self.again = True, time.monotonic() + WHILE
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def _hear(self) -> None:
        with self._connection, self._connection.makefile("rb") as answers, suppress(OSError, EOFError):
            while True:
                self._take(pickle.load(answers))  # noqa: S301 - of a process of the same user
        self.lost = True
        for _, answered in list(self._waiting.values()):
            answered.set()

    def _take(self, outcomes: list[Outcome]) -> None:
        for number, decided, replayed, retried, unseen, results in outcomes:
            submission, answered = self._waiting.pop(number, (None, None))
            if submission is not None and answered is not None:
                submission.results, submission.unseen = results, unseen
                submission.replayed, submission.retried, submission.decided = replayed, retried, decided
                answered.set()


class Counter:
    """Where the web processes leave their requests, and are answered a group at a time."""

    def __init__(self) -> None:
        self._decided: dict[socket.socket, list[Outcome]] = defaultdict(list)

    def serve(self, address: Path, leave: Leave, told: threading.Event) -> None:
        """Take what they leave until told to end."""
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(address))
            listener.listen()
            listener.settimeout(LOOK)
            while not told.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    connection.settimeout(None)
                    _limit_sending(connection, UNREAD)
                    threading.Thread(target=self._hear, args=(connection, leave), daemon=True).start()

    def _hear(self, connection: socket.socket, leave: Leave) -> None:
        with connection, connection.makefile("rb") as requests, suppress(OSError, EOFError, NotDecided):
            while True:
                number, submission = pickle.load(requests)  # noqa: S301 - of a process of the same user
                leave(submission, partial(self._note, connection, number))

    def _note(self, connection: socket.socket, number: int, of: Submission) -> None:
        self._decided[connection].append((number, of.decided, of.replayed, of.retried, of.unseen, of.results))

    def answer(self) -> None:
        """Answer whoever left what was decided since the last time; who does not read it is left to decide alone."""
        decided, self._decided = self._decided, defaultdict(list)
        for connection, outcomes in decided.items():
            try:
                connection.sendall(pickle.dumps(outcomes, pickle.HIGHEST_PROTOCOL))
            except OSError:  # gone, or half an answer is on the line: nothing more can be told there
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
