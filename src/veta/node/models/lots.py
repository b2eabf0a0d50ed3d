"""Lots by record, in clear: what a client has is summed without opening what names persons."""

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import Q

from veta.node.domain.lots import LONGEST, Line, Said
from veta.node.models.records import BusinessRecord


class LotLine(models.Model):
    """What a record takes of a lot or states of it, written with the record; what the hub gave, with its verdict.

    Ids and amounts alone, as decimal text: they name nobody. `place`: of the line among its record's of one kind.
    """

    id = models.BigAutoField(primary_key=True)
    record = models.ForeignKey(BusinessRecord, on_delete=models.PROTECT, related_name="lot_lines", db_index=False)
    said = models.CharField(max_length=6)
    place = models.IntegerField()
    lot = models.UUIDField()
    mineral = models.CharField(max_length=LONGEST, blank=True)
    quantity = models.CharField(max_length=LONGEST, blank=True)
    grade = models.CharField(max_length=LONGEST, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "said", "place"], name="node_lotline_once"),
            models.CheckConstraint(condition=Q(said__in=[each.value for each in Said]), name="node_lotline_said"),
        ]

    @classmethod
    def of(cls, record: UUID, lines: Iterable[Line]) -> list["LotLine"]:
        """The rows of a record's lines."""
        return [
            cls(record_id=record, said=line.said.value, place=place, lot=line.lot, mineral=line.mineral,
                quantity=line.quantity, grade=line.grade)
            for place, line in enumerate(lines)
        ]  # fmt: skip
