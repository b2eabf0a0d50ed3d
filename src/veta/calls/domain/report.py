"""What the suite's report says of itself; what it found stays in the report, which is kept whole under its hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMAS = ("veta-conformance-report-v1", "veta-conformance-report-v2")
# What of a run is fixed as it begins, and how a person calls it.
BEGUN: Mapping[str, str] = {
    "candidate": "el sistema", "version": "su versión", "operator": "el operador", "seed": "la semilla",
    "suite": "la huella del formato", "scenarios": "la lista de escenarios",
}  # fmt: skip

# Of a scenario that ended: its id, whether it passed, the hash of its evidence, and whether it was not tried.
Result = tuple[str, bool, str, bool]


@dataclass(frozen=True, slots=True)
class Said:
    """The round that a report is of (0: the candidate's own test), how many of its scenarios passed, of how many tried.

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
    untried: int = 0

    @property
    def shown(self) -> str:
        """As the two persons who confirm read it."""
        more = f"; {self.untried} sin probar, por falta de puerto automático" if self.untried else ""
        return f"{self.passed} de {self.of}{more}"

    @property
    def adds_up(self) -> bool:
        """Whether its figures are those of its scenarios."""
        passed, untried = sum(each[1] for each in self.results), sum(each[3] for each in self.results)
        whole = (passed, len(self.results) - untried, untried)
        return (self.passed, self.of, self.untried) == whole


@dataclass(frozen=True, slots=True)
class Whole:
    """The format as it stands: its digest, the ids of all its scenarios, and of those that need an automatic port."""

    suite: str
    scenarios: frozenset[str]
    automatic: frozenset[str]

    def lacks(self, said: Said) -> str:
        """What keeps a report from being one of the whole format, in words; empty where it is one."""
        ids = [id for id, _passed, _evidence, _untried in said.results]
        if said.begun.get("suite") != self.suite:
            return "es de otra versión del formato"
        if not all(isinstance(said.begun.get(name), str) and said.begun[name] for name in ("candidate", "operator")):
            return "no dice de qué sistema ni de qué operador es"
        if not said.adds_up or len(set(ids)) != len(ids) or not set(ids) <= self.scenarios:
            return "sus cifras no son las de sus escenarios"
        if len(ids) < len(self.scenarios):
            return f"{len(ids)} de {len(self.scenarios)}: incompleto"
        untried = {id for id, _passed, _evidence, untried in said.results if untried}
        return "deja sin probar lo que no necesita puerto automático" if untried - self.automatic else ""


def said_by(content: bytes) -> Said | None:
    """What a report of the suite says; None for one that was made by other means."""
    file = json.loads(content)
    if file.get("schema") not in SCHEMAS:
        return None
    counts = [file.get("round"), file.get("passed"), file.get("of"), file.get("untried", 0)]
    if not all(isinstance(each, int) and each >= 0 for each in counts):
        return None
    scenarios = _objects(file.get("scenarios"))
    begun = {name: file.get(name) for name in BEGUN} | {"scenarios": [each.get("id") for each in scenarios]}
    return Said(
        counts[0], counts[1], counts[2], attempt=str(file.get("attempt", "")), begun=begun,
        results=tuple(map(result_of, scenarios)),
        answers=tuple(answer for each in scenarios for answer in _objects(each.get("answers"))), untried=counts[3],
    )  # fmt: skip


def _objects(given: Any) -> list[dict[str, Any]]:
    """The objects of a list; none of what is no list, for a report comes from outside."""
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def result_of(scenario: Mapping[str, Any]) -> Result:
    """The result of a scenario, as a report or a line of a run has it."""
    untried = bool(scenario.get("untried"))
    return str(scenario.get("id")), scenario.get("passed") is True, str(scenario.get("evidence")), untried
