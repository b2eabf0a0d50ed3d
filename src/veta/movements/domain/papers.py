"""Certificates that an export cites: how much of each is left, and how much of it the export takes.

Who keeps certificates stands above the movements; it lends them a port here, and both are written in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from veta.movements.domain.case import Case


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A certificate of origin as read under its lock.

    `number`: as it is cited; `state`: valid, withdrawn or replaced; `left`: smallest units not used yet; `covers`: the
    lots, of those that the group exports, that are its own or were made of it.
    """

    id: UUID
    number: str
    state: str
    left: int
    covers: tuple[UUID, ...]


class Papers(Protocol):
    """What the slice of certificates does for a group, on the group's cursor, after its accounts were locked."""

    def read(self, cursor: Any, numbers: Collection[str], lots: Collection[UUID]) -> dict[str, PaperFacts]: ...
    def certified(self, cursor: Any, lots: Collection[UUID]) -> int: ...
    def use(self, cursor: Any, uses: Iterable[tuple[UUID, UUID, int]], *, at: datetime) -> None: ...
    def withdraw(self, cursor: Any, lots: Collection[UUID], *, movement: UUID) -> None: ...


_port: list[Papers] = []


def present_through(port: Papers) -> None:
    """Let groups reach the certificates; the last one given counts."""
    _port[:] = [port]


def papers() -> Papers | None:
    """The port, where a slice lent one."""
    return _port[0] if _port else None


def cited(case: Case) -> list[str]:
    """The numbers of the certificates of origin that an export names, each once, in order."""
    if case.item.kind != "export":
        return []
    return list(dict.fromkeys(e.number for e in case.item.evidence if e.type == "origin_certificate"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What an export takes of the certificates it cites: amounts by certificate; those that serve it nothing, with why;
    and the parts that are not covered whole, by their place, with what was missing."""

    uses: tuple[tuple[UUID, int], ...]
    useless: tuple[tuple[str, str], ...]
    short: tuple[tuple[int, int], ...]


def taken(case: Case) -> Taken:
    """Fill each part of the export from the certificates that cover its lot, in the order they are cited.

    A paper that is not of this system is not judged. One cited here has to be valid, with something left, and of one of
    the lots; and what it is of has to be covered whole.
    """
    known = {number: facts for number in cited(case) if (facts := case.world.papers.get(number)) is not None}
    lots = {part.lot for part in case.parts}
    useless = [(number, why) for number, facts in known.items() if (why := _useless(facts, lots)) is not None]
    left = {facts.id: facts.left for facts in known.values() if _useless(facts, lots) is None}
    uses: dict[UUID, int] = {}
    short: list[tuple[int, int]] = []
    for place, part in enumerate(case.parts):
        covering = [facts.id for facts in known.values() if facts.id in left and part.lot in facts.covers]
        missing = part.amount or 0
        for id in dict.fromkeys(covering):
            used = min(left[id], missing)
            left[id] -= used
            missing -= used
            if used:
                uses[id] = uses.get(id, 0) + used
        if covering and missing:
            short.append((place, missing))
    return Taken(tuple(uses.items()), tuple(useless), tuple(short))


def _useless(facts: PaperFacts, lots: set[UUID]) -> str | None:
    if facts.state != "valid":
        return "fue retirado o reemplazado"
    if lots.isdisjoint(facts.covers):
        return "no es de estos lotes"
    return "ya se usó por completo" if not facts.left else None
