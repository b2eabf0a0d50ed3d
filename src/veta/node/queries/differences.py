"""What the two books still say differently of clients' movements."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from veta.node.domain.reconciling import Differs
from veta.node.models import BusinessRecord, Difference, Reconciliation


def standing(clients: Sequence[UUID]) -> QuerySet[Difference]:
    """What each client's last run found, and what any found of another operator's that this node has no record of."""
    last = Reconciliation.objects.filter(client__in=clients).order_by("client", "-id").distinct("client")
    elsewhere = Q(reconciliation__client__in=clients, differs=Differs.ELSEWHERE.value)
    ours = BusinessRecord.objects.filter(client__in=clients).values("id")
    found = Difference.objects.filter(Q(reconciliation__in=list(last)) | elsewhere)
    return found.exclude(differs=Differs.ELSEWHERE.value, movement__in=ours).order_by("differs", "id")


def open_differences(clients: Sequence[UUID]) -> dict[UUID, int]:
    """How many differences stand of each client; those without any have no key. Two queries.

    What was reported outside this node is no difference of its book: `reported_elsewhere` counts it.
    """
    counted = (
        standing(clients)
        .exclude(differs=Differs.ELSEWHERE.value)
        .order_by()
        .values("reconciliation__client")
        .annotate(n=Count("id"))
    )
    return {row["reconciliation__client"]: row["n"] for row in counted}


def reported_elsewhere(client: UUID) -> int:
    """How many of a client's movements the hub has by another way than this node."""
    return standing([client]).filter(differs=Differs.ELSEWHERE.value).count()
