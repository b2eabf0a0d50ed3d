"""docs/rules.md says what decides, and each rule says what a person needs to put it right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.movements.domain.casebook import casebook, judge
from veta.movements.domain.rule import RULES, Rule
from veta.movements.domain.rules_document import BY_PARAMETER, FAMILIES, document

ROOT = Path(__file__).parents[3]


def test_the_committed_page_is_what_the_rules_say() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_means_and_what_to_do(rule: Rule) -> None:
    assert rule.code[:3] in FAMILIES
    assert rule.meaning.endswith(".")
    assert len(rule.message) <= 200
    remedy = "{reason}" in rule.message or len(re.findall(r"[.:] |\.$", rule.message)) >= 2
    assert remedy, "the message does not say what to do"


def test_only_the_rules_that_say_so_change_their_effect() -> None:
    effects: dict[str, set[str]] = {}
    for case in casebook():
        for found in judge(case.situation).findings:
            effects.setdefault(found.code, set()).add(found.severity)
    changed = {code for code, seen in effects.items() if code in RULES and seen != {RULES[code].severity}}
    assert changed <= BY_PARAMETER
