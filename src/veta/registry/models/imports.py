"""Files brought into the registry, and the hash of every row that was applied: a second run applies nothing."""

from typing import Literal

from django.db import models
from django.db.models import F, Q

from veta.registry.models.fields import key, latch, latch_is_zero, one_of, recorded_at


class ImportRun(models.Model):
    """One application of a file: its digest, its counts, who proposed and who approved it."""

    id = key()
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    file_digest = models.BinaryField(max_length=32)
    cut_date = models.DateField(null=True)
    counts = models.JSONField()
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("recorded_by")), name="import_run_two_persons"
            )
        ]


class ImportedRow(models.Model):
    """A row of a source that was applied. The key is the hash of source and cells as read."""

    hash = models.BinaryField(primary_key=True, max_length=32)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()


class ImportProposal(models.Model):
    """A file as one officer uploaded it, with what its preview counted; it has no effect until another applies it."""

    id = key()
    kind = models.CharField(max_length=16)
    file_name = models.CharField(max_length=200)
    file_digest = models.BinaryField(max_length=32)
    cut_date = models.DateField()
    counts = models.JSONField()
    proposed_by = models.CharField(max_length=150)
    recorded_at = recorded_at()
    latch = latch()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "proposed_by"], name="import_proposal_author"),
            latch_is_zero("import_proposal"),
        ]


class ImportFile(models.Model):
    """What waits for a decision, encrypted: the file and the report of its rows, deleted once it is decided."""

    proposal = models.OneToOneField(ImportProposal, models.PROTECT, primary_key=True, related_name="file")
    content = models.BinaryField()
    report = models.BinaryField()


class ImportDecision(models.Model):
    """The one decision on a file. The migration ties `proposed_by` to the proposal's own."""

    proposal = models.OneToOneField(ImportProposal, models.PROTECT, primary_key=True, related_name="decision")
    proposed_by = models.CharField(max_length=150)
    decided_by = models.CharField(max_length=150)
    decision = models.CharField(max_length=8)
    reason = models.CharField(max_length=400, blank=True)
    applied = models.JSONField(null=True)
    recorded_at = recorded_at()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="import_decision_two_persons"),
            one_of("decision", Literal["applied", "refused"], "import_decision_kind"),
            models.CheckConstraint(
                condition=Q(decision="applied", applied__isnull=False) | Q(decision="refused", applied__isnull=True),
                name="import_decision_applied",
            ),
        ]
