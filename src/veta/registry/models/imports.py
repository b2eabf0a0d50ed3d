"""Files brought into the registry, and the hash of every row that was applied: a second run applies nothing."""

from django.db import models

from veta.registry.models.fields import key, recorded_at


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
