"""Names for codes, in the language of the moment; the code where nobody here knows its name."""

from django.utils.translation import get_language

from veta.node.models import Place
from veta.norms.catalogue import catalogue


def mineral_name(code: str) -> str:
    """«Mineral de oro (mena)» for `mineral_oro`."""
    mineral = catalogue().mineral(code)
    if mineral is None:
        return code
    return mineral.name_en if (get_language() or "").startswith("en") else mineral.name


def town_name(code: str) -> str:
    """«El Bagre, Antioquia (05250)», as far as the node has the municipalities from the hub."""
    found = Place.objects.filter(pk=code).first()
    return f"{found.name}, {found.department} ({code})" if found is not None else code
