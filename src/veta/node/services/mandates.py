"""The mandate's steps, and what each does to what waits to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.node.domain.clients import MandateState
from veta.node.domain.records import OPEN, State
from veta.node.models import Client, MandateStep, OutboxItem
from veta.node.queries.mandates import last_steps
from veta.node.services.capture import HOLDS, SEND, lock, wake

AT_THE_HUB = {
    "active": MandateState.IN_FORCE,
    "proposed": MandateState.PROPOSED,
    # Either side ended it, or its term did.
    "revoked": MandateState.ENDED,
    "ended": MandateState.ENDED,
}


def record_step(client: Client, state: MandateState, *, mandate: UUID | None, cause: str = "") -> MandateStep:
    """Write a step of a client's mandate. Effects: one in force lets what waits go, any other holds it."""
    with transaction.atomic():
        lock(client)
        step = MandateStep.objects.create(client=client, state=state.value, mandate=mandate, cause=cause)
        waiting = OutboxItem.objects.filter(client=client)
        if state is MandateState.IN_FORCE:
            waiting.filter(state=State.HELD.value).update(state=State.QUEUED.value, cause="", fix="")
            wake(SEND)
        else:
            why, remedy = HOLDS[state]
            waiting.filter(state__in=[each.value for each in (*OPEN, State.HELD)]).update(
                state=State.HELD.value, cause=str(why), fix=str(remedy)
            )
    return step


def follow_hub(listed: Iterable[Mapping[str, Any]]) -> list[MandateStep]:
    """Take over how the hub says that the mandates stand; the steps that this made."""
    at_hub = {UUID(each["id"]): AT_THE_HUB.get(each["status"]) for each in listed}
    steps = last_steps(list(Client.objects.values_list("id", flat=True)))
    made = []
    for step in steps.values():
        now = at_hub.get(step.mandate) if step.mandate else None
        if now is not None and now.value != step.state:
            made.append(record_step(step.client, now, mandate=step.mandate, cause="hub"))
    return made
