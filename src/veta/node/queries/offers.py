"""What others offer to a client, as the feed told it, and what became of each offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.functional import Promise

from veta.node.domain.records import GONE, REVERSAL, Operation, State
from veta.node.models import BusinessRecord, Client, HubEvent
from veta.node.queries.mandates import mandates_of
from veta.node.queries.outbox import KINDS, STATES

ANSWERS = (Operation.CONFIRM.value, Operation.REFUSE.value)


@dataclass(frozen=True, slots=True)
class Offer:
    """A movement of another party that asks for the client's answer. `state`: how it ended, pending while it has not.

    `answer`: the client's own, where it gave one here that was not refused.
    """

    movement: UUID
    kind: str
    offered_by: str
    at: datetime
    state: State
    answer: BusinessRecord | None

    @property
    def kind_label(self) -> Promise | str:
        return KINDS.get(self.kind, self.kind)

    @property
    def state_label(self) -> Promise:
        return STATES[State(self.answer.outbox.state) if self.answering and self.answer else self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way and the hub has not taken it yet."""
        return self.state is State.PENDING and self.answer is not None

    @property
    def open(self) -> bool:
        """Whether the client can answer it."""
        return self.state is State.PENDING and self.answer is None


def offers_to(client: Client) -> QuerySet[HubEvent]:
    """The events that offer something to a client, the latest first."""
    told = HubEvent.objects.filter(counterparty_mandate__in=mandates_of(client.id))
    told = told.filter(Q(kind="sale", subject=None) | Q(kind=REVERSAL))
    return told.filter(status=State.PENDING.value).order_by("-number")


def offer_to(client: Client, movement: UUID) -> Offer:
    """One offer. Http404 for what was not offered to this client."""
    found = offers_to(client).filter(movement=movement).first()
    if found is None:
        raise Http404
    return read(client, [found])[0]


def waiting(client: Client) -> int:
    """How many offers wait for the client's answer; the latest 200 are looked at."""
    return sum(offer.open for offer in read(client, list(offers_to(client)[:200])))


def read(client: Client, events: list[HubEvent]) -> list[Offer]:
    """The offers of these events, each with its end and the client's answer; two queries."""
    movements = [event.movement for event in events]
    ends = {
        event.subject: State(event.outcome)
        for event in HubEvent.objects.filter(subject__in=movements).exclude(outcome="").order_by("number")
        if event.status != State.REJECTED.value
    }
    own = BusinessRecord.objects.filter(client=client, operation__in=ANSWERS, about__in=movements)
    own = own.exclude(outbox__state__in=[state.value for state in GONE]).select_related("outbox")
    answers = {record.about: record for record in own.order_by("sequence")}
    return [
        Offer(
            event.movement, event.kind, (event.body.get("author") or {}).get("name") or "", event.occurred_at,
            ends.get(event.movement, State.PENDING), answers.get(event.movement),
        )
        for event in events
    ]  # fmt: skip
