"""One committer a process: request threads leave their submissions and wait; it takes what has gathered and commits it
as a group. Waiting threads hold no connection. Small requests of all processes go to one committer (ADR 0078)."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection

from veta.kernel.clock import Clock, SystemClock
from veta.movements import group
from veta.movements.domain.submission import NotDecided, Submission
from veta.movements.shared import Counter, SharedCommitter
from veta.operators.services.hub_keys import HubSigner, hub_signer

MOST: Final = 2000
# The groups of two processes wait for each other where they lock the same titles. A large one is of one operator, whose
# clients are mostly its own: with two in it, it had to wait for the other process's nearly always.
MIXED: Final = 500
PATIENCE: Final = 30.0  # seconds that a request waits for its group
# Of larger requests a group is worth its cost in any process; deciding them in several uses all cores.
SMALL: Final = 100  # movements
Done = Callable[[Submission], None]
log = logging.getLogger("veta.movements")


@dataclass(slots=True, eq=False)
class _Waiting:
    submission: Submission
    done: Done

    @property
    def size(self) -> int:
        return max(len(self.submission.items), 1)


def of_one_group(waiting: Sequence[tuple[UUID, int]]) -> list[bool]:
    """Which of those that wait, as (operator, movements) and the longest first, are the next group: who waits longest,
    the others of its operator, and while the group is small anybody's."""
    size, taken = 0, []
    for operator, movements in waiting:
        most = MOST if operator == waiting[0][0] else MIXED
        taken.append(size == 0 or size + movements <= most)
        size += movements if taken[-1] else 0
    return taken


class Committer:
    """Gathers submissions into groups of at most 2,000 movements, a request never split."""

    def __init__(self, *, clock: Clock, signer: HubSigner, after: Callable[[], None] = lambda: None) -> None:
        """`after` is called when all of a group were told that they are done."""
        self._clock, self._signer, self._after = clock, signer, after
        self._queue: deque[_Waiting] = deque()
        self._arrived = threading.Condition()
        self._closed = False
        self._thread = self._start()

    def decide(self, submission: Submission) -> None:
        """Wait until the submission is decided and committed; its results are in it then.

        Raises NotDecided when it could not be, or not in time: nothing of it is answered, and a retry under the same
        ids finds whatever was stored.
        """
        done = threading.Event()
        waiting = self.leave(submission, lambda _: done.set())
        if not done.wait(PATIENCE):
            self._take_back(waiting)
        require_answer(submission)

    def leave(self, submission: Submission, done: Done) -> _Waiting:
        """Have it decided later: `done` is called then, by the committer's thread. Raises NotDecided once closed."""
        waiting = _Waiting(submission, done)
        with self._arrived:
            if self._closed:
                raise NotDecided("La plataforma se está cerrando. Vuelva a enviar en unos segundos.")
            if not self._thread.is_alive():
                self._thread = self._start()
            self._queue.append(waiting)
            self._arrived.notify()
        return waiting

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="committer", daemon=True)
        thread.start()
        return thread

    def _take_back(self, waiting: _Waiting) -> None:
        """Nobody waits for it any more: where it was not taken yet, it will not be decided."""
        with self._arrived, contextlib.suppress(ValueError):
            self._queue.remove(waiting)

    def close(self) -> None:
        """Take no more, decide what waits, and end the thread."""
        with self._arrived:
            self._closed = True
            self._arrived.notify()
        self._thread.join(PATIENCE)

    def _work(self) -> None:
        while batch := self._take():
            try:
                self._run([waiting.submission for waiting in batch])
            finally:  # whatever ends the thread, nobody waits for it; the next request starts another
                for waiting in batch:
                    waiting.done(waiting.submission)
                self._after()
        connection.close()

    def _take(self) -> list[_Waiting]:
        """The next group, of what came while the last one was committed; nothing only once it is closed."""
        with self._arrived:
            while not self._queue and not self._closed:
                self._arrived.wait()
            return self._first() if self._queue else []

    def _first(self) -> list[_Waiting]:
        taken = of_one_group([(waiting.submission.operator, waiting.size) for waiting in self._queue])
        here = list(zip(self._queue, taken, strict=True))
        self._queue = deque(waiting for waiting, together in here if not together)
        return [waiting for waiting, together in here if together]

    def _run(self, batch: Sequence[Submission]) -> None:
        """Commit a group; if it fails, each request alone, once."""
        if self._commit(batch):
            return
        for submission in batch:
            if not submission.replayed:
                submission.retried, submission.decided, submission.results = True, False, []
                self._commit([submission])

    def _commit(self, batch: Sequence[Submission]) -> bool:
        try:
            close_old_connections()
            group.run(batch, clock=self._clock, signer=self._signer)
        except Exception:  # whatever it is, the thread must live on and the requests be answered
            log.exception("a group of %d requests failed", len(batch))
            connection.close()
            return False
        return True


def require_answer(submission: Submission) -> None:
    """Raises NotDecided unless it is decided, or was sent before. A nonce seen only at a second try may be its own, of
    a commit whose answer was lost, and of which nothing is stored to tell: that is no answer."""
    if not submission.decided and not (submission.replayed and not submission.retried):
        raise NotDecided("No se pudo decidir ahora. Vuelva a enviar con los mismos ids: nada se duplica.")


_committer: Committer | None = None
_shared: SharedCommitter | None = None
_starting = threading.Lock()


def decide(submission: Submission) -> None:
    """Have it decided and committed, as `Committer.decide`: by the one committer of all processes where there is one
    and the request is small, else by the process's own."""
    shared = _shared_committer() if len(submission.items) <= SMALL else None
    if shared is not None and shared.decide(submission):
        require_answer(submission)
    else:
        committer().decide(submission)


def committer() -> Committer:
    """The process's own committer, started at first use (after the server forked its workers)."""
    global _committer
    with _starting:
        if _committer is None:
            _committer = Committer(clock=SystemClock(), signer=hub_signer())
        return _committer


def _shared_committer() -> SharedCommitter | None:
    global _shared
    with _starting:
        if _shared is None and settings.SHARED_COMMITTER is not None:
            _shared = SharedCommitter(settings.SHARED_COMMITTER)
        return _shared


def close_committer() -> None:
    """Decide what waits and end the process's committer; the next use starts another."""
    global _committer
    with _starting:
        if _committer is not None:
            _committer.close()
            _committer = None


def serve_all(address: Path, told: threading.Event) -> None:
    """Be the committer of all processes until told to end."""
    counter = Counter()
    own = Committer(clock=SystemClock(), signer=hub_signer(), after=counter.answer)
    counter.serve(address, own.leave, told)
    own.close()
