"""A verdict: what was decided of a movement, immutable, with all its findings; its bytes are answered for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from veta.kernel.canonical_json import canonical, canonical_of_plain
from veta.kernel.finding import Finding
from veta.kernel.quantity import text_of
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.rule import RULES
from veta.norms import norms
from veta.norms.catalogue import catalogue

Status = Literal["accepted", "pending", "rejected"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`movement`: the one decided of; `step`: the answer that this verdict is of, where it is one."""

    movement: UUID
    status: Status
    accreditation: str | None
    decided_at: datetime
    lots: tuple[LotMade, ...]
    findings: tuple[Finding, ...]
    rules: str
    step: UUID | None = None
    outcome: str | None = None

    def body(self) -> bytes:
        """RFC 8785 bytes: what is answered, what the leaf covers, what a repeat answers again."""
        members: dict[str, object] = {
            "movement": str(self.movement),
            "status": self.status,
            "decided_at": instant_text(self.decided_at),
            "lots": [_lot(lot) for lot in self.lots],
            "findings": [finding.as_json() for finding in self.findings],
            "rules": self.rules,
        }
        optional = {"accreditation": self.accreditation, "step": self.step and str(self.step), "outcome": self.outcome}
        return canonical_of_plain({**members, **{n: value for n, value in optional.items() if value is not None}})


@lru_cache(maxsize=256)
def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC, microseconds always written."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _lot(made: LotMade) -> dict[str, object]:
    mineral = catalogue().mineral(made.facts.mineral)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    return {
        "lot": str(made.facts.id),
        "mineral": made.facts.mineral,
        "quantity": text_of(made.amount, factor=factor),
        "unit": unit,
    }


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """What a verdict was decided by: each rule's code, norm, severity, start and message, and the norms' data."""
    described = [
        [rule.code, rule.norm, rule.severity, rule.starts.isoformat(), rule.message, rule.meaning, sorted(rule.kinds)]
        for rule in sorted(RULES.values(), key=lambda rule: rule.code)
    ]
    return "sha256:" + sha256(canonical([norms().digest, described])).hexdigest()


def accreditation_of(effects: Effects, kinds: Iterable[str]) -> str | None:
    """The accreditation of what results: of the lots made, else of the lots moved."""
    if len(effects.lots) == 1:
        return effects.lots[0].facts.accreditation
    found = {lot.facts.accreditation for lot in effects.lots} or set(kinds)
    if len(found) > 1:
        return "mixed"
    return found.pop() if found else None
