"""How a scenario went: each check with what it found, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from veta.calls.domain.running import Answer
from veta.conformance.domain.checks import Fault
from veta.conformance.domain.evidence import Evidence
from veta.conformance.domain.scenario import Check, Scenario


@dataclass(frozen=True, slots=True)
class Judged:
    """A check and what it found wrong: nothing, where it passed."""

    check: Check
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario that was run. `started` as in the evidence; `trouble`: why it was not done to its end, or empty;
    `untried`: why it was not tried at all, or empty, and then it neither passed nor failed; `answers`: of who was
    present, in a run that the call follows."""

    scenario: Scenario
    began_at: datetime
    started: float
    took: float
    judged: tuple[Judged, ...]
    evidence: Evidence = field(repr=False)
    trouble: str = ""
    answers: tuple[Answer, ...] = ()
    untried: str = ""

    @property
    def passed(self) -> bool:
        return not self.trouble and not self.untried and all(each.passed for each in self.judged)

    @property
    def faults(self) -> Iterator[str]:
        """What is wrong, in words."""
        if self.trouble:
            yield self.trouble
        for each in self.judged:
            for fault in each.faults:
                yield f"{each.check.name}: {fault.said}"
