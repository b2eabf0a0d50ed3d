"""The scenarios that come with the suite, read and checked whole: `scenarios/GROUP/ID.toml`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from pathlib import Path

from veta.conformance.domain.reading import scenario_of
from veta.conformance.domain.refusals import ScenarioRefused
from veta.conformance.domain.scenario import Group, Scenario
from veta.conformance.steps import STEPS

FOLDER = Path(str(files("veta.conformance"))) / "scenarios"


def read_scenario(path: Path) -> Scenario:
    """The scenario of one file; its folder is its group and its name its id. Raises ScenarioRefused."""
    where = f"{path.parent.name}/{path.name}"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        group = Group(path.parent.name)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioRefused(f"{where}: no es TOML ({error}). Corrija el archivo.") from error
    except ValueError as error:
        raise ScenarioRefused(f"{where}: «{path.parent.name}» no es un grupo del formato.") from error
    made = scenario_of(given, group=group, steps=STEPS, file=where)
    if made.id != path.stem:
        raise ScenarioRefused(f"{where}: el archivo se llama como su id, «{made.id}.toml». Cámbiele el nombre.")
    return made


@cache
def every_scenario() -> tuple[Scenario, ...]:
    """Every scenario, by group in the format's order and then by id. Raises ScenarioRefused."""
    order = list(Group)
    found = sorted((read_scenario(path) for path in FOLDER.glob("*/*.toml")), key=lambda each: each.id)
    return tuple(sorted(found, key=lambda each: order.index(each.group)))


def suite_digest() -> str:
    """SHA-256 over every scenario's file, by name: which format a report is of."""
    whole = hashlib.sha256()
    for path in sorted(FOLDER.glob("*/*.toml")):
        whole.update(f"{path.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return f"sha256:{whole.hexdigest()}"


def scenarios() -> tuple[Scenario, ...]:
    """Every scenario that is no long one, in the same order. Raises ScenarioRefused."""
    return tuple(each for each in every_scenario() if not each.long)


def chosen(*, groups: Collection[str] = (), ids: Collection[str] = (), long: bool = False) -> list[Scenario]:
    """Those of some groups or with some ids; all of them where neither is given. Raises ScenarioRefused for unknown.

    A long one is among them where it is named, or where `long` says so.
    """
    every = every_scenario()
    for given, known, what in (
        (groups, {group.value for group in Group}, "grupo"),
        (ids, {each.id for each in every}, "escenario"),
    ):
        if unknown := sorted(set(given) - known):
            raise ScenarioRefused(f"No hay {what} «{unknown[0]}». Hay: {', '.join(sorted(known))}.")
    wanted = [each for each in every if (not groups and not ids) or each.group.value in groups or each.id in ids]
    return [each for each in wanted if long or not each.long or each.id in ids]
