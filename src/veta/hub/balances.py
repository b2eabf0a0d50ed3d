"""What a party may still extract or sell today, and what it holds: quotas of three slices in one answer.

A quota that nobody opened yet is what norms and acts give for its period; one that is open is what the ledger says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from veta.ledger import queries as ledger
from veta.movements.domain.case import Right
from veta.movements.domain.plans import plan_of, plan_that_counts
from veta.movements.domain.rights import person_quotas, quarter_quota, year_quota
from veta.norms import NormNotInForce
from veta.norms.catalogue import Mineral, catalogue
from veta.registry import queries as registry
from veta.registry.domain import PlanLine, PlanVersion, RegistrationVersion, TitleVersion, registrations_on, version_on
from veta.storage.connection import plain_cursor

SUBSISTENCE = frozenset({"subsistence", "barequero", "chatarrero"})


@dataclass(frozen=True, slots=True)
class QuotaNow:
    """A quota as it stands: `left` is what a movement could still use; `title` the code where it is a title's."""

    right: Right
    title: str | None
    used: int
    left: int
    opened: bool

    @property
    def over(self) -> bool:
        return self.left <= 0


def quotas_of(actor: UUID, *, on: date, mineral: Mineral | None = None) -> list[QuotaNow]:
    """The quotas of the periods that contain `on` (a Bogotá date), of the person and of the titles it holds."""
    registrations = registrations_on(registry.registrations_of([actor]).get(actor, ()), on)
    active = [version for version in registrations if version.status == "active"]
    found = [(right, None) for right in _own(actor, active, on, mineral)] + _titles(actor, active, on, mineral)
    balances = ledger.balances(plain_cursor(), [right.account for right, _ in found])
    return [_now(right, title, balances.get(right.account)) for right, title in found]


def _own(actor: UUID, active: Sequence[RegistrationVersion], on: date, mineral: Mineral | None) -> Iterable[Right]:
    """Subsistence caps: of the mineral's group, else of every group that the registrations reach."""
    mine = [version for version in active if version.producer_class in SUBSISTENCE]
    if not mine:
        return []
    listed = None if any(not version.minerals for version in mine) else set().union(*(v.minerals for v in mine))
    minerals = [mineral] if mineral is not None else list(catalogue())
    reached = (m for m in minerals if listed is None or catalogue().covers(listed, m.code))
    groups = dict.fromkeys(m.quota_group for m in reached if m.quota_group is not None)
    return [right for group in groups for right in _caps(actor, group, on)]


def _caps(actor: UUID, group: str, on: date) -> tuple[Right, ...]:
    try:
        return person_quotas(actor, group, on)
    except NormNotInForce:
        return ()


def _titles(
    actor: UUID, active: Sequence[RegistrationVersion], on: date, mineral: Mineral | None
) -> list[tuple[Right, str | None]]:
    codes = {version.title_code for version in active if version.title_code is not None}
    versions = registry.titles_by_code(codes)
    held = [t for found in versions.values() if (t := version_on(found, on)) is not None and _holds(t, actor)]
    plans = registry.plans_of([title.title for title in held])
    return [
        (right, title.code) for title in held for right in title_quotas(title, plans.get(title.title, ()), on, mineral)
    ]


def _holds(title: TitleVersion, actor: UUID) -> bool:
    return any(holder == actor for holder, _ in title.holders)


def quotas_of_title(title: TitleVersion, plans: Sequence[PlanVersion], *, on: date) -> list[QuotaNow]:
    """The quotas of a title's plan for the periods that contain `on` (a Bogotá date)."""
    found = list(title_quotas(title, plans, on, None))
    balances = ledger.balances(plain_cursor(), [right.account for right in found])
    return [_now(right, title.code, balances.get(right.account)) for right in found]


def title_quotas(
    title: TitleVersion, plans: Iterable[PlanVersion], on: date, mineral: Mineral | None
) -> Iterable[Right]:
    """The year and the quarter's sales of each line of the plan in force, or of the line that reaches `mineral`; the
    year by the plan that counts it, which may begin later."""
    versions = list(plans)
    plan = version_on(versions, on)
    if plan is None:
        return
    counts = plan_that_counts(versions, title, on) or plan
    years = (year_quota(title, counts, line, on) for line in _lines(counts, mineral, title))
    quarters = (quarter_quota(title, line, on) for line in _lines(plan, mineral, title))
    rights = [right for right in (*years, *quarters) if right is not None]
    groups = list(dict.fromkeys(right.group for right in rights))
    yield from sorted(rights, key=lambda right: groups.index(right.group))


def _lines(plan: PlanVersion, mineral: Mineral | None, title: TitleVersion) -> Sequence[PlanLine]:
    if mineral is None:
        return plan.lines
    line = plan_of(plan, mineral, title).line
    return (line,) if line is not None else ()


def _now(right: Right, title: str | None, balance: Any) -> QuotaNow:
    """What was undone, and what a reduced plan took back, was released too: it is not used. Where nothing is left of
    what only warns, all that was released is told, the excess in it; so is a quarter's, which keeps what its first sale
    was granted whatever a plan says since."""
    if balance is None or not balance.received:
        return QuotaNow(right, title, 0, right.grant, opened=False)
    exact = right.effect == "blocking" or (balance.free > 0 and right.basis != "title_quarter")
    used = max(right.grant - balance.free, 0) if exact else balance.released + balance.held
    return QuotaNow(right, title, used, balance.free, opened=True)


def stock_of(actor: UUID, *, mineral: Mineral | None = None) -> list[ledger.Stock]:
    """What the actor holds now, by mineral and accreditation."""
    held = ledger.stock(plain_cursor(), actor)
    return held if mineral is None else [each for each in held if each.mineral == mineral.code]
