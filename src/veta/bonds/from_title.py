"""A case completed with what the registry holds of its title: stage, contract date and the approved plan's volumes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from veta.bonds.domain.case import CaseRefused
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.period import contract_year_of
from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue
from veta.prices.domain.fields import NORM, shown
from veta.registry import queries
from veta.registry.domain import PlanVersion, TitleVersion, version_on

STAGES = {"exploration": "exploracion", "construction": "construccion_montaje", "exploitation": "explotacion"}


def completed(value: object) -> tuple[object, str]:
    """The case with the title's own data where it gives none, and how the plan is named; as it is without a title.

    What the case itself states is never replaced. Raises CaseRefused TIT-001 where the registry has no such title.
    """
    if not isinstance(value, Mapping) or not value.get("title"):
        return value, ""
    case: dict[str, Any] = dict(value)
    try:
        on = date.fromisoformat(case["starts_on"])
        code = title_code(case["title"])
    except (KeyError, TypeError, ValueError, DomainError):
        return case, ""  # the reader says what is wrong with them
    versions = queries.titles_by_code([code]).get(code)
    title = version_on(versions, on) if versions else None
    if title is None:
        message = (
            f"El registro no tiene el título {code} con datos el {on}. Revise la placa, o escriba el caso sin ella."
        )
        finding = Finding("TIT-001", "blocking", "title", NORM, message, {"value": shown(code), "field": "title"})
        raise CaseRefused([finding])
    return _filled(case, title, on)


def _filled(case: dict[str, Any], title: TitleVersion, on: date) -> tuple[dict[str, Any], str]:
    if title.stage in STAGES:
        case.setdefault("stage", STAGES[title.stage])
    if title.contract_date:
        case.setdefault("contract_date", title.contract_date.isoformat())
    if title.end_date and title.end_date < on:
        case.setdefault("terminated_on", title.end_date.isoformat())
    case.setdefault("regime", regime_of(title.modality))
    if case["regime"] is None:
        del case["regime"]
    named = ""
    if case.get("stage") == "explotacion" and "production" not in case:
        plan = version_on(queries.plans_of([title.title]).get(title.title, ()), on)
        lines = production_of(plan, on, title.contract_date) if plan and title.contract_date else []
        if plan and lines:
            case["production"], named = lines, f"{plan.kind} aprobado por {plan.act} el {plan.approved_on}"
        else:
            case.setdefault("plan_approved", False)
    return case, named


def regime_of(modality: str) -> str | None:
    """The regime that a title's modality names, None where it names neither."""
    if "2655" in modality:
        return "decreto_2655"
    return "ley_685" if "685" in modality else None


def production_of(plan: PlanVersion, on: date, contract_date: date) -> list[dict[str, str]]:
    """The plan's lines for the contract year of a day, as a case writes them, with the next year's where it has one."""
    year = contract_year_of(on, anniversary=contract_date)
    following = contract_year_of(year.end, anniversary=contract_date).end.isoformat()
    lines = []
    for line in plan.lines:
        mineral = catalogue().mineral(line.mineral)
        amount = line.volumes.get(year.start.isoformat())
        if mineral is None or amount is None:
            continue
        factor, smallest = (mineral.factor, mineral.unit)
        found = {"mineral": mineral.code, "annual_volume": text_of(amount, factor=factor), "unit": smallest}
        later = sorted(start for start in line.volumes if start > following)
        if later:
            found["second_year_volume"] = text_of(line.volumes[later[0]], factor=factor)
        lines.append(found)
    return lines
