"""One scenario against one candidate, while it runs: its world, what was done, and the evidence that gathers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from veta.conformance.candidate import Hands, Target
from veta.conformance.domain.evidence import Evidence, Exchange, mark_of
from veta.conformance.domain.refusals import ScenarioRefused
from veta.conformance.domain.scenario import Scenario, Step
from veta.conformance.domain.world import Party
from veta.conformance.observer import Observer
from veta.conformance.prose import spoken
from veta.conformance.sandbox import Sandbox


@dataclass
class Run:
    """What a step works on. `label` tells this run's papers and parties from another's before the same hub.

    `others`: the verdicts of what another operator reported under a name.
    """

    scenario: Scenario
    target: Target
    hands: Hands
    observer: Observer
    sandbox: Sandbox
    operator: str
    label: str
    world: Mapping[str, Party]
    actors: Mapping[str, Mapping[str, str]]
    first: int
    evidence: Evidence = field(default_factory=Evidence)
    turned: int = 0
    others: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    current: Step | None = None

    @property
    def exchanges(self) -> list[Exchange]:
        """What passed since this scenario began."""
        return self.observer.exchanges[self.first :]

    @property
    def step_name(self) -> str:
        """The name of the step that is being done, where it has one."""
        return self.current.named if self.current else ""

    def mark(self, name: str) -> str:
        """The number of the paper that names a thing of this scenario."""
        return f"{self.label}-{self.scenario.id}-{name}"

    def names(self, patterns: Sequence[str]) -> list[str]:
        """The captured things that names and patterns mean, in the order of their capture."""
        return [name for name in self.evidence.captured if any(fnmatchcase(name, each) for each in patterns)]

    def ask(self, verb: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Have the candidate do something, by its driver or a person. Raises CandidateRefused."""
        own = self.current.says if self.current else ""
        return self.hands.do(verb, asked, own or spoken(verb, asked))

    def answered(self) -> set[str]:
        """The papers whose movements have a verdict that reached the candidate, by an answer or by the feed."""
        found = {mark_of(item) for each in self.exchanges if each.results for item in each.items}
        told = b"".join(each.answer for each in self.exchanges if each.path.endswith("/events"))
        lost = (item for each in self.exchanges if not each.results for item in each.items)
        return found | {mark_of(item) for item in lost if str(item.get("id")).encode() in told}

    def look(self, name: str) -> Mapping[str, Any] | None:
        """What the candidate's user is shown of a thing now: `state` and `text`; None where nothing is."""
        captured = self.evidence.captured[name]
        seen = self.ask("shown", {"client": dict(captured.client), "marks": [captured.mark]}).get("records", [])
        return next((each for each in seen if each.get("mark") == captured.mark), None)

    def resolved(self, value: Any) -> Any:
        """A value of a scenario's file: `@name` is a party of its world, `$name` the lot that a captured thing made,
        `#name` the id of its movement."""
        if isinstance(value, dict):
            return {key: self.resolved(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if isinstance(value, str) and value.startswith("@"):
            return dict(self.world[value[1:]].document)
        if isinstance(value, str) and value.startswith("$"):
            return self._lot(value[1:])
        if isinstance(value, str) and value.startswith("#"):
            return self.movement_of(value[1:])
        return value

    def movement_of(self, name: str) -> str:
        """The id at the hub of what was captured, or reported by another, under a name. Raises ScenarioRefused."""
        for verdict in self._verdicts(name):
            return str(verdict["movement"])
        raise ScenarioRefused(f"«{name}» no tiene veredicto: el paso que lo usa no puede darse.")

    def _verdicts(self, name: str) -> list[Mapping[str, Any]]:
        if name in self.others:
            return [self.others[name]]
        seen = Evidence(exchanges=self.exchanges, captured=self.evidence.captured)
        return seen.verdicts(self.evidence.captured[name].mark)

    def _lot(self, name: str) -> str:
        for verdict in self._verdicts(name):
            if verdict.get("lots"):
                return str(verdict["lots"][0]["lot"])
        raise ScenarioRefused(f"«{name}» no hizo ningún lote: el paso que lo usa no puede darse.")
