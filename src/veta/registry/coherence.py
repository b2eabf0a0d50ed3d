"""What a record says of other things must exist: minerals in the catalogue, municipalities and actors on record."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from veta.kernel.finding import Finding
from veta.norms.catalogue import catalogue
from veta.registry.queries.actors import kinds_of
from veta.registry.queries.places import known_municipalities
from veta.registry.refusals import finding


def mineral_findings(minerals: Collection[str], field: str) -> list[Finding]:
    """MIN-001 for each code that the catalogue does not have."""
    return [
        finding("MIN-001", field, f"El mineral «{code}» no está en el catálogo. Use un código de él.", value=code)
        for code in sorted(minerals)
        if catalogue().mineral(code) is None
    ]


def municipality_findings(codes: Collection[str], field: str) -> list[Finding]:
    """PLC-001 for each code that is on no record."""
    unknown = sorted(set(codes) - known_municipalities())
    return [
        finding("PLC-001", field, f"El municipio «{code}» no está en el registro. Use su código DIVIPOLA.", value=code)
        for code in unknown
    ]


def actor_findings(actors: Collection[UUID], field: str) -> list[Finding]:
    """IDE-001 for each actor that is on no record, named by its random id."""
    known = kinds_of(actors)
    return [
        finding("IDE-001", field, f"El actor {actor} no está en el registro. Regístrelo primero.", value=str(actor))
        for actor in actors
        if actor not in known
    ]


def validity_findings(valid_from: date, valid_to: date | None) -> list[Finding]:
    """REG-007 where the end comes before the start."""
    if valid_to is None or valid_from <= valid_to:
        return []
    return [finding("REG-007", "valid_to", "La vigencia termina antes de empezar. Corrija las fechas.")]
