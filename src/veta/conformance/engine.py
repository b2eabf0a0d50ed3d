"""Runs scenarios against a candidate, one after the other, and judges each by what passed and what the hub wrote."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

from veta.conformance.candidate import Driver, Hands, Target, Unable
from veta.conformance.catalogue import suite_digest
from veta.conformance.domain.checks import CHECKS
from veta.conformance.domain.evidence import Evidence, Moment
from veta.conformance.domain.outcome import Judged, Outcome
from veta.conformance.domain.report import About, report_of
from veta.conformance.domain.scenario import Check, Scenario
from veta.conformance.domain.world import draw_world
from veta.conformance.observer import Observer
from veta.conformance.run import Run
from veta.conformance.sandbox import Sandbox
from veta.conformance.steps import STEPS
from veta.kernel.errors import DomainError

Say = Callable[[str], None]

# What a candidate says in another shape than was asked fails its scenario, and never the run.
UNTRIED = "necesita puerto automático"
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass
class Trial:
    """A candidate before its observer and the suite's hub."""

    target: Target
    hands: Hands
    observer: Observer
    sandbox: Sandbox
    operator: str
    seed: int

    @property
    def label(self) -> str:
        """Tells this candidate's papers and parties from another's: of its code and the seed, to come again."""
        return hashlib.sha256(f"{self.seed} {self.target.code}".encode()).hexdigest()[:6].upper()

    def run(self, scenarios: Iterable[Scenario], *, say: Say = lambda _: None) -> list[Outcome]:
        """Run them in order; `say` is told of each one's beginning and each step."""
        return [self.run_one(each, say=say) for each in scenarios]

    def report(
        self, outcomes: Sequence[Outcome], *, round: int = 0, attempt: str = "", present: str = ""
    ) -> dict[str, Any]:
        """The report of what was run; `round` 0 is a self-test, the others as in `About`."""
        began = min((each.began_at for each in outcomes), default=datetime.now(UTC))
        of = self.target
        about = About(of.name, of.version, of.code, self.seed, suite_digest(), began, round, attempt, present)
        return report_of(about, outcomes)

    def run_one(self, scenario: Scenario, *, say: Say = lambda _: None) -> Outcome:
        """Make the world, do the steps, and judge; what a step could not do is the outcome's trouble.

        What needs an automatic port is asked of no person: where the candidate has none for it, it is not tried.
        """
        began, started, trouble = datetime.now(UTC), time.monotonic(), ""
        say(f"{scenario.id} {scenario.title}")
        if scenario.automatic and not isinstance(self.hands, Driver):
            return Outcome(scenario, began, started, 0.0, (), Evidence(), untried=UNTRIED)
        run = self._opened(scenario)
        untried = ""
        try:
            self._start(run)
            for number, step in enumerate(scenario.steps, 1):
                run.current = step
                said = STEPS[step.do](run, **step.given)
                run.evidence.moments.append(Moment(time.monotonic(), number, said))
                if step.named:
                    run.evidence.named[step.named] = time.monotonic()
                say(f"  {number}. {said}")
        except Unable as refusal:
            trouble = str(refusal)
            if scenario.automatic and isinstance(self.hands, Driver) and self.hands.person is not None:
                trouble, untried = "", UNTRIED
        except DomainError as refusal:
            trouble = str(refusal)
        except UNREADABLE as failure:
            trouble = f"Lo que dijo el candidato no se pudo leer ({type(failure).__name__})."
        finally:
            self.observer.set_switch(None)
        self._gather(run)
        judged: tuple[Judged, ...] = ()
        try:
            judged = () if trouble or untried else tuple(judge(run.evidence, check) for check in scenario.checks)
        except UNREADABLE as failure:
            trouble = f"Lo que hizo el candidato no se pudo leer ({type(failure).__name__})."
        took = time.monotonic() - started
        return Outcome(scenario, began, started, took, judged, run.evidence.kept(), trouble, untried=untried)

    def _opened(self, scenario: Scenario) -> Run:
        world = draw_world(scenario, seed=self.seed, run=self.label)
        actors = self.sandbox.office.ask(
            "world", parties={name: party.as_asked() for name, party in world.items()}, operator=self.operator,
            other=self.sandbox.other.id,
        )  # fmt: skip
        run = Run(
            scenario, self.target, self._hands(scenario), self.observer, self.sandbox, self.operator, self.label, world,
            actors, first=len(self.observer.exchanges),
        )  # fmt: skip
        run.evidence.parties.update({name: {**party.document, "called": party.called} for name, party in world.items()})
        run.evidence.keys["first"] = next(iter(self.observer.keys), "")
        return run

    def _hands(self, scenario: Scenario) -> Hands:
        return self.hands.alone() if scenario.automatic and isinstance(self.hands, Driver) else self.hands

    def _start(self, run: Run) -> None:
        clients = [
            {
                "name": name, "called": party.called, "kind": party.kind.value, "party": dict(party.document),
                "mandate": run.actors[name]["mandate"], "municipality": "05001",
            }
            for name, party in run.world.items() if party.ours or party.shared
        ]  # fmt: skip
        run.ask(
            "start",
            {"scenario": run.scenario.id, "hub": self.observer.url, "origin": self.sandbox.origin, "clients": clients},
        )

    def _gather(self, run: Run) -> None:
        evidence = run.evidence
        evidence.exchanges = list(run.exchanges)
        ids = {str(item.get("id")) for exchange in evidence.exchanges for item in exchange.items if _is_id(item)}
        evidence.ledger = self.sandbox.office.ask("ledger", ids=sorted(ids)) if ids else {}


def judge(evidence: Evidence, check: Check) -> Judged:
    """One check over the evidence; names and patterns in `of` are what was captured or sent under them."""
    given = dict(check.given)
    if "of" in given:
        given["of"] = _names(evidence, given["of"])
    return Judged(check, tuple(CHECKS[check.name](evidence, **given)))


def _names(evidence: Evidence, patterns: Sequence[str]) -> list[str]:
    notices = (notice.name for notice in evidence.notices)
    known = dict.fromkeys([*evidence.captured, *notices, *evidence.outcomes])
    return [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _is_id(item: Mapping[str, object]) -> bool:
    try:
        UUID(str(item["id"]))
    except (KeyError, ValueError):
        return False
    return True
