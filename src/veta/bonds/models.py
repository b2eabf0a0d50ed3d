"""Quotations that someone can check by title and code, and the life of each bond as events that are only added."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7

KINDS = ("required", "presented", "approved", "objected", "drawn", "restored")


class Quotation(models.Model):
    """A quote as it was given, under a code that whoever holds the paper can check. No person is named in it."""

    code = models.CharField(max_length=11, primary_key=True)
    title_code = models.CharField(max_length=40, blank=True)
    case = models.JSONField()
    answer = models.JSONField()
    digest = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class Bond(models.Model):
    """The bond of a title's annuity: one for each, whatever happens to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title_code = models.CharField(max_length=40)
    annuity_start = models.DateField()
    annuity_end = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["title_code", "annuity_start"], name="bond_once"),
            models.CheckConstraint(condition=Q(annuity_end__gte=F("annuity_start")), name="bond_annuity"),
        ]


class BondEvent(models.Model):
    """A step in a bond's life: what was required, presented, approved or objected with its act, drawn, restored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bond = models.ForeignKey(Bond, models.PROTECT, related_name="events")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=9)
    occurred_on = models.DateField()
    value_pesos = models.BigIntegerField(null=True)
    quotation = models.ForeignKey(Quotation, models.PROTECT, null=True)
    policy = models.JSONField(null=True)
    act = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    findings = models.JSONField(default=list)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bond", "place"], name="bond_event_place"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="bond_event_kind"),
            models.CheckConstraint(
                condition=Q(kind="required", value_pesos__gte=0)
                | Q(kind__in=("presented", "restored"), policy__isnull=False, value_pesos__gte=0)
                | (Q(kind="approved") & ~Q(act=""))
                | (Q(kind="objected") & ~Q(act="") & ~Q(reason=""))
                | (Q(kind="drawn", value_pesos__gt=0) & ~Q(act="")),
                name="bond_event_says_its_own",
            ),
        ]
