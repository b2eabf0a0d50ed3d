"""decide(case) → verdict and effects: pure, so that it can be tested by tables and replayed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import veta.movements.domain.rules  # noqa: F401 - registers the rules
from veta.kernel.finding import Finding
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.post import post
from veta.movements.domain.rights import measure_rights
from veta.movements.domain.rule import RULES, Rule
from veta.movements.domain.rules.norm import absences
from veta.movements.domain.verdict import Status, Verdict, accreditation_of, rules_digest
from veta.norms import NormNotInForce


@lru_cache(maxsize=4096)
def rules_for(kind: str, *, on: date, received_on: date) -> tuple[Rule, ...]:
    """The rules that look at a kind of movement and have started by those days, in the order of their codes."""
    return tuple(
        rule
        for _, rule in sorted(RULES.items())
        if kind in rule.kinds and rule.starts <= (received_on if rule.instant == "receipt" else on)
    )


def decide(case: Case) -> tuple[Verdict, Effects]:
    """Judge one movement by every rule of its kind, and say what it writes.

    `case` is the movement with the facts of its moment, under lock. Returns the verdict with all findings, and its
    effects (none where a finding blocks): `accepted`, or `pending` where another party must answer, or `rejected`.
    """
    findings = findings_of(case, rules_for(case.item.kind, on=case.on, received_on=case.received_on))
    if findings and any(finding.severity == "blocking" for finding in findings):
        return _verdict(case, "rejected", findings, Effects()), Effects()
    effects = post(case)
    return _verdict(case, "pending" if effects.pending is not None else "accepted", findings, effects), effects


def findings_of(case: Case, rules: Iterable[Rule]) -> list[Finding]:
    """All that the rules find, in their order; a norm that they need and that says nothing is found once (NOR-001)."""
    findings: list[Finding] = []
    absent = list(case.absent)
    measure_rights(case)
    for rule in rules:
        try:
            found = rule.check(case)
        except NormNotInForce as cause:
            absent.append(cause)
            continue
        for hit in found:
            findings.append(rule.finding(hit))
    for hit in absences(absent) if absent else ():
        findings.append(RULES["NOR-001"].finding(hit))
    return findings


def _verdict(case: Case, status: Status, findings: list[Finding], effects: Effects) -> Verdict:
    answered = case.pending is not None and case.item.kind != "receipt"  # a receipt is a movement of its own
    moved = (part.facts.accreditation for part in case.parts if part.facts is not None)
    return Verdict(
        movement=case.pending.movement if answered and case.pending is not None else case.item.id,
        status=status,
        accreditation=accreditation_of(effects, moved) if status != "rejected" else None,
        decided_at=case.received_at,
        lots=tuple(effects.lots),
        findings=tuple(findings),
        rules=rules_digest(),
        step=case.item.id if answered else None,
        outcome=effects.ended[1] if answered and effects.ended is not None else None,
    )
