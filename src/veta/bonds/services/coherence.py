"""A title's year gathered from every record that speaks of it, and compared."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from veta.bonds.domain.case import CaseRefused
from veta.bonds.domain.coherence import Coherence, Year, compare
from veta.bonds.queries import BondEntry, bonds
from veta.bonds.services.quotes import answer_to
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.period import Period, contract_year_of
from veta.kernel.quantity import amount_of
from veta.ledger import queries as ledger
from veta.norms.catalogue import catalogue
from veta.registry.domain import PlanVersion, version_on
from veta.registry.queries import plans_of, titles_by_code
from veta.royalties.queries import quarters_declared
from veta.storage.connection import plain_cursor

Certified = Callable[[str, str, Period], Mapping[str, int]]


class NoYear(DomainError):
    """A title or a year that the registry does not hold."""

    code = "TIT-001"


def coherence_of(title: str, *, on: date, certified: Certified | None = None) -> Coherence:
    """The contract year that a day falls in, side by side.

    `certified` gives what was certified of an origin (kind, code) in a period, by mineral in its smallest unit: the
    certificates stand above this slice. Without it their column is empty.

    Raises NoYear where the registry has no such title, or no date of its contract.
    """
    code = title_code(title)
    version = version_on(titles_by_code([code]).get(code, []), on)
    if version is None or version.contract_date is None:
        message = f"El registro no tiene el título {code} con fecha de contrato el {on}. Revise la placa."
        raise NoYear(message, findings=[Finding("TIT-001", "blocking", "title", "", message)])
    period = contract_year_of(on, anniversary=version.contract_date)
    plan = version_on(plans_of([version.title]).get(version.title, []), on)
    entry = next((found for found in bonds(title_code=code) if found.life.annuity == period), None)
    policy = entry.life.approved_policy if entry else None
    return compare(
        Year(
            title=code, period=period, plan=_planned(plan, period), declared=_declared(code, period),
            moved=_moved(code, version.kind, period),
            certified=certified(version.kind, code, period) if certified else None,
            bond_base=_based(entry.answer) if entry and entry.answer else None,
            insured=policy.insured if policy else None, needed=_needed(code, period, entry.case if entry else None),
        )
    )  # fmt: skip


def _planned(plan: PlanVersion | None, period: Period) -> dict[str, int] | None:
    if plan is None:
        return None
    start = period.start.isoformat()
    return {line.mineral: line.volumes[start] for line in plan.lines if start in line.volumes}


def _declared(code: str, period: Period) -> dict[str, int] | None:
    """What the quarters that start within the year declare."""
    entries = quarters_declared(code, period)
    lines = [line for entry in entries for line in entry.answer.get("lines", [])]
    return _sums((line["mineral"], line["quantity"], line["unit"]) for line in lines) if entries else None


def _moved(code: str, kind: str, period: Period) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in ledger.extracted(plain_cursor(), kind=kind, code=code, start=period.start, end=period.end):
        sums[row.mineral] = sums.get(row.mineral, 0) + row.amount
    return sums


def _based(answer: Mapping[str, Any]) -> dict[str, int]:
    return _sums((line["mineral"], line["volume"], line["unit"]) for line in answer["lines"])


def needed_now(entry: BondEntry) -> int | None:
    """Whole pesos that plan and prices ask today for a bond's annuity; None where they give no value."""
    return _needed(entry.title_code, entry.life.annuity, entry.case)


def _needed(code: str, period: Period, case: Mapping[str, Any] | None) -> int | None:
    """`case` is what the bond was last required on: what it says and the registry does not (market, investment) stays,
    its volumes give way to the plan's."""
    said = {name: value for name, value in (case or {}).items() if name not in ("production", "plan_approved")}
    try:
        value = answer_to({**said, "title": code, "starts_on": period.start.isoformat()})["insured_value_cop"]
    except CaseRefused:
        return None
    return int(value) if value is not None else None


def _sums(lines: Iterable[tuple[str, str, str]]) -> dict[str, int]:
    """Amounts in each mineral's smallest unit; a line in another unit than the mineral's is left out."""
    sums: dict[str, int] = {}
    for code, quantity, unit in lines:
        mineral = catalogue().mineral(code)
        if mineral is not None and mineral.unit == unit:
            sums[code] = sums.get(code, 0) + _amount(quantity, mineral.factor)
    return sums


def _amount(quantity: str, factor: int) -> int:
    """The smallest units of a decimal text, what is finer than one left out."""
    whole, _, decimals = quantity.partition(".")
    kept = decimals[: len(str(factor)) - 1]
    return amount_of(f"{whole}.{kept}" if kept else whole, factor=factor)
