"""A run that the platform follows (`--attempt`): told to the call as it goes, and ended with its report.

It stands where the local page does, and writes in the hub's database: the page of the attempt reads it there.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from veta.calls.domain.running import SAID
from veta.calls.services import runs
from veta.calls.services.clock import call_now
from veta.conformance.candidate import Target
from veta.conformance.catalogue import suite_digest
from veta.conformance.domain.scenario import Scenario

LOOK_EVERY = 0.5


class Recorded:
    """The attempt of a call that a run is of. Raises CAL-001 where there is none under that id."""

    def __init__(self, attempt: UUID) -> None:
        self.standing = runs.find(attempt)

    @property
    def round(self) -> int:
        """The round that it is of."""
        return self.standing.run.round

    @property
    def number(self) -> str:
        """The number that its report carries."""
        return str(self.standing.run.id)

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
        """Ask on the attempt's page, and wait until somebody who may answers there."""
        asked = runs.ask(self.standing, prompt)
        while (answer := runs.answer_of(self.standing, asked)) is None:
            time.sleep(LOOK_EVERY)
        return answer

    def end(self, report: Mapping[str, Any]) -> None:
        """Hand in the report: the attempt waits for a person of the team who had no hand in it.

        Raises CAL-032 for a report that is not of what began: the run stays open.
        """
        runs.end(self.standing, orjson.dumps(report), now=call_now())
