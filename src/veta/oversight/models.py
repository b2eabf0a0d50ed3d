"""Validation cases and their steps. Rows are only added: a case's state is read from its steps."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.oversight.domain.validation import KINDS, OPENERS, OUTCOMES


class Validation(models.Model):
    """The validation of a title, under a code that whoever asked for it follows it by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=11, unique=True)
    title_code = models.CharField(max_length=40, db_index=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class ValidationEvent(models.Model):
    """A step: who asked and why; the outcome and its reason; a requirement proposed by one and approved by another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    validation = models.ForeignKey(Validation, models.PROTECT, related_name="events")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    occurred_on = models.DateField()
    opener = models.CharField(max_length=7, blank=True)
    actor = models.UUIDField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=11, blank=True)
    act = models.CharField(max_length=150, blank=True)
    required_from = models.DateField(null=True)
    quotation = models.CharField(max_length=11, blank=True)
    snapshot = models.JSONField(null=True)
    proposed_by = models.CharField(max_length=150, blank=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["validation", "place"], name="validation_event_place"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="validation_event_kind"),
            models.CheckConstraint(condition=Q(outcome__in=("", *OUTCOMES)), name="validation_event_outcome"),
            models.CheckConstraint(
                condition=Q(kind__in=("opened", "joined"), opener__in=OPENERS, outcome="")
                | (Q(kind="decided") & ~Q(outcome__in=("", "requirement")))
                | (Q(kind="proposed", outcome="requirement", required_from__isnull=False) & ~Q(act=""))
                | (
                    Q(kind="approved", outcome="requirement", required_from__isnull=False)
                    & ~Q(act="")
                    & ~Q(proposed_by="")
                )
                | (Q(kind="declined", outcome="") & ~Q(proposed_by="")),
                name="validation_event_says_its_own",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="validation_event_reason"),
            models.CheckConstraint(condition=~Q(proposed_by=F("recorded_by")), name="validation_event_two_persons"),
        ]
