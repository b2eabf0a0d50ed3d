"""Operators, their keys and what they sent. Rows are only added; of nonces alone the forgotten ones are swept.

Whether a key counts is never stored: it follows from its approvals, its revocations and those of the key that asked for
it (`queries.key_states`), so that no two rows can contradict each other.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from veta.kernel.ids import uuid7


class Operator(models.Model):
    """A private operator of technology (OTTM), an actor of the registry where it is known as one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor = models.ForeignKey("registry.Actor", models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.CharField(max_length=150)


class OperatorVersion(models.Model):
    """Whether an operator is enabled, from when, by which act. The last recorded holds (`seq`, of the migration)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="versions")
    status = models.CharField(max_length=10)
    enabled_on = models.DateField()
    act = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("active", "suspended", "ended")), name="operator_version_status"
            ),
        ]


class OperatorKey(models.Model):
    """An Ed25519 key as it was recorded by an officer, or asked for by a live key of the same operator."""

    id = models.CharField(primary_key=True, max_length=64)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="keys")
    public_key = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=8)
    proposed_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="proposed")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=("signing", "recovery")), name="operator_key_purpose"),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) ^ Q(recorded_by=""), name="operator_key_one_author"
            ),
        ]


class KeyApproval(models.Model):
    """One officer's approval of a key. An officer counts once, however the name is written."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.ForeignKey(OperatorKey, models.PROTECT, related_name="approvals")
    officer = models.CharField(max_length=150)
    approved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "officer"], name="key_approval_once"),
            models.CheckConstraint(condition=Q(officer=Lower(F("officer"))) & ~Q(officer=""), name="key_approval_case"),
        ]


class KeyRevocation(models.Model):
    """A key stops counting. `compromised` takes with it every key that this one asked for, and theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.ForeignKey(OperatorKey, models.PROTECT, related_name="revocations")
    at = models.DateTimeField(db_default=Now(), editable=False)
    compromised = models.BooleanField()
    reason = models.CharField(max_length=400)
    revoked_by = models.CharField(max_length=150)


class Nonce(models.Model):
    """A nonce seen with a key. No foreign keys and one B-tree: a row for every request."""

    pk = models.CompositePrimaryKey("key_id", "nonce")
    key_id = models.TextField()
    nonce = models.TextField()
    seen_until = models.DateTimeField()


class NonceFloor(models.Model):
    """Signatures created before this instant are refused: their nonces were swept, or lost in a restore."""

    instant = models.DateTimeField(primary_key=True)
    cause = models.CharField(max_length=8)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=("sweep", "restore")), name="nonce_floor_cause"),
        ]


class SignedRequest(models.Model):
    """What an operator signed: with its items, the evidence that it said so. `frame` is the body without its items."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator = models.UUIDField()
    key_id = models.TextField()
    method = models.TextField()
    target_uri = models.TextField()
    signature_input = models.TextField()
    signature = models.BinaryField()
    body_digest = models.BinaryField()
    frame = models.BinaryField()
    received_at = models.DateTimeField()


class HubKey(models.Model):
    """A public key of the hub, kept for ever: what it signed must stay verifiable."""

    id = models.CharField(primary_key=True, max_length=64)
    public_key = models.BinaryField(max_length=32, unique=True)
    since = models.DateTimeField(db_default=Now(), editable=False)


class Webhook(models.Model):
    """Where an operator asked to be told, and with which of its keys. The last asked for is the one that counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    key = models.ForeignKey(OperatorKey, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)


class WebhookCall(models.Model):
    """One call of the hub: its challenge, or a page of events; `until` is how far the log is told where it went well.

    A row without events says that nothing until there concerns the operator: nobody was called.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="calls")
    kind = models.CharField(max_length=9)
    outcome = models.CharField(max_length=40)
    until = models.BigIntegerField(null=True)
    events = models.IntegerField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("challenge", "events")), name="webhook_call_kind"),
            models.CheckConstraint(
                condition=Q(outcome="ok", until__gte=0) | (~Q(outcome="ok") & Q(until__isnull=True)),
                name="webhook_call_until",
            ),
        ]
        indexes = [models.Index(fields=["webhook", "at"], name="webhook_call_time")]


class WebhookEnd(models.Model):
    """A webhook serves no more: its operator ended it, it never answered the challenge, or it was dead for a day."""

    webhook = models.OneToOneField(Webhook, models.PROTECT, primary_key=True, related_name="end")
    cause = models.CharField(max_length=8)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=("ended", "unproved", "dead")), name="webhook_end_cause")
        ]
