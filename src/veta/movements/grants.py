"""A changed plan reaches the quotas that exist already: each difference is a movement of kind `grant`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.ids import uuid_of
from veta.ledger import queries as ledger
from veta.ledger.domain.accounts import quota_id
from veta.ledger.domain.batch import NewQuota
from veta.ledger.queries import Granted
from veta.ledger.services import ensure_quotas, lock
from veta.movements import group
from veta.movements.domain.item import Grant
from veta.movements.domain.submission import Received, Result, Submission
from veta.movements.domain.verdict import instant_text
from veta.norms.catalogue import catalogue
from veta.operators.services.hub_keys import HubSigner
from veta.registry.domain import PlanChange, PlanVersion
from veta.registry.queries import plans_of
from veta.storage.connection import plain_cursor


class Difference(NamedTuple):
    """What a changed plan adds to (or takes from) one quota, in the right's smallest unit.

    `carried`: what was used of it already under a line that reached the mineral before; negative of that line's quota.
    """

    quota: UUID
    group: str
    amount: int
    carried: int = 0


def grant_differences(change: PlanChange, *, clock: Clock, signer: HubSigner) -> list[Result]:
    """Post what a plan changed to every quota of the title that was granted by a plan before.

    Where it now names a mineral that was produced that year under a heading, what was used goes over to the new line:
    the year is one. In the transaction that recorded the plan, which keeps the title's row locked: no quota is opened
    between the two. A quota nobody granted yet follows the new plan by itself. Returns the verdicts of the grants,
    PLA-005 among them where a reduction took less than it should because it was used already.
    """
    items = [_item(change, difference, clock) for difference in _differences(change) if any(difference[2:])]
    submission = Submission(group.HUB, items)
    if items:
        group.run([submission], clock=clock, signer=signer)
    return submission.results


def _differences(change: PlanChange) -> Iterator[Difference]:
    """What the new plan approves of each year that it touches, less what that year was granted, net of what was taken.

    Years that were over when it begins, or that begin after it ends, are not its own: late reports of them rest on what
    was approved then. A line that goes leaves nothing approved.
    """
    after = change.after
    volumes = _volumes([after])
    plans = plans_of([after.title])[after.title]
    years = {_quota(after.title, *year): year for year in sorted(_volumes(plans))}
    lock(plain_cursor(), years)  # no movement uses them between what is read here and what is posted
    known = ledger.granted(plain_cursor(), years)
    touched = [g for g in known if after.valid_from <= g.end and (after.valid_to is None or g.start <= after.valid_to)]
    carried = _carried(after, touched, years, opened={each.quota for each in known})
    for found in touched:
        name, _ = years[found.quota]
        leaves = sum(amount for (quota, _), amount in carried.items() if quota == found.quota)
        yield Difference(found.quota, name, volumes.get(years[found.quota], 0) - found.amount, -leaves)
    for (quota, mineral), amount in carried.items():
        start = years[quota][1]
        yield Difference(_quota(after.title, mineral, start), mineral, volumes[mineral, start], amount)


def _carried(
    after: PlanVersion, touched: Sequence[Granted], years: Mapping[UUID, tuple[str, str]], *, opened: Collection[UUID]
) -> dict[tuple[UUID, str], int]:
    """What was used of each quota by a mineral that has now a line of its own, at most what that line approves. The
    quotas of those lines are opened: their years have begun."""
    volumes, periods = _volumes([after]), {each.quota: each for each in touched}
    found: dict[tuple[UUID, str], int] = {}
    new: dict[UUID, NewQuota] = {}
    for (quota, mineral), used in ledger.drawn(plain_cursor(), list(periods)).items():
        name, start = years[quota]
        own, most = _quota(after.title, mineral, start), volumes.get((mineral, start), 0)
        if mineral == name or own in opened or own in new or min(used, most) <= 0 or not _same_unit(name, mineral):
            continue
        found[quota, mineral], period = min(used, most), periods[quota]
        new[own] = NewQuota(own, after.title, "title_year", mineral, period.start, period.end, str(after.id))
    ensure_quotas(plain_cursor(), new.values())
    return found


def _same_unit(name: str, mineral: str) -> bool:
    """Whether both are counted alike; an ore under its metal's line is not."""
    one, other = catalogue().mineral(name), catalogue().mineral(mineral)
    return one is not None and other is not None and (one.unit, one.factor) == (other.unit, other.factor)


def _volumes(plans: Iterable[PlanVersion]) -> dict[tuple[str, str], int]:
    """By mineral or heading and the day on which the contract year starts."""
    return {(line.mineral, start): v for plan in plans for line in plan.lines for start, v in line.volumes.items()}


def _quota(title: UUID, mineral: str, start: str) -> UUID:
    return quota_id(basis="title_year", subject=title, quota_group=mineral, period_start=date.fromisoformat(start))


def _item(change: PlanChange, difference: Difference, clock: Clock) -> Received:
    mineral = catalogue().mineral(difference.group)
    grant = Grant(
        id=uuid_of("grant", str(change.after.id), str(difference.quota)), kind="grant", occurred_at=clock.now(),
        title=change.after.title, quota=difference.quota, group=difference.group, amount=difference.amount,
        unit=mineral.smallest if mineral is not None else "", act=change.after.act, carried=difference.carried,
    )  # fmt: skip
    words = canonical(
        {
            "id": str(grant.id),
            "kind": "grant",
            "occurred_at": instant_text(grant.occurred_at),
            "title": str(grant.title),
            "quota": str(grant.quota),
            "group": grant.group,
            "amount": str(grant.amount),
            "unit": grant.unit,
            "act": grant.act,
            **({"carried": str(grant.carried)} if grant.carried else {}),
        }
    )
    return Received(words, words, grant, str(grant.id))


def grant_of(value: dict[str, Any]) -> Grant:
    """A grant read back from its words, for replay."""
    return Grant(
        id=UUID(value["id"]), kind="grant", occurred_at=datetime.fromisoformat(value["occurred_at"]),
        title=UUID(value["title"]), quota=UUID(value["quota"]), group=value["group"], amount=int(value["amount"]),
        unit=value["unit"], act=value["act"], carried=int(value.get("carried", 0)),
    )  # fmt: skip
