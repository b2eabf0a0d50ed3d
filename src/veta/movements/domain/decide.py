"""decide(case) → verdict and effects: pure, so that it can be tested by tables and replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import veta.movements.domain.rules  # noqa: F401 - registers the rules
from veta.kernel.finding import Finding
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.post import post
from veta.movements.domain.rule import RULES, Rule
from veta.movements.domain.verdict import Status, Verdict, accreditation_of, rules_digest
from veta.norms import NormNotInForce


@lru_cache(maxsize=64)
def rules_for(kind: str) -> tuple[Rule, ...]:
    """The rules that look at a kind of movement, in the order of their codes."""
    return tuple(rule for code, rule in sorted(RULES.items()) if kind in rule.kinds)


def decide(case: Case, rules: Iterable[Rule] | None = None) -> tuple[Verdict, Effects]:
    """Judge one movement by every rule of its kind, and say what it writes.

    Args:
        case: the movement with the facts of its moment, under lock.
        rules: the rules to judge by; those registered for its kind when None.
    Returns: the verdict with all findings, and its effects (none where a finding blocks). `accepted`, or `pending`
    where another party must answer, or `rejected`.
    """
    findings = [finding for rule in (rules or rules_for(case.item.kind)) for finding in _judged(rule, case)]
    if any(finding.severity == "blocking" for finding in findings):
        return _verdict(case, "rejected", findings, Effects()), Effects()
    effects = post(case)
    return _verdict(case, "pending" if effects.pending is not None else "accepted", findings, effects), effects


def _judged(rule: Rule, case: Case) -> list[Finding]:
    try:
        return rule.findings(case)
    except NormNotInForce as absent:
        params: Mapping[str, str] = {"rule": rule.code, "on": case.on.isoformat()}
        message = f"{absent.message} No se puede decidir este movimiento en esa fecha: consulte a la autoridad."
        return [Finding("NOR-001", "blocking", "occurred_at", rule.norm, message, params)]


def _verdict(case: Case, status: Status, findings: list[Finding], effects: Effects) -> Verdict:
    answered = case.pending is not None
    moved = (part.facts.accreditation for part in case.parts if part.facts is not None)
    return Verdict(
        movement=case.pending.movement if case.pending is not None else case.item.id,
        status=status,
        accreditation=accreditation_of(effects, moved) if status != "rejected" else None,
        decided_at=case.received_at,
        lots=tuple(effects.lots),
        findings=tuple(findings),
        rules=rules_digest(),
        step=case.item.id if answered else None,
        outcome=effects.ended[1] if effects.ended is not None else None,
    )
