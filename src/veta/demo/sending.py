"""The month is sent: both operators at once, a round after another, batches in order and answers side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from veta.demo.links import Operators
from veta.demo.tally import Tally
from veta.demo.traffic.book import OUTCOMES, Answer, Book, Planned, Round
from veta.kernel.ids import uuid7

BATCH = 250
# Answers under way at once from each operator: the process works on eight of them, and the rest wait in its line.
WINDOW = 32
Advance = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it took, of wall clock: `batched` movements sent in batches, `single` answers sent one by one."""

    batched: int
    batched_seconds: float
    single: int
    single_seconds: float

    @property
    def overall(self) -> float:
        """Movements and answers a second, from the first request to the last answer."""
        return _rate(self.batched + self.single, self.batched_seconds + self.single_seconds)

    @property
    def in_batches(self) -> float:
        return _rate(self.batched, self.batched_seconds)

    @property
    def one_by_one(self) -> float:
        return _rate(self.single, self.single_seconds)


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds else 0.0


def send(book: Book, operators: Operators, tally: Tally, *, advance: Advance) -> Pace:
    """Send the whole book: a round's movements by both operators at once, then its answers, then the next round.

    Effects: counts every answer in `tally`; what is not as the book says becomes a difference there.
    """
    desk = _Desk(operators, tally, advance)
    spent = [0.0, 0.0]
    with ThreadPoolExecutor(len(operators.codes)) as pool:
        for each in book.rounds:
            started = time.perf_counter()
            list(pool.map(desk.movements, each.sent.keys(), each.sent.values()))
            answering = time.perf_counter()
            sheets = _by_operator(each)
            list(pool.map(desk.answers, sheets.keys(), sheets.values()))
            spent[0] += answering - started
            spent[1] += time.perf_counter() - answering
    batched = sum(1 for _ in book.movements())
    return Pace(batched, spent[0], book.size - batched, spent[1])


def _by_operator(each: Round) -> dict[str, list[Answer]]:
    sheets: dict[str, list[Answer]] = {}
    for answer in each.answers:
        sheets.setdefault(answer.operator, []).append(answer)
    return sheets


class _Desk:
    """Where a thread for each operator gives it its sheet, and counts what comes back."""

    def __init__(self, operators: Operators, tally: Tally, advance: Advance) -> None:
        self._operators, self._tally, self._advance = operators, tally, advance
        self._counting = threading.Lock()

    def movements(self, code: str, planned: Sequence[Planned]) -> None:
        """Batches in order: what a batch stands on was answered before it leaves."""
        for start in range(0, len(planned), BATCH):
            batch = planned[start : start + BATCH]
            answer = self._operators[code].ask("submit", movements=[each.body for each in batch]).result()
            with self._counting:
                self._count(batch, answer)
            self._advance(code, len(batch))

    def answers(self, code: str, answers: Sequence[Answer]) -> None:
        """One request each, several under way."""
        for start in range(0, len(answers), WINDOW):
            asked = [(answer, self._ask(code, answer)) for answer in answers[start : start + WINDOW]]
            for answer, future in asked:
                got = future.result()
                with self._counting:
                    self._count_answer(answer, got)
                self._advance(code, 1)

    def _ask(self, code: str, answer: Answer) -> Future[dict[str, Any]]:
        return self._operators[code].ask(
            "answer", movement=str(answer.movement), id=str(uuid7()), decision=answer.decision
        )

    def _count(self, batch: Sequence[Planned], answer: dict[str, Any]) -> None:
        if "results" not in answer:
            self._tally.differ(f"Lote rechazado ({answer['status']}): {answer['detail']}")
            return
        for planned, result in zip(batch, answer["results"], strict=True):
            what = f"{planned.body['kind']} {planned.body['id']}"
            self._tally.count(result, expected=planned.expected, what=what)

    def _count_answer(self, answer: Answer, got: dict[str, Any]) -> None:
        what = f"respuesta a {answer.movement}"
        if "results" in got:
            self._tally.count_answer(got["results"][0], expected=OUTCOMES[answer.decision], what=what)
        else:
            self._tally.differ(f"{what}: {got['status']} {got['detail']}")
