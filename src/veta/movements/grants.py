"""A changed plan reaches the quotas that exist already: each difference is a movement of kind `grant`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.ids import uuid_of
from veta.ledger.domain.accounts import quota_id
from veta.movements import group
from veta.movements.domain.item import Grant
from veta.movements.domain.submission import Received, Result, Submission
from veta.movements.domain.verdict import instant_text
from veta.norms.catalogue import catalogue
from veta.operators.services.hub_keys import HubSigner
from veta.registry.domain import PlanChange
from veta.storage.connection import plain_cursor

_GRANTED = "SELECT id FROM ledger_account WHERE id = ANY (%s::uuid[]) AND received > 0"


class Difference(NamedTuple):
    """What a changed plan adds to (or takes from) one quota that was granted before, in the right's smallest unit."""

    quota: UUID
    group: str
    amount: int


def grant_differences(change: PlanChange, *, clock: Clock, signer: HubSigner) -> list[Result]:
    """Post what a plan changed to every quota of the title that was granted by the plan before.

    In the transaction that recorded the plan, which keeps the title's row locked: no quota is opened between the two.
    A quota nobody granted yet follows the new plan by itself. Returns the verdicts of the grants, PLA-005 among them
    where a reduction took less than it should because it was used already.
    """
    items = [_item(change, difference, clock) for difference in _differences(change)]
    submission = Submission(group.HUB, items)
    if items:
        group.run([submission], clock=clock, signer=signer)
    return submission.results


def _differences(change: PlanChange) -> list[Difference]:
    """The moved volumes whose quota was granted before. A line that appears or goes moves from or to nothing."""
    moved = [
        Difference(_quota(change.after.title, mineral, start), mineral, after - before)
        for (mineral, start), (before, after) in change.moved.items()
    ]
    granted = _granted([difference.quota for difference in moved])
    return [difference for difference in moved if difference.quota in granted]


def _quota(title: UUID, mineral: str, start: str) -> UUID:
    return quota_id(basis="title_year", subject=title, quota_group=mineral, period_start=date.fromisoformat(start))


def _granted(quotas: Sequence[UUID]) -> set[UUID]:
    return {row[0] for row in plain_cursor().execute(_GRANTED, (list(quotas),))}


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
