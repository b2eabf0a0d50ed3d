"""What waits for a person: dead or rejected, and settled by nobody; and a record's place in its device's chain."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from veta.node.domain.records import FIRST
from veta.node.models import BusinessRecord, Client, OutboxItem, Resolution
from veta.node.models.records import link_of
from veta.node.services.mending import MENDABLE


def unsettled(client: Client) -> QuerySet[OutboxItem]:
    """What the hub did not take and nobody settled, the latest first."""
    found = OutboxItem.objects.filter(client=client, state__in=[state.value for state in MENDABLE])
    return found.filter(record__resolution=None).select_related("record").order_by("-number")


@dataclass(frozen=True, slots=True)
class Link:
    """A record's place in its device's chain. `whole`: its digest covers its words and the record before it."""

    device: str
    sequence: int
    digest: str
    before: UUID | None
    whole: bool


def chain_of(record: BusinessRecord) -> Link:
    """The place of a record, worked out anew from what is kept."""
    before = BusinessRecord.objects.filter(device=record.device_id, sequence=record.sequence - 1).first()
    digest, follows = record.digest, link_of(record.previous)
    joined = follows == (bytes(before.link) if before is not None else link_of(FIRST))
    whole = joined and link_of(digest) == bytes(record.link)
    return Link(record.device.name, record.sequence, digest, before.pk if before is not None else None, whole)


def settled(record: BusinessRecord) -> Resolution | None:
    """How a record was settled, where somebody did."""
    return Resolution.objects.filter(pk=record.pk).select_related("by", "replaced_by").first()


def mends(record: BusinessRecord) -> UUID | None:
    """The record in whose place this one stands."""
    return Resolution.objects.filter(replaced_by=record).values_list("record_id", flat=True).first()
