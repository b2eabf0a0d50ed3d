"""What the suite's report says of itself; what it found stays in the report, which is kept whole under its hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "veta-conformance-report-v1"
# What of a run is fixed as it begins, and how a person calls it.
BEGUN: Mapping[str, str] = {
    "candidate": "el sistema", "version": "su versión", "operator": "el operador", "seed": "la semilla",
    "suite": "la huella del formato", "scenarios": "la lista de escenarios",
}  # fmt: skip

# Of a scenario that ended: its id, whether it passed, and the hash of its evidence.
Result = tuple[str, bool, str]


@dataclass(frozen=True, slots=True)
class Said:
    """The round that a report is of (0: the candidate's own test) and how many of its scenarios passed.

    `attempt`: the number of the run that the platform followed, or empty; `begun`: what it says of each thing of
    `BEGUN`; `results`: of its scenarios, in order; `answers`: of who was present, as `Answer.as_json` has them.
    """

    round: int
    passed: int
    of: int
    attempt: str = ""
    begun: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    answers: tuple[Any, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.passed} de {self.of}"

    @property
    def adds_up(self) -> bool:
        """Whether its figures are those of its scenarios."""
        return (self.passed, self.of) == (sum(passed for _id, passed, _evidence in self.results), len(self.results))


def said_by(content: bytes) -> Said | None:
    """What a report of the suite says; None for one that was made by other means."""
    file = json.loads(content)
    if file.get("schema") != SCHEMA:
        return None
    counts = [file.get(name) for name in ("round", "passed", "of")]
    if not all(isinstance(each, int) and each >= 0 for each in counts):
        return None
    scenarios = _objects(file.get("scenarios"))
    begun = {name: file.get(name) for name in BEGUN} | {"scenarios": [each.get("id") for each in scenarios]}
    return Said(
        counts[0], counts[1], counts[2], attempt=str(file.get("attempt", "")), begun=begun,
        results=tuple(map(result_of, scenarios)),
        answers=tuple(answer for each in scenarios for answer in _objects(each.get("answers"))),
    )  # fmt: skip


def _objects(given: Any) -> list[dict[str, Any]]:
    """The objects of a list; none of what is no list, for a report comes from outside."""
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def result_of(scenario: Mapping[str, Any]) -> Result:
    """The result of a scenario, as a report or a line of a run has it."""
    return str(scenario.get("id")), scenario.get("passed") is True, str(scenario.get("evidence"))
