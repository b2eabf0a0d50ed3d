"""Municipalities are the hub's: kept here so that a name can be read where the hub does not answer."""

from veta.node.models import Place
from veta.node.port import HubPort


def read_places(hub: HubPort) -> int:
    """Keep the municipalities that are not kept yet; how many there are now. Raises what the hub refuses with."""
    rows = [Place(code=each["code"], name=each["name"], department=each["department"]) for each in hub.municipalities()]
    Place.objects.bulk_create(rows, ignore_conflicts=True)
    return Place.objects.count()
