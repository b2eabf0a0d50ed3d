"""Legal cases written as tables: read them, put each in its world, and decide it. Pure: no database is asked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.movements.domain.other_law import law_of
from tests.movements.domain.world_of import Names, item_of, world_of
from veta.kernel.finding import Finding
from veta.movements.domain.decide import decide
from veta.movements.domain.effects import Effects
from veta.movements.domain.frame import frame
from veta.movements.domain.reader import Unreadable

CASES = Path(__file__).parents[2] / "cases" / "movements"
ABSENT = "(ninguno)"


@dataclass(frozen=True, slots=True)
class LegalCase:
    """One row: the situation (world, report, receipt, operator), and what must come of it."""

    name: str
    rule: str | None
    vary: str | None
    situation: Mapping[str, Any]
    status: str
    findings: tuple[str, ...]
    params: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Decision:
    status: str
    findings: tuple[Finding, ...]
    effects: Effects | None

    @property
    def codes(self) -> tuple[str, ...]:
        """`QUO-001` where it blocks, `QUO-004 info` where it does not."""
        found = (f.code if f.severity == "blocking" else f"{f.code} {f.severity}" for f in self.findings)
        return tuple(sorted(found))


def judge(situation: Mapping[str, Any]) -> Decision:
    """Read the report as the API does, frame it in its world, and decide it."""
    received = datetime.fromisoformat(situation["received_at"])
    names = Names()
    world = world_of(situation["world"], names)
    try:
        item = item_of(situation["movement"], situation["world"], names, received=received)
    except Unreadable as cause:
        return Decision("unreadable", tuple(cause.findings), None)
    with law_of(situation["law"]):
        case = frame(item, operator=names.id(f"operador:{situation['operator']}"), received_at=received, world=world)
        verdict, effects = decide(case)
    return Decision(verdict.status, verdict.findings, effects)


@lru_cache(maxsize=1)
def base() -> Mapping[str, Any]:
    """The base world and its reports."""
    with (CASES / "world.toml").open("rb") as file:
        return tomllib.load(file)


BASE_REPORTS = tuple(base()["movements"])


@lru_cache(maxsize=1)
def casebook() -> tuple[LegalCase, ...]:
    """Every case of every table, in the order of the files."""
    return tuple(case for path in sorted(CASES.glob("*.toml")) if path.stem != "world" for case in _cases_of(path))


def _cases_of(path: Path) -> Iterator[LegalCase]:
    with path.open("rb") as file:
        tables = tomllib.load(file)
    for number, table in enumerate(tables.pop("limit", [])):
        for row in table.pop("cases"):
            yield _case(f"{path.stem}-{number}", table, row)
    assert not tables, f"{path.name}: unknown tables {sorted(tables)}"


def _case(place: str, table: Mapping[str, Any], row: Mapping[str, Any]) -> LegalCase:
    unknown = (table.keys() - {"rule", "title", "movement", "given", "vary"}) | (
        row.keys() - {"value", "status", "findings", "params"}
    )
    assert not unknown, f"{place}: unknown keys {sorted(unknown)}"
    situation = situation_of(table["movement"], {**table.get("given", {}), table["vary"]: row["value"]})
    shown = row["value"] if isinstance(row["value"], str | int) else repr(row["value"])
    return LegalCase(
        name=f"{place} {table['rule']} {table['title']}: {shown}",
        rule=table["rule"],
        vary=table["vary"],
        situation=situation,
        status=row["status"],
        findings=tuple(sorted(row.get("findings", ()))),
        params=row.get("params", {}),
    )


def situation_of(movement: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base world with one of its reports, changed at those dotted paths; `(ninguno)` takes a member away."""
    world = base()
    situation = {
        "world": deepcopy(world["world"]),
        "movement": deepcopy(world["movements"][movement]),
        "law": {},
        "received_at": world["received_at"],
        "operator": world["operator"],
    }
    for path, value in changes.items():
        _set(situation, path, deepcopy(value))
    return situation


def _set(situation: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    at = situation
    for step in parents:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    if isinstance(at, list):
        at[int(last)] = value
    elif value == ABSENT:
        at.pop(last, None)
    else:
        at[last] = value


def leaves(value: Any, path: str = "") -> dict[str, str]:
    """Every value of a situation by its path; a list of plain values is one."""
    if isinstance(value, Mapping):
        return {p: leaf for name, each in value.items() for p, leaf in leaves(each, f"{path}.{name}").items()}
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        return {p: leaf for n, each in enumerate(value) for p, leaf in leaves(each, f"{path}.{n}").items()}
    return {path.removeprefix("."): repr(value)}
