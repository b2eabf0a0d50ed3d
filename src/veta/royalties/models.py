"""Settlements and what happened to them, the withholding of precious metals, and royalties declared before Veta.

Rows are only added: a settlement's state is read from its events.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7


class Settlement(models.Model):
    """The settlement of a title's quarter: one for each, whatever happens to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title_code = models.CharField(max_length=40)
    quarter_start = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["title_code", "quarter_start"], name="settlement_once"),
            models.CheckConstraint(
                condition=Q(quarter_start__month__in=(1, 4, 7, 10), quarter_start__day=1), name="settlement_quarter"
            ),
        ]


class SettlementEvent(models.Model):
    """A step of a settlement: a draft, its declaration with the duty of truth signed, or a payment with its proof."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="events")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    case = models.JSONField(null=True)
    answer = models.JSONField(null=True)
    digest = models.BinaryField(max_length=32)
    signed_by = models.UUIDField(null=True)
    statement = models.TextField(blank=True)
    proof_number = models.CharField(max_length=80, blank=True)
    paid_on = models.DateField(null=True)
    paid_centavos = models.BigIntegerField(null=True)
    bank = models.CharField(max_length=120, blank=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["settlement", "place"], name="settlement_event_place"),
            models.UniqueConstraint(
                fields=["proof_number"], condition=~Q(proof_number=""), name="settlement_proof_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="draft", case__isnull=False)
                | (Q(kind="declared", case__isnull=False, signed_by__isnull=False) & ~Q(statement=""))
                | (Q(kind="paid", paid_on__isnull=False, paid_centavos__gt=0) & ~Q(proof_number="")),
                name="settlement_event_says_its_own",
            ),
        ]


class Withholding(models.Model):
    """The royalty that a buyer withheld on a purchase of precious metal, in fine grams (Decreto 600 de 1996, 16)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    buyer = models.UUIDField()
    seller = models.UUIDField()
    bought_on = models.DateField()
    municipality = models.CharField(max_length=5)
    mineral = models.CharField(max_length=40)
    fine_mg = models.BigIntegerField()
    price_micros = models.BigIntegerField()
    resolution = models.CharField(max_length=120)
    rate_micros = models.IntegerField()
    withheld_centavos = models.BigIntegerField()
    movement = models.UUIDField(null=True, unique=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["buyer", "bought_on"], name="withholding_book")]
        constraints = [
            models.CheckConstraint(
                condition=Q(fine_mg__gt=0, price_micros__gt=0, rate_micros__gt=0, withheld_centavos__gte=0),
                name="withholding_amounts",
            )
        ]


class ReportedRun(models.Model):
    """One application of a file of royalties declared before this system."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file_name = models.CharField(max_length=200)
    file_digest = models.BinaryField(max_length=32)
    counts = models.JSONField()
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class Reported(models.Model):
    """A row of such a file: a municipality's quarter of one resource, as its source gives it; it names no title.

    The key is the hash of the row's cells: the same row enters once. `mineral` is null where the spelling names none.
    """

    hash = models.BinaryField(primary_key=True, max_length=32)
    run = models.ForeignKey(ReportedRun, models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    municipality = models.CharField(max_length=5)
    resource = models.CharField(max_length=200)
    mineral = models.CharField(max_length=40, null=True)
    project = models.CharField(max_length=120)
    quarter_start = models.DateField()
    unit = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    value_pesos = models.BigIntegerField()
    quantity = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["mineral", "quarter_start"], name="reported_mineral")]
