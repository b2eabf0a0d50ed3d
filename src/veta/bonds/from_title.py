"""A case completed with what the registry holds of its title: stage, contract date and the approved plan's volumes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from veta.bonds.domain.case import CaseRefused
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.period import Period, contract_year_of
from veta.kernel.quantity import text_of
from veta.norms import norms
from veta.norms.catalogue import catalogue
from veta.norms.minerals import normal_spelling
from veta.prices.domain.fields import NORM, shown
from veta.registry import queries
from veta.registry.domain import PlanVersion, TitleVersion, version_on
from veta.royalties.queries import quarters_declared

_MODALITIES = {
    "CONTRATO DE CONCESION": "contrato_concesion",
    "CONTRATO EN VIRTUD DE APORTE": "contrato_virtud_aporte",
    "CONTRATO DE ASOCIACION": "contrato_asociacion",
    "LICENCIA DE EXPLORACION": "licencia_exploracion",
    "LICENCIA DE EXPLOTACION": "licencia_explotacion",
    "AUTORIZACION TEMPORAL": "autorizacion_temporal",
    "SUBCONTRATO DE FORMALIZACION": "subcontrato_formalizacion",
    "AREA DE RESERVA ESPECIAL": "area_reserva_especial",
    "RECONOCIMIENTO DE PROPIEDAD PRIVADA": "reconocimiento_propiedad_privada",
}
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
    if regime := regime_of(title):
        case.setdefault("regime", regime)
    if modality := modality_of(title.modality):
        case.setdefault("modality", modality)
    if declared := declared_of(title.code, on):
        case.setdefault("royalties_declared", declared)
    named = ""
    if case.get("stage") == "explotacion" and "production" not in case:
        plan = version_on(queries.plans_of([title.title]).get(title.title, ()), on)
        lines = production_of(plan, on, title.contract_date) if plan and title.contract_date else []
        if plan and lines:
            case["production"], named = lines, f"{plan.kind} aprobado por {plan.act} el {plan.approved_on}"
        else:
            case.setdefault("plan_approved", False)
    return case, named


def regime_of(title: TitleVersion) -> str | None:
    """The regime that a title's modality names, or that its contract's date tells; None where neither does.

    A concession contract of the day of the Código de Minas or later is the code's. Of an earlier one nothing is said:
    some kept the decree's regime and some took the code's.
    """
    if "2655" in title.modality:
        return "decreto_2655"
    code = norms().parameter("bond.percent.ley_685")
    since = code.values[0].valid_from if code else date.max
    of_the_code = title.contract_date is not None and title.contract_date >= since
    return "ley_685" if "685" in title.modality or of_the_code else None


def modality_of(modality: str) -> str | None:
    """The code of a modality as the register spells it, None where it is not one of those known."""
    spelling = normal_spelling(modality)
    return next((code for words, code in _MODALITIES.items() if spelling.startswith(words)), None)


def declared_of(title: str, on: date) -> list[str]:
    """The minerals whose royalties were declared for the title in the four quarters before a day."""
    year = Period(on - timedelta(days=366), on)
    lines = (line for entry in quarters_declared(title, year) for line in entry.answer.get("lines", []))
    return sorted({line["mineral"] for line in lines})


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
