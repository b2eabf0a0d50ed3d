"""Workbooks of movements that a client uploads, and what becomes of each of their rows."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.domain.sheets.states import SheetState
from veta.node.models.clients import Client
from veta.site.models import User
from veta.storage.sealed_field import SealedBytes, SealedJson


class Place(models.Model):
    """A municipality, as the hub names it."""

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=120)
    department = models.CharField(max_length=120)
    read_at = models.DateTimeField(db_default=Now(), editable=False)


class Sheet(models.Model):
    """A workbook of one kind of movement. `rows`: how many it has; `seen`, read; `applied`: movements captured.

    `known` rows were captured before, from another file or this one. `through`: the last row that was applied.
    `digest`: the file's, keyed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sheets")
    kind = models.CharField(max_length=24)
    file_name = SealedJson()
    digest = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, default=SheetState.READING.value)
    rows = models.IntegerField(default=0)
    seen = models.IntegerField(default=0)
    repaired = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    applied = models.IntegerField(default=0)
    through = models.IntegerField(default=0)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=600, blank=True)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="node_sheet_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[each.value for each in SheetState]), name="node_sheet_state")
        ]


class SheetFile(models.Model):
    """The workbook as it came."""

    sheet = models.OneToOneField(Sheet, on_delete=models.PROTECT, primary_key=True, related_name="file")
    content = SealedBytes()


class SheetRow(models.Model):
    """What becomes of a row: the item that it says and what is said of its cells.

    A row that is left out has no item; nor, of a movement of several rows, has any but the first. `digest`: of the
    movement's words, keyed, in each of its rows: its record's `source_digest`.
    """

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="lines")
    number = models.IntegerField()
    status = models.CharField(max_length=10)
    item = SealedJson(null=True, row=("sheet_id", "number"))
    digest = models.CharField(max_length=64)
    marks = SealedJson(null=True, row=("sheet_id", "number"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="node_sheet_row"),
            models.CheckConstraint(
                condition=Q(status__in=["ok", "repaired", "rejected", "known"]), name="node_sheet_row_status"
            ),
        ]
        indexes = [models.Index(fields=["sheet", "status", "number"], name="node_sheet_row_status")]
