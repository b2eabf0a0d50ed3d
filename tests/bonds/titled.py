"""A fictitious title in the registry, with its holder and its approved plan."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from veta.kernel.identity import document
from veta.registry.domain import Act, PlanLine
from veta.registry.services.actors import register_actor
from veta.registry.services.plans import PlanRecord, record_plan
from veta.registry.services.titles import TitleRecord, register_title

ACT = Act(reference="DEMO-ACTO-1", source="prueba", recorded_by="oficial-1", approved_by="oficial-2")
CONTRACT = date(2015, 8, 1)


def holder(number: str = "900500018") -> UUID:
    """A fictitious firm."""
    return register_actor(
        "firm", "Minera Demo SAS (ficticia)", documents=[document("NIT", number)], by="oficial-1", source="prueba"
    )


def title(
    code: str = "DEMO-001",
    *,
    held_by: UUID,
    volumes: Mapping[str, int] | None = None,
    years: tuple[int, ...] = (2025, 2026),
    **changes: Any,
) -> None:
    """A concession in exploitation since 1 August 2015; `volumes`: smallest units of each line, the same each year."""
    given: dict[str, Any] = {
        "modality": "contrato de concesión", "stage": "exploitation", "contract_date": CONTRACT,
        "minerals": frozenset({"carbon"}), "end_date": date(2045, 7, 31), **changes,
    }  # fmt: skip
    register_title(TitleRecord(code=code, holders=((held_by, "100"),), valid_from=CONTRACT, **given), ACT)
    if volumes:
        lines = tuple(
            PlanLine(mineral, {f"{year}-08-01": amount for year in years}) for mineral, amount in volumes.items()
        )
        record_plan(
            PlanRecord(title_code=code, kind="PTO", approved_on=CONTRACT, lines=lines, valid_from=CONTRACT), ACT
        )
