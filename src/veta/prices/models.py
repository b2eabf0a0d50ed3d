"""Resolutions with their prices, what was decided of each, and the certificates behind the metals' prices.

Rows are only added. A resolution counts once another person approved it; a correction is a later version that names
the one it takes the place of.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7


class Resolution(models.Model):
    """A version of an act that fixes prices, as one person entered it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issuer = models.CharField(max_length=60)
    number = models.CharField(max_length=80)
    issued_on = models.DateField()
    published_on = models.DateField(null=True)
    periodicity = models.CharField(max_length=7)
    file_name = models.CharField(max_length=200)
    file_digest = models.BinaryField(max_length=32)
    demo = models.BooleanField(default=False)
    version = models.PositiveSmallIntegerField()
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    entered_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(periodicity__in=("month", "quarter", "year")), name="resolution_periodicity"
            ),
            models.CheckConstraint(
                condition=Q(version=1, replaces__isnull=True) | Q(version__gt=1, replaces__isnull=False),
                name="resolution_says_what_it_replaces",
            ),
            models.UniqueConstraint(fields=["id", "entered_by"], name="resolution_author"),
        ]


class BasePrice(models.Model):
    """Millionths of a peso for one unit, between two dates, both included."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="prices")
    subject = models.CharField(max_length=40)
    market = models.CharField(max_length=12, blank=True)
    zone = models.CharField(max_length=80, blank=True)
    producer_class = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=4)
    micros = models.BigIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField()
    certificate = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "valid_from"], name="base_price_subject")]
        constraints = [
            models.CheckConstraint(condition=Q(micros__gt=0), name="base_price_above_zero"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="base_price_validity"),
            models.CheckConstraint(condition=Q(market__in=("", "interno", "exportacion")), name="base_price_market"),
            models.CheckConstraint(condition=Q(unit__in=("g", "kg", "t", "m3", "ct")), name="base_price_unit"),
            models.UniqueConstraint(
                fields=["resolution", "subject", "market", "zone", "producer_class", "valid_from"],
                name="base_price_once",
            ),
        ]


class ResolutionDecision(models.Model):
    """The one decision on a resolution, by another person. The migration ties `entered_by` to the resolution's own."""

    resolution = models.OneToOneField(Resolution, models.PROTECT, primary_key=True, related_name="decision")
    entered_by = models.CharField(max_length=150)
    decided_by = models.CharField(max_length=150)
    approved = models.BooleanField()
    reason = models.CharField(max_length=400, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("entered_by")), name="resolution_decision_two_persons")
        ]


class Certificate(models.Model):
    """Banco de la República's certificate of a metal's price: the input of a base price, never a price."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=80, unique=True)
    issued_on = models.DateField()
    mineral = models.CharField(max_length=40)
    month = models.DateField()
    micros = models.BigIntegerField()
    unit = models.CharField(max_length=12)
    file_name = models.CharField(max_length=200)
    file_digest = models.BinaryField(max_length=32)
    entered_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(micros__gt=0), name="certificate_above_zero"),
            models.CheckConstraint(condition=Q(unit__in=("COP/g", "USD/ozt")), name="certificate_unit"),
            models.CheckConstraint(condition=Q(month__day=1), name="certificate_month"),
        ]
