"""A changed plan reaches the quotas that exist already: each difference is a movement of kind `grant`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.ids import uuid_of
from veta.ledger import queries as ledger
from veta.ledger.domain.accounts import quota_id
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
    """What a changed plan adds to (or takes from) one quota that was granted before, in the right's smallest unit."""

    quota: UUID
    group: str
    amount: int


def grant_differences(change: PlanChange, *, clock: Clock, signer: HubSigner) -> list[Result]:
    """Post what a plan changed to every quota of the title that was granted by a plan before.

    In the transaction that recorded the plan, which keeps the title's row locked: no quota is opened between the two.
    A quota nobody granted yet follows the new plan by itself. Returns the verdicts of the grants, PLA-005 among them
    where a reduction took less than it should because it was used already.
    """
    items = [_item(change, difference, clock) for difference in _differences(change)]
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
    for found in ledger.granted(plain_cursor(), years):
        over = found.end < after.valid_from or (after.valid_to is not None and after.valid_to < found.start)
        amount = volumes.get(years[found.quota], 0) - found.amount
        if amount and not over:
            yield Difference(found.quota, years[found.quota][0], amount)


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
        unit=mineral.smallest if mineral is not None else "", act=change.after.act,
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
        }
    )
    return Received(words, words, grant, str(grant.id))


def grant_of(value: dict[str, Any]) -> Grant:
    """A grant read back from its words, for replay."""
    return Grant(
        id=UUID(value["id"]), kind="grant", occurred_at=datetime.fromisoformat(value["occurred_at"]),
        title=UUID(value["title"]), quota=UUID(value["quota"]), group=value["group"], amount=int(value["amount"]),
        unit=value["unit"], act=value["act"],
    )  # fmt: skip
