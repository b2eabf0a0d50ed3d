"""What the hub was asked under our signature, what it said, and the feed of what concerns the clients."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.domain.lots import LONGEST
from veta.storage.sealed_field import SealedBytes, SealedJson


class Verdict(models.Model):
    """A verdict of the hub under a record's id, whole, with its receipt: kept as it came."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    movement = models.UUIDField(unique=True)
    status = models.CharField(max_length=12)
    body = models.JSONField()
    receipt = models.JSONField(null=True)
    repeated = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_default=Now(), editable=False)


class SignedRequest(models.Model):
    """A request that reports or answers movements, as it was signed, written before it leaves: a leaf covers both.

    Each attempt is signed anew: the one that a receipt is of is the one that its leaf opens with. `movements` are named
    once for a body: other attempts with the same digest name none, however long a hub is out of reach. `digest`: the
    body's, keyed. A leaf's salt lies in its receipt: without the signature nobody can try what the leaf says.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.BinaryField(max_length=32)
    body_digest = SealedBytes()
    signature = SealedBytes()
    movements = ArrayField(models.UUIDField())
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["digest"], name="node_request_digest"),
            GinIndex(fields=["movements"], name="node_request_movements"),
        ]


class HubEvent(models.Model):
    """An event of the hub's feed, under the log's number. `subject` is the movement that it ends or answers, if any.

    `author_mandate` and `counterparty_mandate`: of a party that is a client of this operator, its mandate at the hub.
    """

    number = models.BigIntegerField(primary_key=True)
    movement = models.UUIDField()
    kind = models.CharField(max_length=24)
    subject = models.UUIDField(null=True)
    author_mandate = models.UUIDField(null=True)
    counterparty_mandate = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    # Of its verdict, where it has one: the status, and of what it ends how.
    status = models.CharField(max_length=12, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    body = SealedJson()
    read_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["movement"], name="node_event_movement"),
            models.Index(fields=["subject"], name="node_event_subject"),
            # What a client reported elsewhere, and what is offered to it: by mandate, movements alone.
            models.Index(
                fields=["author_mandate", "number"], name="node_event_author", condition=Q(subject__isnull=True)
            ),
            models.Index(
                fields=["counterparty_mandate", "number"], name="node_event_offered", condition=Q(subject__isnull=True)
            ),
        ]


class FeedCursor(models.Model):
    """Where the reading of the feed goes on: one row, moved in the transaction that keeps a page's events."""

    name = models.CharField(max_length=20, primary_key=True)
    cursor = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)


class LotGrade(models.Model):
    """The grade of a lot that came from somebody else, as the hub states it: what its yield is judged by."""

    lot = models.UUIDField(primary_key=True)
    grade = models.CharField(max_length=20)
    read_at = models.DateTimeField(db_default=Now(), editable=False)


class OfferPrice(models.Model):
    """The price that the seller of an offered sale stated, decimal text, as the hub told it to its buyer."""

    movement = models.UUIDField(primary_key=True)
    price_cop = models.CharField(max_length=LONGEST)
    read_at = models.DateTimeField(db_default=Now(), editable=False)


class IdentityKey(models.Model):
    """The fingerprint of a key that identities of this database were sealed or digested with: another is refused."""

    purpose = models.CharField(max_length=16, primary_key=True)
    fingerprint = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
