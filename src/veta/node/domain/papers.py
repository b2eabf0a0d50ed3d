"""Which papers each kind of client brings when it joins, and why: what the norm asks, or what this operator needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from veta.node.domain.clients import ClientKind

DUR: Final = "DUR 1073 de 2015 art. 2.2.5.6.1.1.1"
SUBSISTENCE: Final = "DUR 1073 de 2015 arts. 2.2.5.6.1.1.1 y 2.2.5.6.1.1.4"
SALES: Final = "Ley 2250 de 2022 arts. 13 y 18"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its code, the norm that asks for it (empty: this operator's own need), whether it must be there."""

    code: str
    norm: str = ""
    due: bool = True


IDENTITY: Final = Paper("identity")
FIRM: Final = Paper("legal_existence", due=False)
PAPERS: Final[Mapping[ClientKind, tuple[Paper, ...]]] = {
    ClientKind.PRODUCER: (IDENTITY, FIRM, Paper("title", DUR), Paper("works_plan", DUR, due=False)),
    ClientKind.SUBSISTENCE: (IDENTITY, Paper("mayor_record", SUBSISTENCE), Paper("rut", SUBSISTENCE, due=False)),
    ClientKind.TRADER: (IDENTITY, FIRM, Paper("rucom", SALES)),
    ClientKind.PLANT: (IDENTITY, FIRM, Paper("rucom", SALES)),
    ClientKind.EXPORTER: (IDENTITY, FIRM, Paper("rucom", SALES)),
    ClientKind.CONSUMER: (IDENTITY, FIRM),
}


def due_papers(kind: ClientKind) -> frozenset[str]:
    """The codes of the papers without which a client of that kind is not taken on."""
    return frozenset(paper.code for paper in PAPERS[kind] if paper.due)
