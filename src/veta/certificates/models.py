"""Certificates: the intent that is stored before anything is signed, what was signed, how much was used, how it ended.

Rows are only added, but for three integers under a CHECK: how much of a lot is certified, how much of a certificate is
used, and an issuer's last consecutive. None of them is ever decided on by a sum that was just read. Each row of
certificate, seal, use and ending is an act of the public log.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from veta.certificates.domain.kinds import KINDS


class Series(models.Model):
    """The last consecutive that an issuer gave to a kind: a row, so that a failed issue leaves no gap."""

    pk = models.CompositePrimaryKey("issuer", "kind")
    issuer = models.UUIDField()
    kind = models.TextField()
    last = models.IntegerField(db_default=0)


class Cover(models.Model):
    """How much of a lot's quantity certificates of one kind cover: never more than the lot was made with."""

    pk = models.CompositePrimaryKey("lot", "kind")
    lot = models.UUIDField()
    kind = models.TextField()
    quantity = models.BigIntegerField()
    covered = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(covered__gte=0, quantity__gt=0, covered__lte=F("quantity")), name="cover_within_lot"
            )
        ]


class Certificate(models.Model):
    """What was asked for and what it will say, stored with its leaf before it is signed.

    `item`: the request as received, RFC 8785. `document`: what anybody may read, RFC 8785. `group`, `salt`: its leaf,
    alone in its group. `status_index`: its place in the status lists.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    issuer = models.UUIDField()
    number = models.IntegerField()
    lot = models.UUIDField()
    movement = models.UUIDField()
    mineral = models.TextField()
    amount = models.BigIntegerField()
    token = models.TextField(unique=True)
    status_index = models.BigIntegerField(unique=True)
    operator = models.UUIDField()
    body_digest = models.BinaryField()
    signature = models.BinaryField()
    item = models.BinaryField()
    document = models.BinaryField()
    issued_at = models.DateTimeField()
    group = models.BigIntegerField(unique=True)
    salt = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["lot"], name="certificate_lot")]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "kind", "number"], name="certificate_consecutive"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="certificate_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0, number__gt=0), name="certificate_amounts"),
        ]


class Balance(models.Model):
    """How much of a certificate was used: the row that a use locks."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, primary_key=True, related_name="balance")
    amount = models.BigIntegerField()
    used = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0, used__lte=F("amount")), name="certificate_not_overused")
        ]


class Use(models.Model):
    """An export that cited the certificate, and how much of it that took; never undone."""

    id = models.BigAutoField(primary_key=True)
    certificate = models.UUIDField()
    movement = models.UUIDField()
    amount = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "movement"], name="certificate_used_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="certificate_use_amount"),
        ]


class Ending(models.Model):
    """A certificate stops being valid, once, and why: withdrawn (by its issuer, or by a reversal), or replaced."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, primary_key=True, related_name="ending")
    kind = models.TextField()
    reason = models.TextField()
    movement = models.UUIDField(null=True)
    replaced_by = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="withdrawn", replaced_by__isnull=True) | Q(kind="replaced", replaced_by__isnull=False),
                name="certificate_ending_kind",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="certificate_ending_reason"),
        ]


class Seal(models.Model):
    """What the hub signed of a certificate: the text of its QR, and its credential."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, primary_key=True, related_name="seal")
    code = models.TextField()
    credential = models.BinaryField()
    key_id = models.TextField()
    at = models.DateTimeField(db_default=Now())
