"""What is left of each quota, as the month is written: nobody honest plans to exceed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from veta.demo.world import Miner, Title, World
from veta.kernel.period import contract_year_of, month_of, year_of
from veta.ledger.domain.accounts import quota_id
from veta.movements.domain import law
from veta.norms.catalogue import catalogue


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota's account and the whole of it, in the smallest unit of what is counted."""

    account: UUID
    limit: int


@dataclass(slots=True)
class Room:
    """Quotas with what was used of them before the month (`used`, by account) and what the month took so far."""

    titles: Mapping[str, UUID]
    used: Mapping[UUID, int]
    taken: dict[UUID, int] = field(default_factory=dict)

    def left(self, quota: Quota) -> int:
        return quota.limit - self.used.get(quota.account, 0) - self.taken.get(quota.account, 0)

    def take(self, quotas: tuple[Quota, ...], amount: int) -> bool:
        """Take `amount` of all the quotas, or of none: False where one of them has less left."""
        if any(self.left(quota) < amount for quota in quotas):
            return False
        for quota in quotas:
            self.taken[quota.account] = self.taken.get(quota.account, 0) + amount
        return True

    def of_title(self, title: Title, mineral: str, on: date) -> tuple[Quota, ...]:
        """The quota of the title's contract year that a production of `mineral` draws on."""
        line = mineral if mineral in title.volumes else next(iter(title.volumes))
        start = contract_year_of(on, anniversary=title.contract_date).start
        subject = self.titles[title.code]
        account = quota_id(basis="title_year", subject=subject, quota_group=line, period_start=start)
        return (Quota(account, title.volumes[line].get(start.isoformat(), 0)),)

    def of_miner(self, miner: Miner, on: date) -> tuple[Quota, ...]:
        """The quotas of the miner's month and year."""
        return miner_quotas(miner, on)


def miner_quotas(miner: Miner, on: date) -> tuple[Quota, ...]:
    """The month's and the year's quota of a miner on a date (Res. MME 40103 de 2017, over all buyers)."""
    mineral = catalogue().mineral(miner.mineral)
    assert mineral is not None and mineral.quota_group is not None, miner.mineral
    cap, group, subject = law.subsistence_cap(mineral.quota_group, on), mineral.quota_group, miner.actor.id
    month = quota_id(basis="person_month", subject=subject, quota_group=group, period_start=month_of(on).start)
    year = quota_id(basis="person_year", subject=subject, quota_group=group, period_start=year_of(on).start)
    return Quota(month, cap.month), Quota(year, cap.year)


def accounts_of(world: World, titles: Mapping[str, UUID], days: Iterable[date]) -> Iterator[UUID]:
    """Every quota account that movements on those days may draw on."""
    room = Room(titles, {})
    for on in days:
        for title in world.titles:
            yield from (quota.account for mineral in title.volumes for quota in room.of_title(title, mineral, on))
        for miner in world.miners:
            yield from (quota.account for quota in miner_quotas(miner, on))
