"""What a rule is: a code, its norm, the day it starts, the instant it looks at, and a pure check that returns hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from veta.kernel.finding import Finding, Severity
from veta.norms.dated import Status

if TYPE_CHECKING:
    from veta.movements.domain.case import Case

Instant = Literal["occurred_at", "receipt", "both"]
ALWAYS: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a rule found: at which field, with which figures. `severity` overrides the rule's own where a
    dated parameter decides the effect."""

    field: str
    params: Mapping[str, str]
    severity: Severity | None = None


def hit(field: str, severity: Severity | None = None, /, **params: str) -> tuple[Hit, ...]:
    return (Hit(field, params, severity),)


Check = Callable[["Case"], Sequence[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of one norm.

    `message` is Spanish, plain, with the remedy; its `{names}` are the hit's params. `kinds` are the movements it
    looks at; `starts` the first Bogotá date of `occurred_at` (or of receipt, by `instant`) from which it holds;
    `status` how far the norm was read. `check` may raise NormNotInForce: rule NOR-001 then says it.
    """

    code: str
    severity: Severity
    kinds: frozenset[str]
    norm: str
    status: Status
    instant: Instant
    starts: date
    message: str
    meaning: str
    check: Check

    def finding(self, found: Hit) -> Finding:
        """The finding of one hit, its message filled with the hit's figures."""
        return Finding(
            code=self.code,
            severity=found.severity or self.severity,
            field=found.field,
            norm=self.norm,
            message=self.message.format_map(found.params),
            params=found.params,
        )


RULES: Final[dict[str, Rule]] = {}


def rule(
    code: str,
    *kinds: str,
    message: str,
    norm: str = "Reglas de la PTM",
    status: Status = "inference",
    severity: Severity = "blocking",
    instant: Instant = "occurred_at",
    starts: date = ALWAYS,
) -> Callable[[Check], Check]:
    """Register a check as rule `code`; its docstring is the rule's meaning in `docs/rules.md`."""

    def register(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"rule {code} twice")
        RULES[code] = Rule(
            code=code,
            severity=severity,
            kinds=frozenset(kinds),
            norm=norm,
            status=status,
            instant=instant,
            starts=starts,
            message=message,
            meaning=" ".join((check.__doc__ or "").split()),
            check=check,
        )
        return check

    return register
