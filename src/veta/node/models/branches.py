"""What became of a branch since it was recorded: which plant, store or mine it has, and that it closed."""

from django.db import models
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.models.clients import Branch
from veta.site.models import User


class BranchFacility(models.Model):
    """A branch got another facility, or lost the one that it had (empty). The last row holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="facilities")
    facility = models.CharField(max_length=60, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class BranchClosing(models.Model):
    """A branch closed: `last_day` is the last that it was open. Nothing new is captured there; its history stays."""

    branch = models.OneToOneField(Branch, on_delete=models.PROTECT, primary_key=True, related_name="closing")
    last_day = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
