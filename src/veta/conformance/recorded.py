"""A run that the platform follows (`--attempt`): told to the call as it goes, and ended with its report.

It stands where the local page does, and writes in the hub's database: the page of the attempt reads it there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from veta.calls.domain.running import SAID, Answer
from veta.calls.services import runs
from veta.calls.services.clock import call_now
from veta.conformance.candidate import Target
from veta.conformance.catalogue import suite_digest
from veta.conformance.domain.outcome import Outcome
from veta.conformance.domain.scenario import Scenario

LOOK_EVERY = 0.5


class Recorded:
    """The attempt of a call that a run is of. Raises CAL-001 where there is none under that id.

    `pause`: waits so many seconds before it looks again for an answer.
    """

    def __init__(self, attempt: UUID, *, pause: Callable[[float], object] = time.sleep) -> None:
        self.standing = runs.find(attempt)
        self._pause = pause
        self._answers: list[Answer] = []

    @property
    def about(self) -> dict[str, Any]:
        """What its report says of it: its round, its number, who of the firm is there."""
        run = self.standing.run
        return {"round": run.round, "attempt": str(run.id), "present": run.present}

    def begin(self, target: Target, scenarios: Sequence[Scenario], *, seed: int) -> None:
        """Say what is run, against whom. Raises CAL-025 where it began before or ended, CAL-003, CallLate."""
        about = {
            "candidate": target.name, "version": target.version, "operator": target.code, "seed": seed,
            "suite": suite_digest(), "scenarios": [each.id for each in scenarios],
        }  # fmt: skip
        runs.begin(self.standing, about, now=call_now())

    def say(self, line: str) -> None:
        """A line of the scenario that is being run."""
        runs.add(self.standing, SAID, {"text": line})

    def done(self, scenario: Mapping[str, Any]) -> None:
        """A scenario has ended, as the report tells it."""
        runs.add_scenario(self.standing, scenario)

    def ask(self, prompt: str) -> str:
        """Ask on the attempt's page, until one of the team answers there, or affirms what the firm declared."""
        asked = runs.ask(self.standing, prompt)
        while (answer := runs.answer_of(self.standing, asked)) is None:
            self._pause(LOOK_EVERY)
        self._answers.append(answer)
        return answer.text

    def with_answers(self, outcome: Outcome) -> Outcome:
        """The outcome of the scenario that just ended, with what was answered in it."""
        heard, self._answers = tuple(self._answers), []
        return replace(outcome, answers=heard)

    def end(self, report: Mapping[str, Any]) -> None:
        """Hand in the report: the attempt waits for a person of the team who had no hand in it.

        Raises CAL-032 for a report that is not of what began: the run stays open.
        """
        runs.end(self.standing, orjson.dumps(report), now=call_now())
