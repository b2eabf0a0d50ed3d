"""An application as the history leaves it: its dossiers, verdicts, cures, observations and tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.document import Document, document_of

MEETS, FAILS, CURE = "meets", "fails", "cure"
VERDICTS: Mapping[str, str] = {MEETS: "Cumple", FAILS: "No cumple", CURE: "Por subsanar"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an item got: by whom, seconded by whom (empty while it is only proposed), why and under which norm."""

    verdict: str
    reason: str
    norm: str
    proposed_by: str
    at: datetime
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class Cure:
    """What was asked to be cured, and what answered it: once, within the term.

    `until`: the first instant that is out where the authority asked after its day; None where the timetable says it.
    """

    text: str
    asked_at: datetime
    until: datetime | None = None
    answered_at: datetime | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement in one application. `seen`: the place of the last event about its verdict, so that of two who save
    at once the second is told."""

    code: str
    documents: tuple[Document, ...] = ()
    proposed: Verdict | None = None
    verdicts: tuple[Verdict, ...] = ()
    cure: Cure | None = None
    seen: int = 0

    @property
    def verdict(self) -> Verdict | None:
        """The one in force: the last that two persons gave."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def uncured(self) -> bool:
        return self.cure is not None and self.cure.answered_at is None

    @property
    def cured_unreviewed(self) -> bool:
        """Cured, and nobody gave the verdict that follows."""
        answered = self.cure.answered_at if self.cure else None
        return answered is not None and (self.verdict is None or self.verdict.at < answered)


@dataclass(frozen=True, slots=True)
class Observation:
    """What an applicant observed of a list, and its answer."""

    id: str
    on: str
    text: str
    at: datetime
    item: str = ""
    answer: str = ""
    upheld: bool = False
    answered_at: datetime | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run of the test format in a round: its report's hash, who was there, and what two persons found.

    `hands`: of one that the platform followed, the accounts that opened it, answered or affirmed in it.
    """

    round: int
    number: int
    passed: bool
    report: str
    proposed_by: str
    at: datetime
    present: str
    said: str = ""  # how many scenarios passed, by the suite's report
    hands: tuple[str, ...] = ()
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of the test format that the platform follows while it goes. `about`: what the machine said as it began;
    `head`: the hash of its last line, once it ended or was dropped (`reason`); `report`: its report's hash,
    once it ended."""

    id: UUID
    round: int
    number: int
    present: str
    opened_by: str
    opened_at: datetime
    began_at: datetime | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    head: str = ""
    lines: int = 0
    reason: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One firm in one call. `owner`: the account that acts for it; `steps`: each transition with its hour."""

    id: UUID
    owner: str
    firm: str
    nit: str
    registered_at: datetime
    state: str = "borrador"
    items: Mapping[str, Item] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    submitted_at: datetime | None = None
    conflicts: Mapping[str, bool] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()
    delivered: Mapping[str, Any] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    pending_attempt: Attempt | None = None
    runs: tuple[Run, ...] = ()
    enablement: Mapping[str, Any] = field(default_factory=dict)
    pending_act: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Mapping[str, Any], ...] = ()
    appeals: tuple[Mapping[str, Any], ...] = ()
    acts: tuple[Mapping[str, Any], ...] = ()  # those over this firm that two persons made
    keys: tuple[str, ...] = ()  # that the firm handed in once it was an operator
    steps: tuple[tuple[str, str, datetime], ...] = ()
    brought: int = 0  # bytes of every document that ever entered

    def item(self, code: str) -> Item:
        return self.items.get(code, Item(code))

    def with_item(self, item: Item) -> "Application":
        return replace(self, items={**self.items, item.code: item})

    def documents(self) -> Iterator[Document]:
        """Every document that the dossiers hold, and what came with cures, observations and appeals."""
        for item in self.items.values():
            yield from (*item.documents, *(item.cure.documents if item.cure else ()))
        for seen in self.observations:
            yield from seen.documents
        for appeal in self.appeals:
            yield from (document_of(each) for each in appeal.get("documents", ()))

    def reports(self) -> tuple[str, ...]:
        """The SHA-256 of the report of each run, the one that waits and those that were followed among them."""
        runs = (*self.attempts, self.pending_attempt) if self.pending_attempt else self.attempts
        followed = (run.report for run in self.runs if run.report)
        return tuple(dict.fromkeys((*(run.report for run in runs), *followed)))

    def to_cure(self) -> tuple[str, ...]:
        """The items asked to be cured and not answered yet."""
        return tuple(code for code, item in sorted(self.items.items()) if item.uncured)

    @property
    def before(self) -> str:
        """The state that it had before this one; empty where there was none."""
        return self.steps[-2][1] if len(self.steps) > 1 else ""

    @property
    def open_appeal(self) -> Mapping[str, Any] | None:
        """The appeal that nobody decided yet: there is one at most."""
        return next((each for each in self.appeals if "upheld" not in each), None)

    def term_over(self, today: date) -> bool:
        """Whether the last day of its enablement has passed and no act has ended it yet."""
        until = str(self.enablement.get("until", ""))
        return bool(until) and self.state in {"habilitado", "suspendido"} and today.isoformat() > until

    @property
    def open_run(self) -> Run | None:
        """The run that neither ended nor was dropped: there is one at most."""
        return next((run for run in self.runs if run.ended_at is None), None)

    def used_attempts(self, round: int) -> int:
        return sum(attempt.round == round for attempt in self.attempts)
