"""The bond of a case: its value, or why there is none, and what follows from the rules around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from veta.bonds.domain import rules
from veta.bonds.domain.case import Case
from veta.bonds.domain.value import Valued, pesos_up, value_of
from veta.kernel.finding import Finding
from veta.kernel.period import contract_year_of
from veta.norms import NormNotInForce, norms
from veta.prices.domain.book import PriceBook

Status = Literal["final", "indicative", "pending", "impossible"]
_ORDER: tuple[Status, ...] = ("final", "indicative", "pending", "impossible")
_PENDING = frozenset({"PRI-001", "PRI-002"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value of the same bond, shown beside: of the stage that begins within it, or at the anniversary."""

    kind: Literal["stage_change", "anniversary"]
    valued: Valued


@dataclass(frozen=True, slots=True)
class Quote:
    """What was asked and what comes of it.

    `shown` is the value that counts (the higher of two stages), None where the law lets none be computed. `exact` is in
    10**-16 pesos, `insured` and `range` in whole pesos, rounded up.
    """

    case: Case
    status: Status
    first: Valued | None
    shown: Valued | None
    alternatives: tuple[Alternative, ...]
    findings: tuple[Finding, ...]
    exact: int | None
    insured: int | None
    range: tuple[int, int] | None

    @property
    def demo(self) -> bool:
        """Whether any price in it was made up for demonstrations."""
        return any(finding.code == "PRI-010" for finding in self.findings)


def ends_on(case: Case) -> date:
    """The last day of the bond's validity: the case's own, else a year from its start."""
    return case.ends_on or contract_year_of(case.starts_on, anniversary=case.starts_on).end


def quote(case: Case, book: PriceBook) -> Quote:
    """Value a bond at the base prices of the period in which its validity starts. Pure: same case and book, same quote.

    Raises CaseRefused where what the stage is computed on is missing. Everything else is a finding: BON-001 to BON-013,
    PRI-001 to PRI-003, PRI-010 for prices made up for demonstrations, NOR-001 where no norm reaches the date.
    """
    try:
        stopped = tuple(rules.impossible(case))
        if stopped:
            return _without_value(case, *stopped)
        first = value_of(case.base, regime=case.regime, on=case.starts_on, book=book)
        alternatives = tuple(_alternatives(case, book))
    except NormNotInForce as missing:
        finding = Finding("NOR-001", "blocking", "starts_on", "Sin norma cargada", missing.message)
        return _without_value(case, finding)
    stages = [first, *(a.valued for a in alternatives if a.kind == "stage_change")]
    status = max((_status(valued) for valued in stages), key=_ORDER.index)
    shown = max(stages, key=_height)
    exact = shown.exact if status == "final" else None
    span = _range(stages) if status == "indicative" else None
    findings = (*(p for valued in stages for p in valued.problems), *rules.findings(case, first, alternatives, shown))
    return Quote(
        case, status, first, shown, alternatives, findings, exact, None if exact is None else pesos_up(exact), span
    )


def _without_value(case: Case, *findings: Finding) -> Quote:
    return Quote(case, "impossible", None, None, (), findings, None, None, None)


def _alternatives(case: Case, book: PriceBook) -> Iterator[Alternative]:
    if case.change is not None and case.changes_on is not None and case.changes_on <= ends_on(case):
        # The price is that of the period in which the bond's validity starts, in both stages.
        valued = value_of(case.change, regime=case.regime, on=case.starts_on, book=book, path="stage_change.")
        yield Alternative("stage_change", valued)
    if case.contract_date is not None and case.base.stage == "explotacion":
        anniversary = contract_year_of(case.starts_on, anniversary=case.contract_date).start
        if anniversary != case.starts_on and norms_reach(case, anniversary):
            yield Alternative("anniversary", value_of(case.base, regime=case.regime, on=anniversary, book=book))


def norms_reach(case: Case, on: date) -> bool:
    """Whether the regime's percentage is known on that date."""
    try:
        norms().value(f"bond.percent.{case.regime}", on)
    except NormNotInForce:
        return False
    return True


def _status(valued: Valued) -> Status:
    if valued.problems:
        return "pending" if all(problem.code in _PENDING for problem in valued.problems) else "impossible"
    if not valued.headings:
        return "final"
    return "indicative" if valued.range else "pending"


def _height(valued: Valued) -> int:
    span = valued.range
    return valued.exact if valued.exact is not None else span[1] if span else -1


def _range(stages: list[Valued]) -> tuple[int, int] | None:
    """The higher of both stages, at both ends: a stage that has one value counts as a range of nothing."""
    ends = [span for valued in stages if (span := _span(valued)) is not None]
    return (pesos_up(max(low for low, _ in ends)), pesos_up(max(high for _, high in ends))) if ends else None


def _span(valued: Valued) -> tuple[int, int] | None:
    return valued.range if valued.exact is None else (valued.exact, valued.exact)
