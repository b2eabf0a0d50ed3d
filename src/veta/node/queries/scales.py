"""Until when a scale's calibration serves."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from veta.node.models import Calibration, Scale


def calibrated_until(scales: Iterable[Scale]) -> dict[UUID, date]:
    """Of each scale that has one, the day until which its last calibration serves, whatever an earlier one said."""
    dated = Calibration.objects.filter(scale__in=list(scales)).order_by("calibrated_on", "id")
    return dict(dated.values_list("scale_id", "due_on"))
