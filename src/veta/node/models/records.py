"""What was captured, in its device's chain, and what of it is on the way to the hub."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.domain.records import OPEN, Captured, Operation, State, sent
from veta.node.models.clients import Branch, Client
from veta.site.models import User
from veta.storage.sealed_field import SealedJson
from veta.storage.sealing import keyed


def link_of(digest: str) -> bytes:
    """A chain's digest as the database holds it: two are compared by it, and no document can be tried against it."""
    return keyed("veta-chain-v1", digest)


class Device(models.Model):
    """Something that captures for one client: a phone, a browser, or this server. It numbers and chains its records.

    `last_sequence` and `last_digest` are the end of the chain as it arrived here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="devices")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="devices")
    name = models.CharField(max_length=120)
    enrolled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    enrolled_at = models.DateTimeField(db_default=Now(), editable=False)
    last_sequence = models.BigIntegerField(default=0)
    last_digest = SealedJson(default="")


class DeviceEnd(models.Model):
    """A phone was taken out of use: at its next contact it hands over what it has, and forgets what it keeps."""

    device = models.OneToOneField(Device, on_delete=models.PROTECT, primary_key=True, related_name="end")
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(db_default=Now(), editable=False)


class BusinessRecord(models.Model):
    """A movement as it was captured, or an answer to one. Its id is the movement's id at the hub, for ever.

    `payload` is the item of the hub's API: it names persons, and is sealed. `captured_at` is the device's clock;
    `skew_ms` how far that clock stood ahead of this server's (null where it was not compared). `local_findings` is what
    was told to the person at once. `link` and `follows` are its own digest and `previous`, keyed.
    `said_by`: the account that its digest covers, as the device said it; none where it covers none.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="records")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="records")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="records")
    sequence = models.BigIntegerField()
    operation = models.CharField(max_length=10)
    kind = models.CharField(max_length=24)
    payload = SealedJson()
    # The movement that it answers, receives or reverses; none where it says none that can be read.
    about = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    captured_at = models.DateTimeField()
    skew_ms = models.BigIntegerField(null=True)
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    captured_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # The same words again are harmless: a keyed digest of where they came from (a row of a workbook), one a client.
    source_digest = models.CharField(max_length=64, null=True)
    local_findings = SealedJson(default=list)
    # Why it came here after the term to report, where a device kept it so long: what is sent says it beside its words.
    late_reason = SealedJson(default="")
    previous = SealedJson()
    link = models.BinaryField(max_length=32)
    follows = models.BinaryField(max_length=32)
    said_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-occurred_at"], name="node_record_by_day"),
            models.Index(fields=["client", "kind", "-occurred_at"], name="node_record_by_kind"),
            models.Index(fields=["about"], name="node_record_about", condition=Q(about__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["device", "sequence"], name="node_record_in_chain"),
            models.UniqueConstraint(fields=["client", "source_digest"], name="node_record_source"),
            models.CheckConstraint(condition=Q(sequence__gt=0), name="node_record_sequence"),
            models.CheckConstraint(
                condition=Q(operation__in=[each.value for each in Operation]), name="node_record_operation"
            ),
        ]

    @property
    def digest(self) -> str:
        """The digest of what is kept: the device's own where the record is as it was captured (`link` says so)."""
        return Captured(
            id=self.pk, device=self.device_id, sequence=self.sequence, operation=Operation(self.operation),
            payload=self.payload, captured_at=self.captured_at, previous=self.previous, by=self.said_by,
        ).digest()  # fmt: skip

    def item(self) -> dict[str, Any]:
        """What goes to the hub: its words, and why they are late where they are."""
        return sent(self.payload, late_reason=self.late_reason)


class OutboxItem(models.Model):
    """A record's way to the hub, written in the record's own transaction. `number` is the order of capture."""

    number = models.BigAutoField(primary_key=True)
    record = models.OneToOneField(BusinessRecord, on_delete=models.PROTECT, related_name="outbox")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="outbox")
    state = models.CharField(max_length=10, default=State.QUEUED.value)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    # Why it is dead or held, or why the last attempt failed; and what the person can do about it.
    cause = models.CharField(max_length=500, blank=True)
    fix = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["client", "number"], name="node_outbox_open", condition=Q(state__in=[s.value for s in OPEN])
            ),
            models.Index(fields=["state", "client"], name="node_outbox_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="node_outbox_state_known"),
        ]


class Resolution(models.Model):
    """What a person made of a record that the hub did not take: another in its place, or nothing, and why."""

    record = models.OneToOneField(BusinessRecord, on_delete=models.PROTECT, primary_key=True, related_name="resolution")
    replaced_by = models.OneToOneField(BusinessRecord, on_delete=models.PROTECT, null=True, related_name="resolves")
    reason = SealedJson(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=False, reason__isnull=True)
                | Q(replaced_by__isnull=True, reason__isnull=False),
                name="node_resolution_one",
            )
        ]
