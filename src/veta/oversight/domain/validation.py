"""The validation case: opened by a title's code, ended by an outcome with its reason, superseded by a new plan.

The process is the concept's own (ANM, 6 August 2025): a concrete case goes, with the title's code, to the office that
oversees it, which says what mineral the plan covers; then the plan is modified, corrected or updated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, get_args
from uuid import UUID

from veta.registry.domain import PlanVersion

NORM = "Concepto ANM del 6 de agosto de 2025, respuestas 1.1 y 2; Resolución ANM 100 de 2020"
Opener = Literal["holder", "insurer", "officer"]
Outcome = Literal["clear", "clarify", "modify", "correct", "update", "requirement"]
Kind = Literal["opened", "joined", "decided", "proposed", "approved", "declined"]
State = Literal["open", "proposed", "decided", "superseded"]
OPENERS: tuple[Opener, ...] = get_args(Opener)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
KINDS: tuple[Kind, ...] = get_args(Kind)
# What leaves the plan as it is, and what asks the holder for a new one.
CHANGES_PLAN: frozenset[Outcome] = frozenset({"modify", "correct", "update", "requirement"})
FOLLOWS: Mapping[State, frozenset[Kind]] = MappingProxyType(
    {
        "open": frozenset({"joined", "decided", "proposed"}),
        "proposed": frozenset({"joined", "approved", "declined"}),
        "decided": frozenset(),
        "superseded": frozenset(),
    }
)
_STATE_OF: Mapping[Kind, State] = MappingProxyType(
    {"opened": "open", "decided": "decided", "proposed": "proposed", "approved": "decided", "declined": "open"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A step. `opener` and `actor` say who asked; `snapshot` is what the records said that day (None where unneeded).

    `required_from`: the day from which the types behind a heading are required (a requirement's alone).
    """

    kind: Kind
    occurred_on: date
    by: str
    recorded_at: datetime
    opener: Opener | None = None
    actor: UUID | None = None
    reason: str = ""
    outcome: Outcome | None = None
    act: str = ""
    required_from: date | None = None
    quotation: str = ""
    snapshot: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ValidationCase:
    """A title's validation with its steps, in order. `code` is what who asked follows it by."""

    id: UUID
    code: str
    title_code: str
    events: tuple[Event, ...]

    @property
    def ended(self) -> Event | None:
        """The step that gave the outcome, None while there is none."""
        return next((event for event in self.events if event.kind in ("decided", "approved")), None)

    @property
    def proposed(self) -> Event | None:
        """The requirement that waits for a second person."""
        last = self._last()
        return last if last.kind == "proposed" else None

    def state(self, plans: Iterable[PlanVersion] = ()) -> State:
        """Where it stands, given the title's plans."""
        state = _STATE_OF[self._last().kind]
        return "superseded" if state == "decided" and self.superseding(plans) else state

    def superseding(self, plans: Iterable[PlanVersion]) -> PlanVersion | None:
        """The first plan approved since an outcome that asked for one: it holds from its act's date."""
        ended = self.ended
        if ended is None or ended.outcome not in CHANGES_PLAN:
            return None
        later = [plan for plan in plans if plan.approved_on >= ended.occurred_on]
        return min(later, key=lambda plan: (plan.approved_on, plan.valid_from), default=None)

    def admits(self, kind: Kind) -> bool:
        """Whether a step of that kind may follow."""
        return kind in FOLLOWS[self.state()]

    def _last(self) -> Event:
        """The last step that moved it: whoever joins an open case leaves it where it is."""
        return next(event for event in reversed(self.events) if event.kind != "joined")
