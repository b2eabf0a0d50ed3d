"""The month's book: what each operator sends, in which round, and what the hub must answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Decision = Literal["confirm", "refuse", "withdraw"]
# What a decision makes of the movement that waited for it.
OUTCOMES: Mapping[Decision, str] = {"confirm": "accepted", "refuse": "refused", "withdraw": "withdrawn"}
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """A movement as it is sent and the status its verdict must have: `accepted`, or `pending` until answered."""

    body: Mapping[str, Any]
    expected: Literal["accepted", "pending"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What ends a pending movement: the operator of the party that answers, and its decision."""

    operator: str
    movement: UUID
    decision: Decision


@dataclass(slots=True)
class Round:
    """What is sent at one time: movements by operator, in order; then the answers to what waits."""

    sent: dict[str, list[Planned]] = field(default_factory=lambda: defaultdict(list))
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """Rounds in order: each rests on what the one before left in the hub."""

    rounds: list[Round] = field(default_factory=lambda: [Round() for _ in range(ROUNDS)])

    def add(self, round: int, operator: str, body: Mapping[str, Any], *, waits: bool = False) -> None:
        self.rounds[round].sent[operator].append(Planned(body, "pending" if waits else "accepted"))

    def answer(self, round: int, operator: str, movement: UUID, decision: Decision) -> None:
        self.rounds[round].answers.append(Answer(operator, movement, decision))

    def movements(self) -> Iterator[Planned]:
        for each in self.rounds:
            for planned in each.sent.values():
                yield from planned

    @property
    def size(self) -> int:
        """How many movements and answers it holds."""
        return sum(1 for _ in self.movements()) + sum(len(each.answers) for each in self.rounds)
