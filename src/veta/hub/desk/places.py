"""Municipalities by name on the desk's pages."""

from collections.abc import Iterable

from veta.registry.queries import municipalities_by_code


def town_names(codes: Iterable[str | None]) -> dict[str, str]:
    """«Remedios (Antioquia)» by code; an unknown code stays as it is."""
    wanted = {code for code in codes if code}
    found = municipalities_by_code(wanted)
    return {code: f"{found[code].name} ({found[code].department})" if code in found else code for code in wanted}
