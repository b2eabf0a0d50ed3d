"""A scenario's file into a scenario: whatever it says that is not known here is refused, with where and what is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from veta.conformance.domain.checks import CHECKS
from veta.conformance.domain.refusals import ScenarioRefused
from veta.conformance.domain.scenario import Check, Group, PartyKind, PartyWanted, Scenario, Step

PROSE = ("title", "tests", "does", "sees", "norm")
STATUSES = ("verified", "secondary", "inference", "unverified")
_KEYS = frozenset({"id", *PROSE, "status", "smoke", "long", "automatic", "world", "step", "check"})
_STEP_KEYS = frozenset({"do", "as", "says"})
_PARTY: Mapping[str, type] = {"kind": str, "called": str, "ours": bool, "shared": bool, "volume": int, "document": str}
Steps = Mapping[str, Callable[..., Any]]


def scenario_of(given: Mapping[str, Any], *, group: Group, steps: Steps, file: str) -> Scenario:
    """The scenario of a parsed file. `steps`: what can be done, by name. Raises ScenarioRefused (CNF-001)."""
    _known(given, _KEYS, file)
    for key in ("id", *PROSE, "status"):
        if not isinstance(given.get(key), str) or not given[key].strip():
            raise _bad(file, f"falta «{key}», o está vacío")
    if given["status"] not in STATUSES:
        raise _bad(file, f"«status» es uno de: {', '.join(STATUSES)}")
    world = tuple(_party(name, wanted, file) for name, wanted in given.get("world", {}).items())
    done = tuple(_step(each, steps, f"{file}, paso {place}") for place, each in enumerate(given.get("step", ()), 1))
    checks = tuple(
        _check(each, f"{file}, comprobación {place}") for place, each in enumerate(given.get("check", ()), 1)
    )
    if not done or not checks:
        raise _bad(file, "sin pasos o sin comprobaciones no se prueba nada")
    made = Scenario(
        given["id"], group, given["title"], given["tests"], given["does"], given["sees"], given["norm"],
        given["status"], bool(given.get("smoke", False)), world, done, checks, bool(given.get("long", False)),
        given.get("automatic", False),
    )  # fmt: skip
    _names_exist(made, file)
    _by_hand(made, file)
    return made


# What a person can capture one after the other in a scenario, and the checks whose clock no hand keeps up with.
MOST_BY_HAND = 40
_PACED = frozenset({"prompt", "rate"})


def _by_hand(scenario: Scenario, file: str) -> None:
    """Whoever asks more than hands can do says so: without it a candidate without an automatic port could not pass."""
    if not isinstance(scenario.automatic, bool):
        raise _bad(file, "«automatic» no es de la clase que se espera (bool)")
    captures = sum(int(each.given.get("count", 1)) for each in scenario.steps if each.do in {"capture", "steady"})
    paced = any(check.name in _PACED for check in scenario.checks)
    if (paced or captures > MOST_BY_HAND) and not scenario.automatic:
        raise _bad(file, f"una persona no alcanza a capturar {captures} a ese paso: escriba «automatic = true»")


def names_made(scenario: Scenario) -> tuple[set[str], set[str]]:
    """What its steps name: things captured or sent, and moments."""
    things: set[str] = set()
    moments: set[str] = set()
    for step in scenario.steps:
        name, count = step.given.get("name"), int(step.given.get("count", 1))
        if isinstance(name, str):
            things |= {name} if count == 1 else {f"{name}-{number}" for number in range(1, count + 1)}
        if step.named:
            moments.add(step.named)
    return things, moments


def _party(name: str, wanted: Any, file: str) -> PartyWanted:
    given = {"kind": wanted} if isinstance(wanted, str) else wanted
    where = f"{file}, mundo «{name}»"
    if not isinstance(given, dict):
        raise _bad(where, "escriba la clase de la parte, o una tabla")
    _known(given, frozenset(_PARTY), where)
    for key, value in given.items():
        if not isinstance(value, _PARTY[key]):
            raise _bad(where, f"«{key}» no es de la clase que se espera ({_PARTY[key].__name__})")
    kinds = [kind.value for kind in PartyKind]
    if given.get("kind") not in kinds:
        raise _bad(where, f"«kind» es uno de: {', '.join(kinds)}")
    return PartyWanted(name, PartyKind(given["kind"]), **{key: value for key, value in given.items() if key != "kind"})


def _step(given: Mapping[str, Any], steps: Steps, where: str) -> Step:
    name = given.get("do")
    if name not in steps:
        raise _bad(where, f"no se sabe hacer «{name}». Se sabe: {', '.join(sorted(steps))}")
    arguments = {key: value for key, value in given.items() if key not in _STEP_KEYS}
    _fits(arguments, steps[str(name)], where)
    return Step(str(name), arguments, str(given.get("as", "")), str(given.get("says", "")))


def _check(given: Mapping[str, Any], where: str) -> Check:
    name = given.get("is")
    if name not in CHECKS:
        raise _bad(where, f"no se sabe comprobar «{name}». Se sabe: {', '.join(sorted(CHECKS))}")
    arguments = {key: value for key, value in given.items() if key != "is"}
    _fits(arguments, CHECKS[str(name)], where)
    return Check(str(name), arguments)


def _fits(arguments: Mapping[str, Any], doing: Callable[..., Any], where: str) -> None:
    """The arguments are those that it takes, all that it needs among them, each of the kind that it says."""
    taken = {name: each for name, each in inspect.signature(doing).parameters.items() if each.kind is each.KEYWORD_ONLY}
    _known(arguments, frozenset(taken), where)
    for name, parameter in taken.items():
        if name not in arguments:
            if parameter.default is parameter.empty:
                raise _bad(where, f"falta «{name}»")
        elif not isinstance(arguments[name], _KINDS[str(parameter.annotation)]):
            raise _bad(where, f"«{name}» no es de la clase que se espera ({parameter.annotation})")


_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "Sequence[str]": (list,),
    "Mapping[str, Any]": (dict,),
}


def _names_exist(scenario: Scenario, file: str) -> None:
    """Every name that a step or a check looks for is made by a step: a misspelled one would look at nothing."""
    things, moments = names_made(scenario)
    every: tuple[Step | Check, ...] = (*scenario.steps, *scenario.checks)
    for each in every:
        for pattern in _wanted(each.given):
            if not any(fnmatchcase(thing, pattern) for thing in things):
                raise _bad(file, f"nada se llama «{pattern}»")
        for key in ("after", "at"):
            if each.given.get(key, "") and each.given[key] not in moments:
                raise _bad(file, f"ningún paso se llama «{each.given[key]}» (con «as»)")
        for key in ("by", "party"):
            if each.given.get(key, "") not in ("", *(party.name for party in scenario.world)):
                raise _bad(file, f"nadie en el mundo se llama «{each.given[key]}»")


def _wanted(given: Mapping[str, Any]) -> Iterator[str]:
    of = given.get("of", [])
    yield from of if isinstance(of, list) else (of,)


def _known(given: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    if unknown := sorted(set(given) - keys):
        raise _bad(where, f"no se conoce «{unknown[0]}». Se conoce: {', '.join(sorted(keys))}")


def _bad(where: str, said: str) -> ScenarioRefused:
    return ScenarioRefused(f"{where}: {said}. Corrija el archivo.")
