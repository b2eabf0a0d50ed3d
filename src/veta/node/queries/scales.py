"""The scales as they weigh: class, interval, largest load, and the calibrations that each has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from uuid import UUID

from veta.node.domain.scales import Calibrated, Instrument
from veta.node.models import Calibration, Scale


def instruments(scales: Iterable[Scale]) -> dict[UUID, Instrument]:
    """Each scale by its id, with its calibrations by their day, whatever the order in which they were typed."""
    given = list(scales)
    found: dict[UUID, list[Calibrated]] = defaultdict(list)
    for each in Calibration.objects.filter(scale__in=given).order_by("calibrated_on", "id"):
        stated = None if each.uncertainty is None else Fraction(each.uncertainty)
        found[each.scale_id].append(Calibrated(each.calibrated_on, each.due_on, stated))
    return {scale.id: _instrument(scale, found[scale.id]) for scale in given}


def _instrument(scale: Scale, calibrated: list[Calibrated]) -> Instrument:
    return Instrument(
        serial=scale.serial, accuracy_class=scale.accuracy_class, unit=scale.unit, e=Fraction(scale.division),
        largest=Fraction(scale.largest), calibrated=tuple(calibrated),
    )  # fmt: skip
