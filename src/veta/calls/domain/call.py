"""A call as its history leaves it. Everything here is read by folding the events, so replaying them gives the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from veta.calls.domain.application import Application
from veta.calls.domain.document import Document
from veta.calls.domain.procedure import Procedure, procedure_on
from veta.calls.domain.refusals import refused
from veta.calls.domain.requirement import Requirement, requirement_of
from veta.calls.domain.timetable import Activity, Timetable

# The activities of a call, by what happens in them; the numbers are the timetable's rows.
INVITATION, REGISTRATION, REVIEW, PRELIMINARY, OBSERVING, ANSWERS, ASKING_CURES, CURING = 1, 2, 3, 4, 5, 6, 7, 8
CURE_REVIEW, RESULTS, LAST_OBSERVING, STAGE_RESULTS, HANDING_OVER, ROUND_1, ROUND_2, OFFICIAL = (
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
)
ROUND_ACTIVITY = {1: ROUND_1, 2: ROUND_2}


@dataclass(frozen=True, slots=True)
class Question:
    """Asked by anybody before the last day and answered: public so, never with who asked."""

    id: str
    text: str
    at: datetime
    answer: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """An act that was published: its kind, number, date and roles, its rows as they were, and their digest."""

    kind: str
    number: str
    at: datetime
    roles: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    digest: str
    place: int
    late: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that waits for its signer. `place`: its event, so that what is signed is what was read."""

    kind: str
    number: str
    digest: str
    by: str
    at: datetime
    place: int
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The whole of it. `terms`: parameters of the call (attempts of each round, limits of the indicators)."""

    id: UUID
    code: str
    title: str
    act: Mapping[str, Any]
    effective: date
    timetable: Timetable
    requirements: Mapping[str, Requirement]
    terms: Mapping[str, Any]
    opened_at: datetime | None = None
    evaluators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    applications: Mapping[UUID, Application] = field(default_factory=dict)
    services: tuple[Document, ...] = ()  # the documents of the services that are handed over
    prepared: Prepared | None = None
    published: tuple[Published, ...] = ()
    mailed: frozenset[str] = frozenset()
    last_mailed: int = 0  # place of the last mail: what came before it was told
    last: int = 0

    @property
    def procedure(self) -> Procedure:
        return procedure_on(self.effective)

    @property
    def limits(self) -> dict[str, Decimal]:
        """The limits of the financial indicators."""
        return {name: Decimal(text) for name, text in self.terms["limits"].items()}

    def attempts(self, round: int) -> int:
        """How many attempts each round admits: a parameter of the call."""
        return int(self.terms["attempts"][str(round)])

    def application(self, id: UUID) -> Application:
        """One application. Raises CAL-001 where this call has none under that id."""
        if id not in self.applications:
            raise refused("CAL-001", "No existe esa solicitud en esta convocatoria. Revise la dirección.")
        return self.applications[id]

    def act_of(self, kind: str) -> Published | None:
        """The act of that kind, the last one where there are several."""
        return next((act for act in reversed(self.published) if act.kind == kind), None)

    def has(self, kind: str) -> bool:
        return self.act_of(kind) is not None

    def of_component(self, component: str) -> tuple[Requirement, ...]:
        return tuple(self.requirements[code] for code in sorted(self.requirements) if code[0] == component[0].upper())


def timetable_of(data: Mapping[str, Any]) -> Timetable:
    """The timetable of the event that made the call."""
    rows = tuple(
        Activity(
            order=row["order"], stage=row["stage"], name=row["name"],
            opens=date.fromisoformat(row["opens"]) if row["opens"] else None,
            closes=date.fromisoformat(row["closes"]), responsible=row["responsible"],
            last_minute=time.fromisoformat(row.get("last_minute", "23:59")),
        )
        for row in data["timetable"]
    )  # fmt: skip
    return Timetable(rows, date.fromisoformat(data["questions_until"]))


def call_of(id: UUID, data: Mapping[str, Any]) -> Call:
    """The call that its first event makes."""
    requirements = [requirement_of(each) for each in data["requirements"]]
    return Call(
        id=id, code=data["code"], title=data["title"], act=data["act"],
        effective=date.fromisoformat(data["effective"]), timetable=timetable_of(data),
        requirements={each.code: each for each in requirements}, terms=data["terms"],
    )  # fmt: skip
