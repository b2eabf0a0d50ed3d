"""How the clients' mandates stand, as far as this node knows."""

from collections.abc import Collection
from uuid import UUID

from veta.node.domain.clients import MandateState
from veta.node.models import MandateStep


def last_steps(clients: Collection[UUID]) -> dict[UUID, MandateStep]:
    """The last step of each client's mandate; one query."""
    found = MandateStep.objects.filter(client__in=clients).order_by("client", "-at", "-id").distinct("client")
    return {step.client_id: step for step in found}


def state_of(client: UUID) -> MandateState:
    """How a client's mandate stands."""
    step = last_steps([client]).get(client)
    return MandateState(step.state) if step else MandateState.NONE


def mandates_of(client: UUID) -> list[UUID]:
    """Every mandate that a client ever had with this operator, by the hub's ids: its events are told under one."""
    steps = MandateStep.objects.filter(client=client, mandate__isnull=False)
    return sorted({step.mandate for step in steps if step.mandate is not None})
