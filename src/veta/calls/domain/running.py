"""A run of the test format as it goes: lines that are only added, each with the hash of the one before.

The call's own history has the run's beginning and end, and with its end the hash of its last line.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.report import Result, result_of
from veta.kernel.canonical_json import canonical

START = bytes(32)
_SCHEME = b"veta-call-run-line-v1\n"
# What was done or is to be done; what is asked of who is present, and the answer; a scenario that ended.
SAID, ASKED, ANSWERED, DONE = "said", "asked", "answered", "done"


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
class Told:
    """What the lines of a run come to at its end: the last one's hash, how many there are, the accounts that wrote any,
    and the result of each scenario in order."""

    head: str
    lines: int
    hands: frozenset[str]
    results: tuple[Result, ...]


def told_by(lines: Sequence[Line]) -> Told:
    """The same, by the lines in order; of a scenario that ended, `id`, `passed` and `evidence` are read."""
    return Told(
        head=(lines[-1].hash if lines else START).hex(), lines=len(lines),
        hands=frozenset(line.by for line in lines if line.by),
        results=tuple(result_of(line.data) for line in lines if line.kind == DONE),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. `done`: by id, whether each scenario that ended passed.

    `said`: the lines of the scenario that is being run, each with the account that answered it, or nothing; `question`:
    the place and the words of what is asked and nobody answered yet.
    """

    done: Mapping[str, bool] = field(default_factory=dict)
    said: tuple[tuple[str, str], ...] = ()
    question: tuple[int, str] | None = None


def progress_of(lines: Sequence[Line]) -> Progress:
    """How far a run is by its lines, in order; of a scenario that ended, `id` and `passed` are read."""
    done: dict[str, bool] = {}
    said: list[tuple[str, str]] = []
    question: tuple[int, str] | None = None
    for line in lines:
        match line.kind:
            case "done":
                done[str(line.data["id"])] = bool(line.data["passed"])
                said.clear()
            case "asked":
                question = (line.place, str(line.data["text"]).strip())
            case "answered":
                said.append((f"{question[1] if question else ''} {line.data['text']}".strip(), line.by))
                question = None
            case _:
                said.append((str(line.data["text"]).strip(), ""))
    return Progress(done=done, said=tuple(said), question=question)
