"""Every legal case of tests/cases, decided; and that each rule has its limit drawn by cases on both sides."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.movements.domain.casebook import LegalCase, base, casebook, judge, leaves, situation_of
from veta.movements.domain.reader import SHAPE_CODES
from veta.movements.domain.rule import RULES


@pytest.mark.parametrize("name", base()["movements"])
def test_each_report_of_the_base_world_is_accepted_without_findings(name: str) -> None:
    decision = judge(situation_of(name, {}))
    assert (decision.status, decision.codes) in {("accepted", ()), ("pending", ())}, decision.findings


@pytest.mark.parametrize("case", casebook(), ids=lambda case: case.name)
def test_case(case: LegalCase) -> None:
    decision = judge(case.situation)
    messages = [f"{found.code}: {found.message}" for found in decision.findings]
    assert (decision.status, decision.codes) == (case.status, case.findings), messages
    for code, params in case.params.items():
        assert [dict(found.params) for found in decision.findings if found.code == code] == [params]


def _fires(case: LegalCase) -> bool:
    return case.rule in {finding.split()[0] for finding in case.findings}


def test_every_rule_has_cases_on_both_sides_of_its_limit() -> None:
    sides: dict[str, set[bool]] = defaultdict(set)
    for case in casebook():
        if case.rule is not None:
            sides[case.rule].add(_fires(case))
    without = {code for code in (*RULES, *SHAPE_CODES) if sides.get(code) != {True, False}}
    assert not without


def test_the_rows_of_a_table_differ_by_the_one_thing_they_claim() -> None:
    tables: dict[str, list[LegalCase]] = defaultdict(list)
    for case in casebook():
        tables[case.name.partition(":")[0]].append(case)
    for name, rows in tables.items():
        found = {tuple(f for f in row.findings if f.startswith(str(row.rule))) for row in rows}
        assert len(found) > 1, f"{name}: only one side of the limit"
        first = leaves(rows[0].situation)
        for row in rows[1:]:
            other = leaves(row.situation)
            differing = {path for path in first.keys() | other.keys() if first.get(path) != other.get(path)}
            assert differing, f"{row.name} is the same case as its neighbour"
            elsewhere = [path for path in differing if path != row.vary and not path.startswith(f"{row.vary}.")]
            assert not elsewhere, f"{row.name} differs from its neighbour in {sorted(elsewhere)} too"


def test_a_table_varies_one_value_never_a_whole_world_or_report() -> None:
    for case in casebook():
        depth = (case.vary or "").count(".")
        assert depth >= {"movement": 1, "world": 1, "law": 1}.get((case.vary or "").partition(".")[0], 0), case.name
