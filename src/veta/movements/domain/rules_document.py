"""`docs/rules.md`, written from the registry of rules: what is read there is what decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final

import veta.movements.domain.rules  # noqa: F401 - registers the rules
from veta.movements.domain.reader import SHAPE_CODES
from veta.movements.domain.rule import ALWAYS, RULES, Instant, Rule

HEAD: Final = """\
# Rules

What a movement is judged by. Written by `veta movements rules` from the registry of rules in
`veta.movements.domain.rules`; a test keeps the two the same. All findings of a movement are returned at once; one that
blocks rejects it. The cases on both sides of each limit are the tables of `tests/cases/movements/`.

**When**: the instant that a rule looks at, as a Bogotá date: *occurred* (`occurred_at`: registration, title, plan,
period, norms), *receipt* (hub receipt: operator, mandate, suspension, term), or both. **From**: the first date on which
it holds; the parameters that it reads have dates of their own (`docs/parameters.md`), and where they say nothing on the
date, NOR-001 does. **Norm**, with how far it was read: *verified* in its text, *secondary* in another's account,
*inference* ours, *unverified* by nobody here. An asterisk: a dated parameter may change the effect.
"""
SHAPE_HEAD: Final = """
## SCH — shape of what is sent

Found while a report is read, before any rule: such an item is not stored and leaves its id free. All of them block.

| code | what it refuses |
|---|---|
"""
FAMILIES: Final[Mapping[str, str]] = {
    "ACC": "accreditation",
    "CON": "consent and confirmation",
    "EVI": "evidence",
    "EXP": "export",
    "IDE": "identity",
    "LOT": "ownership and balance of lots",
    "MAN": "mandate",
    "MIN": "mineral and unit",
    "NOR": "norms",
    "OBL": "obligation",
    "PLA": "works plan",
    "PLC": "place",
    "QUO": "quotas",
    "REV": "reversal",
    "ROL": "role and registration",
    "TIM": "time",
    "TIT": "title",
    "YLD": "yield",
}
EFFECTS: Final = {"blocking": "blocks", "warning": "warns", "info": "informs"}
WHEN: Final[Mapping[Instant, str]] = {"occurred_at": "occurred", "receipt": "receipt", "both": "both"}
BY_PARAMETER: Final = frozenset({"PLA-003", "QUO-002", "QUO-003", "QUO-005"})


def document() -> str:
    """The whole page, by family and code."""
    rules = [rule for _, rule in sorted(RULES.items())]
    families = "".join(_family(name, list(of)) for name, of in groupby(rules, key=lambda rule: rule.code[:3]))
    return HEAD + families + _shape()


def _family(name: str, rules: Iterable[Rule]) -> str:
    return f"\n## {name} — {FAMILIES[name]}\n" + "".join(_rule(rule) for rule in rules)


def _rule(rule: Rule) -> str:
    effect = EFFECTS[rule.severity] + ("*" if rule.code in BY_PARAMETER else "")
    since = "" if rule.starts is ALWAYS else f" · from {rule.starts.isoformat()}"
    kinds = ", ".join(f"`{kind}`" for kind in sorted(rule.kinds))
    return (
        f"\n### {rule.code} — {effect}\n\n{rule.meaning}\n\n"
        f"- {kinds}\n- when: {WHEN[rule.instant]}{since}\n- norm: {rule.norm} (*{rule.status}*)\n- «{rule.message}»\n"
    )


def _shape() -> str:
    return SHAPE_HEAD + "".join(f"| {code} | {meaning} |\n" for code, meaning in sorted(SHAPE_CODES.items()))
