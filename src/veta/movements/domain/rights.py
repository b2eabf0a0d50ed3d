"""Which quotas a movement draws on: the title's year, the person's month and year, the quarter's sales."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from uuid import UUID

from veta.kernel.finding import Severity
from veta.kernel.period import Period, month_of, quarter_of, year_of
from veta.ledger.domain.accounts import Basis, quota_id
from veta.movements.domain import law
from veta.movements.domain.case import Case, Part, Plan, Right
from veta.movements.domain.plans import approved_volume, plan_for, plan_of, plan_that_counts, plan_year
from veta.movements.domain.yielded import contained
from veta.norms.catalogue import Mineral, catalogue
from veta.registry.domain import PlanLine, PlanVersion, TitleVersion, version_on

_account = lru_cache(maxsize=65536)(quota_id)


def production_rights(case: Case) -> tuple[Right, ...]:
    """The title's year for what is produced; none where no volume is known (rules PLA-004 and QUO-006 say it)."""
    title, plan, measured = case.title, _plan_of_the_year(case), case.measured
    if title is None or plan is None or plan.line is None or plan.version is None or measured is None:
        return ()
    amount = measured.metal if plan.by_metal else measured.amount
    right = year_quota(title, plan.version, plan.line, case.on)
    return (right._replace(amount=amount),) if right is not None and amount is not None else ()


def _plan_of_the_year(case: Case) -> Plan | None:
    """The plan that counts what a year produces, whatever day of it is reported: as its quotas are brought to whenever
    a plan changes. That of the day where it says nothing of the mineral in that year, or that of the day does not
    cover the mineral."""
    title, plan = case.title, case.plan
    if title is None or plan is None or plan.line is None:
        return plan
    version = plan_that_counts(case.world.plans.get(title.title, ()), title, case.on)
    if version is None or version is plan.version:
        return plan
    counted = plan_of(version, case.mineral, title)
    given = counted.line is not None and approved_volume(counted.line, plan_year(title, case.on)) is not None
    return counted if given else plan


def subsistence_rights(case: Case) -> tuple[Right, ...]:
    """The miner's month and year over all buyers and operators (Res. MME 40103 de 2017)."""
    seller, mineral, measured = case.actors.get("seller"), case.mineral, case.measured
    if seller is None or mineral is None or mineral.quota_group is None or measured is None:
        return ()
    cap = law.subsistence_cap(mineral.quota_group, case.on)
    counted = measured.gross if cap.gross else measured.amount
    if counted is None or measured.amount is None:
        return ()
    amount = cap.used_by(counted, mineral.unit)
    return tuple(r._replace(amount=amount) for r in person_quotas(seller, mineral.quota_group, case.on))


def person_quotas(person: UUID, group: str, on: date) -> tuple[Right, ...]:
    """A subsistence miner's month and year that contain `on`, of one quota group; nothing is drawn on them yet.

    Norm: Res. MME 40103 de 2017. Raises NormNotInForce where the group has no cap on that date.
    """
    cap = law.subsistence_cap(group, on)
    periods: tuple[tuple[Basis, Period, int, Severity], ...] = (
        ("person_month", month_of(on), cap.month, cap.month_effect),
        ("person_year", year_of(on), cap.year, cap.year_effect),
    )
    return tuple(
        Right(
            _account(basis=basis, subject=person, quota_group=group, period_start=period.start),
            basis, person, group, period.start, period.end, grant, effect, cap.source, 0, cap.unit, cap.factor,
        )
        for basis, period, grant, effect in periods
    )  # fmt: skip


def sale_rights(case: Case) -> tuple[Right, ...]:
    """The quarter's sales of each title of the seller from which the lots come (Ley 2250 de 2022 art. 14)."""
    seller = case.actors.get("seller")
    drawn: dict[UUID, Right] = {}
    for part in case.parts:
        for title, plan, amount in _from_own_titles(case, part, seller):
            right = _quarter_right(case, title, plan, amount)
            if right is not None:
                before = drawn.get(right.account)
                total = right.amount + (before.amount if before is not None else 0)
                drawn[right.account] = right._replace(amount=total)
    return tuple(drawn.values())


def left_of(case: Case, right: Right) -> int:
    """What is left of a quota, in its smallest unit, before this movement: all of it while nothing was granted."""
    balance = case.world.balance(right.account)
    return balance.available if balance.received else right.grant


def measure_rights(case: Case) -> None:
    """Set what is left of each of the case's rights now, and which of them it exceeds."""
    case.left = tuple([left_of(case, right) for right in case.rights])
    case.exceeded = tuple([(r, left) for r, left in zip(case.rights, case.left, strict=True) if r.amount > left])


def _from_own_titles(case: Case, part: Part, seller: UUID | None) -> Iterable[tuple[TitleVersion, Plan, int]]:
    """Each title of the seller that the part comes from, with its plan for the mineral and its share, rounded down."""
    facts, world = part.facts, case.world
    if facts is None or part.amount is None or seller is None:
        return
    weights = world.origin_weights(facts)
    total = sum(weights.values())
    for origin_id, weight in weights.items():
        origin = world.origins.get(origin_id)
        title = version_on(world.titles.get(origin.code, ()), case.on) if origin and origin.code else None
        if title is None or all(actor != seller for actor, _ in title.holders):
            continue
        plan = plan_for(world.plans.get(title.title, ()), part.mineral, title, case.on)
        amount = contained(part) if plan.by_metal else part.amount
        if amount is not None:
            yield title, plan, amount * weight // total


def _quarter_right(case: Case, title: TitleVersion, plan: Plan, amount: int) -> Right | None:
    """None where no volume is known. A share that rounds to nothing has its right too: as the same group may change
    the lot's shares before the sale is decided, what is locked cannot rest on how they round."""
    right = quarter_quota(title, plan.line, case.on) if plan.line is not None else None
    return right._replace(amount=amount) if right is not None else None


def year_quota(title: TitleVersion, plan: PlanVersion, line: PlanLine, on: date) -> Right | None:
    """The title's contract year that contains `on`, for one line of its plan; None where that gives no volume."""
    year = plan_year(title, on)
    volume = approved_volume(line, year)
    if volume is None:
        return None
    return _title_right("title_year", title, line, year, volume, "blocking", str(plan.id))


def quarter_quota(title: TitleVersion, line: PlanLine, on: date) -> Right | None:
    """The quarter's sales of a title for one line of its plan (Ley 2250 de 2022 art. 14); None where no volume is."""
    volume = approved_volume(line, plan_year(title, on))
    if volume is None:
        return None
    cap = law.quarter_sales(on)
    grant = volume * cap.share.numerator // cap.share.denominator
    return _title_right("title_quarter", title, line, quarter_of(on), grant, cap.effect, cap.source)


def _title_right(
    basis: Basis,
    title: TitleVersion,
    line: PlanLine,
    period: Period,
    grant: int,
    effect: Severity,
    source: str,
) -> Right:
    counted = _counted_in(line.mineral)
    account = _account(basis=basis, subject=title.title, quota_group=line.mineral, period_start=period.start)
    return Right(
        account, basis, title.title, line.mineral, period.start, period.end, grant, effect, source, 0,
        counted.unit, counted.factor,
    )  # fmt: skip


def _counted_in(group: str) -> Mineral:
    mineral = catalogue().mineral(group)
    if mineral is None:
        raise LookupError(f"a plan's line names {group}, which the registry refuses")
    return mineral
