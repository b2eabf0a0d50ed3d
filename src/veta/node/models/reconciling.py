"""The node's book against the hub's, client by client: each run, and what it found to differ."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.domain.reconciling import Differs
from veta.node.models.clients import Client


class Reconciliation(models.Model):
    """A client's records were compared with what the hub says: how many were looked at, and how many agree."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="reconciliations")
    looked_at = models.IntegerField()
    agreed = models.IntegerField()
    # Why it could not be finished; empty where it was.
    trouble = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="node_reconciliation_last")]


class Difference(models.Model):
    """Something that the two books do not say alike."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="differences")
    movement = models.UUIDField()
    differs = models.CharField(max_length=12)
    ours = models.CharField(max_length=40, blank=True)
    theirs = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(differs__in=[each.value for each in Differs]), name="node_differs_known")
        ]
