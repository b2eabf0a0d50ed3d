"""The sender: one process that takes the queue to the hub, in order, and never gives up on what may still arrive."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Sequence

from django.db import OperationalError, connection

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock, SystemClock
from veta.node.answers import Result
from veta.node.connect import open_hub
from veta.node.credentials import CredentialsRefused
from veta.node.domain.records import Operation
from veta.node.models import OutboxItem
from veta.node.port import HubPort
from veta.node.queries.remedies import fix_of_refusal
from veta.node.services import outbox
from veta.node.services.capture import SEND
from veta.node.services.mandates import follow_hub
from veta.node.transport import HubRefused, HubUnreachable
from veta.node.waking import Waker, alone
from veta.storage.keys import KeyRefused

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
ENOUGH = 8  # doublings that pass the longest pause
IDLE = 5.0
MOST_BYTES = 4 * 2**20 - 1024  # the hub reads 4 MiB, with what stands around the movements
MANDATES_EVERY = 30.0
log = logging.getLogger(__name__)


class Sender:
    """Sends what is due. `failures` in a row make the pauses grow; an answer, whatever it says, ends them."""

    def __init__(self, hub: HubPort, *, clock: Clock | None = None) -> None:
        self.hub = hub
        self.clock = clock or SystemClock()
        self.failures = 0

    def round(self) -> int:
        """Send one batch; how many records got their answer. Each commit leaves the queue as true as it is known."""
        now = self.clock.now()
        batch = outbox.mark_sent(outbox.due(now), now=now)
        if not batch:
            return 0
        submits = [item for item in batch if item.record.operation == Operation.SUBMIT.value]
        done = 0
        for run in fitting(submits):
            answered = self._submit(run)
            if not answered:
                break
            done += answered
        for item in batch:
            if item.record.operation != Operation.SUBMIT.value:
                done += self._answer(item)
        return done

    def _submit(self, items: Sequence[OutboxItem]) -> int:
        try:
            results = self.hub.submit([item.record.item() for item in items])
        except HubUnreachable as failure:
            return self._later(items, failure.message)
        except HubRefused as refusal:
            return self._refused(items, refusal)
        self.failures = 0
        outbox.take(results, now=self.clock.now())
        return len(items)

    def _answer(self, item: OutboxItem) -> int:
        try:
            result = self._step(item)
        except HubUnreachable as failure:
            return self._later([item], failure.message)
        except HubRefused as refusal:
            return self._refused([item], refusal)
        self.failures = 0
        outbox.take([result], now=self.clock.now())
        return 1

    def _step(self, item: OutboxItem) -> Result:
        payload, id = item.record.payload, str(item.record_id)
        movement, reason = str(payload["movement"]), str(payload.get("reason", ""))
        if item.record.operation == Operation.WITHDRAW.value:
            return self.hub.withdraw(movement, id=id, reason=reason)
        decision = "confirm" if item.record.operation == Operation.CONFIRM.value else "refuse"
        return self.hub.confirm(movement, id=id, decision=decision, reason=reason)  # type: ignore[arg-type]

    def _refused(self, items: Sequence[OutboxItem], refusal: HubRefused) -> int:
        """The whole request was refused: for now, for all, or because of one of them, which is then found alone."""
        if refusal.for_now:
            return self._later(items, refusal.message, at_least=refusal.retry_after or 0.0)
        self.failures = 0
        if len(items) > 1:
            return self._one_by_one(items)
        fix = fix_of_refusal(refusal.status, refusal.finding_codes)
        outbox.bury(items[0], now=self.clock.now(), cause=refusal.message, fix=fix)
        return 1

    def _one_by_one(self, items: Sequence[OutboxItem]) -> int:
        """Each alone, up to the first that is put off: what comes after it is not to overtake it."""
        done = 0
        for item in items:
            answered = self._submit([item])
            if not answered:
                break
            done += answered
        return done

    def _later(self, items: Sequence[OutboxItem], cause: str, *, at_least: float = 0.0) -> int:
        self.failures += 1
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.failures, ENOUGH))
        wait = max(at_least, ceiling / 2 + ceiling * secrets.randbelow(501) / 1000)
        outbox.put_off(items, now=self.clock.now(), seconds=wait, cause=cause)
        return 0

    def follow_mandates(self) -> None:
        """Take over how the hub says that the mandates stand; where it does not answer, at the next time."""
        try:
            follow_hub(list(self.hub.mandates()))
        except (HubRefused, HubUnreachable) as failure:
            log.warning("mandates: %s", failure)


def fitting(items: Sequence[OutboxItem]) -> Iterator[list[OutboxItem]]:
    """Items in their order, in as many requests as the hub's limit of size asks for; one over it goes alone."""
    run: list[OutboxItem] = []
    size = 0
    for item in items:
        own = len(canonical(item.record.item())) + 1
        if run and size + own > MOST_BYTES:
            yield run
            run, size = [], 0
        run.append(item)
        size += own
    if run:
        yield run


def run(told: threading.Event, *, clock: Clock | None = None) -> None:
    """Send until told to end. One at a time in a database: another one waits for its turn."""
    with alone("node.sender", told), Waker(SEND) as waker:
        sender: Sender | None = None
        looked = -MANDATES_EVERY
        while not told.is_set():
            try:
                sender = sender or Sender(open_hub(clock=clock), clock=clock)
                if time.monotonic() - looked >= MANDATES_EVERY:
                    looked = time.monotonic()
                    sender.follow_mandates()
                if sender.round() == 0:
                    waker.wait(0.2 if sender.failures else IDLE, told)
            except (CredentialsRefused, KeyRefused) as refused:
                log.error("%s", refused)
                told.wait(IDLE)
            except OperationalError as away:
                log.warning("database: %s", away)
                connection.close()
                told.wait(1.0)
