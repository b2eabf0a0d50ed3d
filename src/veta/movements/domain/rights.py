"""Which quotas a movement draws on: the title's year, the person's month and year, the quarter's sales."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from uuid import UUID

from veta.kernel.period import Period, contract_year_of, month_of, quarter_of, year_of
from veta.ledger.domain.accounts import Basis, quota_id
from veta.movements.domain import law
from veta.movements.domain.case import Case, Part, Plan, Right
from veta.norms.catalogue import Mineral
from veta.registry.domain import PlanLine, PlanVersion, TitleVersion, version_on


def plan_for(versions: Iterable[PlanVersion], mineral: Mineral | None, title: TitleVersion | None, on: date) -> Plan:
    """How the plan in force on `on` stands to `mineral`: its own line, else the heading that contains it, else not."""
    version = version_on(versions, on)
    if version is None or mineral is None:
        return Plan(version, None, "none" if version is None else "absent")
    if (line := version.line(mineral.code)) is not None:
        return Plan(version, line, "own")
    lines = (version.line(heading) for heading in mineral.headings)
    if (heading_line := next((line for line in lines if line is not None), None)) is not None:
        return Plan(version, heading_line, "heading")
    return Plan(version, None, "associated" if title is not None and mineral.code in title.associated else "absent")


def plan_year(title: TitleVersion, on: date) -> Period:
    """The contract year that contains `on`, by the anniversary of the contract (or of the act, of an origin that is no
    contract); the calendar year where no date is known."""
    return contract_year_of(on, anniversary=title.contract_date) if title.contract_date else year_of(on)


def approved_volume(line: PlanLine, year: Period) -> int | None:
    """Volume of the line for the contract year, in the mineral's smallest unit; None where the plan gives none."""
    return line.volumes.get(year.start.isoformat())


def production_rights(case: Case) -> tuple[Right, ...]:
    """The title's year for what is produced; none where no volume is known (rules PLA-004 and QUO-006 say it)."""
    title, plan, mineral, measured = case.title, case.plan, case.mineral, case.measured
    if (
        title is None
        or plan is None
        or plan.line is None
        or mineral is None
        or measured is None
        or measured.amount is None
    ):
        return ()
    year = plan_year(title, case.on)
    volume = approved_volume(plan.line, year)
    if volume is None or plan.version is None:
        return ()
    return (
        _right("title_year", title.title, plan.line.mineral, year, volume, "blocking", str(plan.version.id), measured.amount, mineral),
    )  # fmt: skip


def subsistence_rights(case: Case) -> tuple[Right, ...]:
    """The miner's month and year over all buyers and operators (Res. MME 40103 de 2017)."""
    seller, mineral, measured = case.actors.get("seller"), case.mineral, case.measured
    if seller is None or mineral is None or mineral.quota_group is None or measured is None:
        return ()
    cap = law.subsistence_cap(mineral.quota_group, case.on)
    amount = measured.gross if cap.gross else measured.amount
    scale = cap.factor_to(mineral.unit)
    if scale is None or amount is None or measured.amount is None:
        return ()
    year, month, group = year_of(case.on), month_of(case.on), mineral.quota_group
    monthly, yearly = (int(volume * scale * mineral.factor) for volume in (cap.month, cap.year))
    return (
        _right("person_month", seller, group, month, monthly, cap.month_effect, cap.source, amount, mineral),
        _right("person_year", seller, group, year, yearly, cap.year_effect, cap.source, amount, mineral),
    )


def sale_rights(case: Case) -> tuple[Right, ...]:
    """The quarter's sales of each title of the seller from which the lots come (Ley 2250 de 2022 art. 14)."""
    seller = case.actors.get("seller")
    drawn: dict[tuple[UUID, str], tuple[int, Right]] = {}
    for part in case.parts:
        for title, amount in _from_own_titles(case, part, seller):
            right = _quarter_right(case, title, part.mineral, amount)
            if right is not None:
                before = drawn.get((right.subject, right.group), (0, right))[0]
                drawn[right.subject, right.group] = (before + amount, right)
    return tuple(_with_amount(right, total) for total, right in drawn.values())


def _from_own_titles(case: Case, part: Part, seller: UUID | None) -> Iterable[tuple[TitleVersion, int]]:
    if part.facts is None or part.amount is None or seller is None:
        return
    weights = case.world.origin_weights(part.facts)
    total = sum(weights.values())
    for origin_id, weight in weights.items():
        origin = case.world.origins.get(origin_id)
        title = version_on(case.world.titles.get(origin.code, ()), case.on) if origin and origin.code else None
        if title is not None and any(actor == seller for actor, _ in title.holders):
            yield title, int(Fraction(part.amount * weight, total))


def _quarter_right(case: Case, title: TitleVersion, mineral: Mineral | None, amount: int) -> Right | None:
    plan = plan_for(case.world.plans.get(title.title, ()), mineral, title, case.on)
    volume = approved_volume(plan.line, plan_year(title, case.on)) if plan.line is not None else None
    if volume is None or plan.version is None or plan.line is None or mineral is None or amount <= 0:
        return None
    cap = law.quarter_sales(case.on)
    grant = int(volume * cap.share_of_year * (1 + cap.excess))
    quarter = quarter_of(case.on)
    return _right(
        "title_quarter", title.title, plan.line.mineral, quarter, grant, cap.effect, cap.source, amount, mineral
    )


def _right(
    basis: Basis, subject: UUID, group: str, period: Period, grant: int, effect: str, source: str, amount: int, mineral: Mineral
) -> Right:  # fmt: skip
    account = quota_id(basis=basis, subject=subject, quota_group=group, period_start=period.start)
    return Right(
        account, basis, subject, group, period.start, period.end, grant, effect, source, amount, mineral.unit, mineral.factor
    )  # fmt: skip


def _with_amount(right: Right, amount: int) -> Right:
    return Right(
        right.account, right.basis, right.subject, right.group, right.start, right.end, right.grant, right.effect,
        right.source, amount, right.unit, right.factor,
    )  # fmt: skip
