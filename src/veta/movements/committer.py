"""One committer a process: request threads leave their submissions and wait; it takes what has gathered and commits it
as a group. Waiting threads hold no connection."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import close_old_connections, connection

from veta.kernel.clock import Clock, SystemClock
from veta.movements import group
from veta.movements.domain.submission import NotDecided, Submission
from veta.operators.services.hub_keys import HubSigner, hub_signer

MOST: Final = 2000
# The groups of two processes wait for each other where they lock the same titles. A large one is of one operator, whose
# clients are mostly its own: with two in it, it had to wait for the other process's nearly always.
MIXED: Final = 500
# Many small groups cost more than few larger ones: with others about, those on their way are waited for.
ENOUGH: Final = 100  # movements that are worth a group
PAUSE: Final = 0.004  # seconds in which somebody else must have come, for the group to wait again
LONGEST: Final = 0.02
PATIENCE: Final = 30.0  # seconds that a request waits for its group
log = logging.getLogger("veta.movements")


@dataclass(slots=True, eq=False)
class _Waiting:
    submission: Submission
    done: threading.Event = field(default_factory=threading.Event)
    failed: bool = True  # until it is committed, or its answer is known otherwise

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

    def __init__(self, *, clock: Clock, signer: HubSigner) -> None:
        self._clock, self._signer = clock, signer
        self._queue: deque[_Waiting] = deque()
        self._arrived = threading.Condition()
        self._closed = False
        self._several = False  # whether the last group was of more than one request
        self._thread = self._start()

    def decide(self, submission: Submission) -> None:
        """Wait until the submission is decided and committed; its results are in it then.

        Raises NotDecided when it could not be, or not in time: nothing of it is answered, and a retry under the same
        ids finds whatever was stored.
        """
        waiting = _Waiting(submission)
        with self._arrived:
            if self._closed:
                raise NotDecided("La plataforma se está cerrando. Vuelva a enviar en unos segundos.")
            if not self._thread.is_alive():
                self._thread = self._start()
            self._queue.append(waiting)
            self._arrived.notify()
        if not waiting.done.wait(PATIENCE):
            self._take_back(waiting)
        if waiting.failed:
            raise NotDecided("No se pudo decidir ahora. Vuelva a enviar con los mismos ids: nada se duplica.")

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
                self._run(batch)
            finally:  # whatever ends the thread, nobody waits for it; the next request starts another
                for waiting in batch:
                    waiting.done.set()
        connection.close()

    def _take(self) -> list[_Waiting]:
        """The next group; nothing only once it is closed and nobody waits."""
        while True:
            with self._arrived:
                while not self._queue and not self._closed:
                    self._arrived.wait()
            self._linger()
            with self._arrived:
                if self._queue:
                    return self._first()
                if self._closed:
                    return []

    def _first(self) -> list[_Waiting]:
        taken = of_one_group([(waiting.submission.operator, waiting.size) for waiting in self._queue])
        here = list(zip(self._queue, taken, strict=True))
        self._queue = deque(waiting for waiting, together in here if not together)
        batch = [waiting for waiting, together in here if together]
        self._several = len(batch) > 1
        return batch

    def _linger(self) -> None:
        """After a group of several requests, wait for who comes close behind, as long as somebody does."""
        before, until = 0, time.monotonic() + LONGEST
        while self._several and not self._closed and time.monotonic() < until:
            with self._arrived:
                here, size = len(self._queue), sum(waiting.size for waiting in self._queue)
            if here == before or size >= ENOUGH:
                return
            before = here
            time.sleep(PAUSE)

    def _run(self, batch: Sequence[_Waiting]) -> None:
        """Commit a group; if it fails, each request alone, once."""
        committed = self._commit(batch)
        for waiting in batch:
            waiting.failed = not (committed or waiting.submission.replayed or self._alone(waiting))
            waiting.done.set()

    def _alone(self, waiting: _Waiting) -> bool:
        """Try one request again. A nonce seen only now may be its own, of a commit whose answer was lost, and of which
        nothing is stored to tell: that is no answer."""
        waiting.submission.retried = True
        return self._commit([waiting]) and not waiting.submission.replayed

    def _commit(self, batch: Sequence[_Waiting]) -> bool:
        try:
            close_old_connections()
            group.run([w.submission for w in batch], clock=self._clock, signer=self._signer)
        except Exception:  # whatever it is, the thread must live on and the requests be answered
            log.exception("a group of %d requests failed", len(batch))
            connection.close()
            return False
        return True


_committer: Committer | None = None
_starting = threading.Lock()


def committer() -> Committer:
    """The process's own committer, started at first use (after the server forked its workers)."""
    global _committer
    with _starting:
        if _committer is None:
            _committer = Committer(clock=SystemClock(), signer=hub_signer())
        return _committer


def close_committer() -> None:
    """Decide what waits and end the process's committer; the next use starts another."""
    global _committer
    with _starting:
        if _committer is not None:
            _committer.close()
            _committer = None
