"""Rejected verdicts at will: what the real hub answers where one of its rules blocks, with the rule that was chosen."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

import veta.movements.domain.rules  # noqa: F401 - registers the rules
from veta.kernel.finding import Finding
from veta.movements.domain.rule import RULES, Hit

USUAL = "QUO-003"
REPORTS = re.compile(r"^/api/v1/movements(/check)?$")
STEPS = re.compile(r"^/api/v1/movements/([0-9a-f-]{36})/(confirmation|withdrawal)$")


def codes() -> list[str]:
    """The codes of the rules that block, in their order."""
    return sorted(code for code, rule in RULES.items() if rule.severity == "blocking")


class Rejections:
    """The verdicts given so far: an id has one for ever, as in the hub, until the wire is closed."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, Any]] = {}

    def answer(self, path: str, body: bytes, *, code: str) -> bytes | None:
        """The answer to a report or a step, every item rejected by rule `code`; None to any other call, or other words.

        A repeated id gets its first verdict again. Nothing is stored in the hub, and no receipt is signed.
        """
        try:
            said = orjson.loads(body)
            if (step := STEPS.match(path)) is not None:
                return orjson.dumps(self._result(said, code, step_of=step[1]))
            if (report := REPORTS.match(path)) is not None:
                told = [self._result(each, code, dry=bool(report[1])) for each in said["movements"]]
                return orjson.dumps({"results": told})
        except (ValueError, KeyError, TypeError):
            return None  # the hub says what is wrong with it
        return None

    def _result(self, item: dict[str, Any], code: str, *, step_of: str = "", dry: bool = False) -> dict[str, Any]:
        id = str(item["id"])
        before = self._given.get(id)
        verdict = before or {
            "movement": step_of or id, "status": "rejected", "lots": [], "rules": "sandbox",
            "decided_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "findings": [_finding(code, item).as_json()], **({"step": id} if step_of else {}),
        }  # fmt: skip
        if not dry:
            self._given[id] = verdict
        return {"repeated": before is not None and not dry, "verdict": verdict, "receipt": None}


def _finding(code: str, item: dict[str, Any]) -> Finding:
    """The rule's own words; its figures are the item's where it has them, and else say that they are made up."""
    named = {name: str(item[name]) if isinstance(item.get(name), str) else "(ensayo)" for name in _names(code)}
    field = next((name for name in ("quantity", "items", "inputs", "decision") if name in item), "kind")
    return RULES[code].finding(Hit(field, named, "blocking"))


@lru_cache(maxsize=256)
def _names(code: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in string.Formatter().parse(RULES[code].message) if name)
