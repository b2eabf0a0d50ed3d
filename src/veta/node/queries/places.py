"""The municipalities that this node has from the hub."""

from veta.node.domain.sheets.places import Places
from veta.node.models import Place


def places() -> Places:
    """All of them; none where the hub was never asked."""
    return Places.of(Place.objects.order_by("code").values_list("code", "name", "department"))
