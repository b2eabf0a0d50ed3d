"""A scenario as data: its prose for the act, the world it needs, what is done, and what must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """The parts of the test format; a scenario's folder is its group."""

    IDENTITY = "identity"
    CAPTURE = "capture"
    VERDICTS = "verdicts"
    BALANCE = "balance"
    FAILURE = "failure"
    SECURITY = "security"
    DOCUMENTS = "documents"
    DATA_PROTECTION = "data_protection"
    PERFORMANCE = "performance"


class PartyKind(StrEnum):
    """Who can be in a scenario's world. A miner is of subsistence; a producer has a title of thermal coal."""

    TRADER = "trader"
    MINER = "miner"
    PRODUCER = "producer"
    PLANT = "plant"
    EXPORTER = "exporter"


@dataclass(frozen=True, slots=True)
class PartyWanted:
    """One party of a scenario's world.

    `ours`: whether the candidate holds its mandate, else the suite's own operator does; `shared`: both do. `volume`: of
    a producer's plan, in kilograms a year; `document`: a miner's, instead of the citizen's card.
    """

    name: str
    kind: PartyKind
    called: str = ""
    ours: bool = True
    shared: bool = False
    volume: int = 1_000_000_000
    document: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done: `do` says what with which arguments, `named` names its moment, `says` is a person's."""

    do: str
    given: Mapping[str, Any]
    named: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be seen: the name of a check and its arguments."""

    name: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The whole of a scenario. `status`: how far the norm says it (ADR 0024).

    `smoke`: it stands for its group. `long`: it takes minutes, and runs only where it is asked for. `automatic`: it
    asks more than a person's hands can do, so that it is tried only through the candidate's automatic port.
    """

    id: str
    group: Group
    title: str
    tests: str
    does: str
    sees: str
    norm: str
    status: str
    smoke: bool
    world: tuple[PartyWanted, ...]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    long: bool = False
    automatic: bool = False
