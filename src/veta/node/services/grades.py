"""The grades of lots that came from others are the hub's to say: asked once, and kept."""

from __future__ import annotations

from uuid import UUID

from veta.node.domain.local import KnownLot
from veta.node.models import LotGrade
from veta.node.port import HubPort
from veta.node.transport import HubRefused, HubUnreachable
from veta.norms.catalogue import catalogue

MOST = 10


def read_grades(lots: dict[UUID, KnownLot], hub: HubPort) -> int:
    """Ask for the grade of the ores and concentrates of which none is known and something is left; how many were told.

    Ten at a time; a hub that does not answer, or knows none, is asked at the next.
    """
    told = 0
    for lot in [each for each in lots.values() if _wanted(each)][:MOST]:
        try:
            grade = hub.lot(str(lot.id)).get("grade")
        except HubUnreachable:
            break
        except HubRefused:
            continue
        if grade:
            LotGrade.objects.get_or_create(pk=lot.id, defaults={"grade": str(grade)})
            told += 1
    return told


def _wanted(lot: KnownLot) -> bool:
    mineral = catalogue().mineral(lot.mineral)
    return mineral is not None and mineral.graded and lot.grade is None and lot.amount > lot.used
