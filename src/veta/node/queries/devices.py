"""A client's phones: which are in use, and which must hand over what they have and forget what they keep."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from veta.node.domain.clients import MandateState
from veta.node.models import Device
from veta.node.queries.mandates import state_of


def phones_of(client: UUID) -> QuerySet[Device]:
    """Those that a person enrolled, in use or not, the latest first; the node's own chain is none of them."""
    found = Device.objects.filter(client=client, enrolled_by__isnull=False)
    return found.select_related("end", "branch").order_by("-enrolled_at", "-id")


def must_forget(client: UUID, device: UUID) -> str:
    """Why a phone has to forget what it keeps of a client once it handed everything over; empty where it may go on.

    It was taken out of use, or the client's mandate ended: nobody is bought from for it any more. Who lost their role
    has no session that could ask: that phone is told by the refusal itself.
    """
    if Device.objects.filter(pk=device, client=client, end__isnull=False).exists():
        return gettext("Este teléfono se retiró: lo que tenía se entregó y lo que guardaba del cliente se borró.")
    if state_of(client) is MandateState.ENDED:
        return gettext(
            "El mandato de este cliente terminó: lo capturado se entregó y lo que este teléfono guardaba se borró."
        )
    return ""
