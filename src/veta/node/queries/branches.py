"""A client's branches as they stand: which are open, which facility each has, and what a closed one leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from veta.node.models import Branch, BranchFacility


def branches_of(client: UUID) -> QuerySet[Branch]:
    """All of them with their end, if they have one, by name."""
    return Branch.objects.filter(client=client).select_related("closing").order_by("name", "id")


def open_branches(client: UUID) -> QuerySet[Branch]:
    """Those where something can be captured."""
    return branches_of(client).filter(closing__isnull=True)


def facilities(branches: Iterable[Branch]) -> dict[UUID, str]:
    """The plant, store or mine that each branch has now; empty where it has none."""
    given = list(branches)
    found = {branch.id: branch.facility for branch in given}
    later = BranchFacility.objects.filter(branch__in=given).order_by("recorded_at", "id")
    return found | dict(later.values_list("branch_id", "facility"))
