"""The system that is tested, as its file declares it, and how it is asked to do something: its driver, or a person."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from veta.conformance.bounded import Reply, Unanswered, Unfinished, post
from veta.conformance.domain.refusals import CandidateRefused
from veta.conformance.place import Place, place_of

PATIENCE = 60.0  # seconds of a call to the driver, from its beginning to the last byte of the answer
LONGEST = 1 << 20  # bytes of an answer of the driver
_FILE: Mapping[str, tuple[str, ...]] = {
    "": ("name", "version", "manual", "operator", "hub", "driver", "webhook"),
    "operator": ("code", "name", "public_key", "proof"),
    "hub": ("host", "port", "origin"),
    "driver": ("url",),
    "webhook": ("url",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A candidate's file. `place`: where the suite's hub answers it; `driver`: empty where a person does it all."""

    name: str
    version: str
    code: str
    operator_name: str
    public_key: str
    proof: str
    place: Place = field(default_factory=Place)
    driver: str = ""
    webhook: str = ""


def read_target(path: Path) -> Target:
    """The candidate of a file. Raises CandidateRefused with what is missing or not known."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CandidateRefused(f"No se puede leer {path}: {error}. Revise el archivo del candidato.") from error
    for table, known in _FILE.items():
        found = given if not table else given.get(table, {})
        if not isinstance(found, dict) or (unknown := sorted(set(found) - set(known))):
            said = unknown[0] if isinstance(found, dict) else table
            raise CandidateRefused(f"{path}: no se conoce «{said}». Se conoce: {', '.join(known)}.")
    try:
        operator, driver = given["operator"], given.get("driver", {}).get("url", "")
        if not driver and not given.get("manual", False):
            raise CandidateRefused(f"{path}: declare [driver] url, o «manual = true» para que una persona haga todo.")
        return Target(
            str(given["name"]), str(given["version"]), str(operator["code"]), str(operator["name"]),
            str(operator["public_key"]), str(operator["proof"]), _place(given.get("hub", {}), path),
            str(driver).rstrip("/"), str(given.get("webhook", {}).get("url", "")),
        )  # fmt: skip
    except KeyError as missing:
        raise CandidateRefused(f"{path}: falta {missing}. docs/conformance.md tiene un ejemplo.") from missing


def _place(hub: Mapping[str, Any], path: Path) -> Place:
    kinds: Mapping[str, type] = {"host": str, "port": int, "origin": str}
    if wrong := [name for name, value in hub.items() if type(value) is not kinds[name]]:
        raise CandidateRefused(f"{path}: «{wrong[0]}» no es de la clase que se espera ({kinds[wrong[0]].__name__}).")
    return place_of(**hub)


class Hands(Protocol):
    """Whoever does what a step asks of the candidate."""

    def do(self, verb: str, asked: Mapping[str, Any], says: str) -> dict[str, Any]:
        """Do it and say what came of it. Raises CandidateRefused."""


class Unable(CandidateRefused):
    """The driver has no such verb: a person is asked, where there is one."""

    code = "CNF-004"


class Driver:
    """The candidate's automatic port (docs/conformance.md): one POST for each verb.

    `patience`: the seconds that a call may take, from its beginning to the last byte of the answer.
    """

    def __init__(self, url: str, *, person: Hands | None = None, patience: float = PATIENCE) -> None:
        self.url = url
        self.person = person
        self.patience = patience

    def alone(self) -> Driver:
        """The same without the person: what it cannot do is not done."""
        return Driver(self.url, patience=self.patience)

    def do(self, verb: str, asked: Mapping[str, Any], says: str) -> dict[str, Any]:
        """Ask the driver; what it cannot do (501) is asked of the person, where there is one."""
        answer = self._call(verb, asked)
        if answer.status == 501:
            if self.person is None:
                raise Unable(f"El puerto automático no sabe «{verb}». Agréguelo, o corra con una persona presente.")
            return self.person.do(verb, asked, says)
        if answer.status != 200:
            said = answer.content[:300].decode(errors="replace")
            raise CandidateRefused(f"{self.url}/{verb} respondió {answer.status}: {said}")
        try:
            found = orjson.loads(answer.content) if len(answer.content) <= LONGEST else None
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or b"\\u0000" in answer.content:
            raise CandidateRefused(
                f"{self.url}/{verb} no respondió un objeto JSON de hasta 1 MiB, sin caracteres nulos."
            )
        return found

    def _call(self, verb: str, asked: Mapping[str, Any]) -> Reply:
        url, body = f"{self.url}/{verb}", json.dumps(asked, ensure_ascii=False).encode()
        try:
            return post(url, body, {"Content-Type": "application/json"}, seconds=self.patience, most=LONGEST)
        except Unfinished as failure:
            raise CandidateRefused(
                f"El puerto automático no terminó de responder {url} en {self.patience:g} s. Responda entero, de una"
                " vez, en ese plazo, y repita."
            ) from failure
        except Unanswered as failure:
            raise CandidateRefused(
                f"El puerto automático no respondió en {url} ({failure}). Ábralo y repita."
            ) from failure
