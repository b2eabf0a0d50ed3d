"""A run of the test format as it goes: lines that are only added, each with the hash of the one before.

The call's own history has the run's beginning and end, and with its end the hash of its last line.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.report import Result, result_of
from veta.kernel.canonical_json import canonical

START = bytes(32)
_SCHEME = b"veta-call-run-line-v1\n"
# What was done or is to be done; what is asked of who is present, the answer, and that the authority saw what the firm
# answered; a scenario that ended.
SAID, ASKED, ANSWERED, AFFIRMED, DONE = "said", "asked", "answered", "affirmed", "done"
FIRM, AUTHORITY = "firm", "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a run. `by`: the account that answered; empty for what the machine wrote."""

    run: UUID
    place: int
    kind: str
    by: str
    at: datetime
    data: Mapping[str, Any]
    previous: bytes
    hash: bytes

    def written(self) -> dict[str, Any]:
        """As the file for a court has it."""
        return {
            "place": self.place, "kind": self.kind, "by": self.by, "at": self.at.isoformat(), "data": dict(self.data),
            "previous": self.previous.hex(), "hash": self.hash.hex(),
        }  # fmt: skip


def line_of(run: UUID, given: Mapping[str, Any]) -> Line:
    """A line of that file. Raises KeyError or ValueError where it is none."""
    return Line(
        run=run, place=given["place"], kind=given["kind"], by=given["by"], at=datetime.fromisoformat(given["at"]),
        data=given["data"], previous=bytes.fromhex(given["previous"]), hash=bytes.fromhex(given["hash"]),
    )  # fmt: skip


def hash_of(
    *, run: UUID, place: int, kind: str, by: str, at: datetime, data: Mapping[str, Any], previous: bytes
) -> bytes:
    """SHA-256 of the scheme, the hash before, and the RFC 8785 form of everything the line says."""
    said = {
        "run": str(run), "place": place, "kind": kind, "by": by,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"), "data": dict(data),
    }  # fmt: skip
    return hashlib.sha256(_SCHEME + previous + canonical(said)).digest()


def breaks(run: UUID, lines: Sequence[Line], *, head: str, count: int) -> list[str]:
    """What is wrong with the lines of a run that ended with so many and that last hash: the first place only."""
    previous = START
    for place, line in enumerate(lines, 1):
        made = hash_of(
            run=run, place=line.place, kind=line.kind, by=line.by, at=line.at, data=line.data, previous=line.previous
        )
        if (line.place, line.previous, line.hash) != (place, previous, made):
            return [f"prueba {run}, línea {place}: falta, o su contenido cambió"]
        previous = line.hash
    if (len(lines), previous.hex()) != (count, head):
        return [f"prueba {run}: faltan líneas al final, o sobran"]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question to who is present. `text`: what counts, by the account `by` of the authority's team.

    `declared`: what the firm had said before, or None; it counts because the authority affirmed it, or gave way to what
    the authority saw.
    """

    asked: str
    text: str
    by: str
    declared: str | None = None
    affirmed: bool = False

    def as_json(self) -> dict[str, Any]:
        """As a report has it: sides, and no accounts."""
        side = FIRM if self.affirmed else AUTHORITY
        return {
            "asked": self.asked, "said": self.text, "side": side, "affirmed": self.affirmed, "declared": self.declared,
        }  # fmt: skip


@dataclass(slots=True)
class Asking:
    """A question while it goes: what is asked, and what the firm declared that nobody of the authority affirmed yet."""

    question: Line | None = None
    declared: Line | None = None

    def after(self, line: Line) -> Answer | None:
        """What a line settles, if it does: the authority's answer, or its affirming of the firm's."""
        if line.kind == ASKED:
            self.question, self.declared = line, None
        if line.kind == ANSWERED and side_of(line) == FIRM:
            self.declared = line
        elif line.kind in {ANSWERED, AFFIRMED}:
            asked = str(self.question.data["text"]).strip() if self.question else ""
            declared, affirmed = self._declared, line.kind == AFFIRMED
            self.question = self.declared = None
            text = (declared or "") if affirmed else str(line.data["text"])
            return Answer(asked=asked, text=text, by=line.by, declared=declared, affirmed=affirmed)
        return None

    @property
    def _declared(self) -> str | None:
        return None if self.declared is None else str(self.declared.data["text"])


def side_of(line: Line) -> str:
    """Whose an answer is: a line that does not say so names an account of the team by its address."""
    return str(line.data.get("side") or (AUTHORITY if "@" in line.by else FIRM))


def answers_of(lines: Iterable[Line]) -> list[Answer]:
    """What was settled of what was asked, in order."""
    asking = Asking()
    return [answer for line in lines if (answer := asking.after(line)) is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the lines of a run come to at its end: the last one's hash, how many there are, the accounts that wrote any,
    the result of each scenario in order, the answers, and how many of the firm's nobody of the authority affirmed."""

    head: str
    lines: int
    hands: frozenset[str]
    results: tuple[Result, ...]
    answers: tuple[Mapping[str, Any], ...]
    unaffirmed: int


def told_by(lines: Sequence[Line]) -> Told:
    """The same, by the lines in order; of a scenario that ended, `id`, `passed`, `evidence` and `untried`
    are read."""
    answers = answers_of(lines)
    declared = sum(line.kind == ANSWERED and side_of(line) == FIRM for line in lines)
    return Told(
        head=(lines[-1].hash if lines else START).hex(), lines=len(lines),
        hands=frozenset(line.by for line in lines if line.by),
        results=tuple(result_of(line.data) for line in lines if line.kind == DONE),
        answers=tuple(each.as_json() for each in answers),
        unaffirmed=declared - sum(each.declared is not None for each in answers),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. `done`: by id, whether each scenario that ended passed.

    `untried`: those of them that were not tried; `said`: the lines of the scenario that is being run, and what was
    answered in it; `question`: the place and the words of what is asked and not settled yet; `declared`: the same of
    what the firm answered to it.
    """

    done: Mapping[str, bool] = field(default_factory=dict)
    untried: frozenset[str] = frozenset()
    said: tuple[str | Answer, ...] = ()
    question: tuple[int, str] | None = None
    declared: tuple[int, str] | None = None


def progress_of(lines: Sequence[Line]) -> Progress:
    """How far a run is by its lines, in order; of a scenario that ended, `id` and `passed` are read."""
    done: dict[str, bool] = {}
    untried: set[str] = set()
    said: list[str | Answer] = []
    asking = Asking()
    for line in lines:
        answer = asking.after(line)
        if answer is not None:
            said.append(answer)
        elif line.kind == DONE:
            done[str(line.data["id"])] = bool(line.data["passed"])
            untried |= {str(line.data["id"])} if line.data.get("untried") else set()
            said.clear()
        elif line.kind == SAID:
            said.append(str(line.data["text"]).strip())
    question, declared = (_placed(each) for each in (asking.question, asking.declared))
    return Progress(done=done, untried=frozenset(untried), said=tuple(said), question=question, declared=declared)


def _placed(line: Line | None) -> tuple[int, str] | None:
    return None if line is None else (line.place, str(line.data["text"]).strip())
