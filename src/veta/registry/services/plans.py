"""Works plans and verified capacities: the approved volumes that give a title its quotas. Two persons (ADR 0042)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.ids import uuid7
from veta.kernel.period import contract_year_of
from veta.kernel.quantity import MAX_AMOUNT
from veta.norms.catalogue import catalogue
from veta.registry.coherence import mineral_findings, validity_findings
from veta.registry.domain import Act, PlanChange, PlanKind, PlanLine, PlanVersion, TitleVersion, version_on
from veta.registry.queries.versions import plan_versions, plans_of, titles_by_code
from veta.registry.recording import insert
from veta.registry.refusals import act_findings, finding, refuse, refuse_if_any
from veta.registry.services.titles import lock_titles, version_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """What an approval act says of a title's volumes, by mineral or untyped heading and contract year."""

    title_code: str
    kind: PlanKind
    approved_on: date
    lines: tuple[PlanLine, ...]
    valid_from: date
    valid_to: date | None = None
    scale: str | None = None
    duration_years: int | None = None
    characteristics: str = ""


@transaction.atomic
def record_plan(record: PlanRecord, act: Act) -> PlanChange:
    """Record an approved plan as the title's new version; returns what changed, for the quotas already open.

    The title's row stays locked FOR UPDATE until the caller's transaction ends: post the `grant` differences in it. A
    requirement to name the types behind a heading stands for as long as the plan names that heading only.

    Raises RegistryRefused with all findings at once: REG-001/002/003, TIT-001, PLA-007 (no date from which the title's
    years count), PLA-008 (a year that does not start on an anniversary), PLA-009 (no lines, a line twice, or an amount
    that cannot be), MIN-001, REG-007.
    """
    code = title_code(record.title_code)
    title = _locked(code)
    holding = version_on(titles_by_code([code]).get(code, ()), record.valid_from)
    refuse_if_any([*act_findings(act, two_persons=True), *_findings(record, holding)])
    before = version_on(plans_of([title]).get(title, ()), record.valid_from)
    required = before.heading_required_from if before and _names_a_heading(record.lines) else None
    after = _insert(title, record, act, heading_required_from=required)
    return PlanChange(before=before, after=after)


@transaction.atomic
def require_heading_types(code: str, *, required_from: date, act: Act) -> PlanChange:
    """Record that the holder was required to name the types behind an untyped heading, from a date (PLA-003 blocks).

    The volumes stay as they were: it is a version of the same plan. Raises RegistryRefused: REG-001/002/003, TIT-001,
    PLA-001 where the title has no plan on that date, PLA-010 where the plan names no untyped heading.
    """
    code = title_code(code)
    title = _locked(code)
    before = version_on(plans_of([title]).get(title, ()), required_from)
    refuse_if_any(act_findings(act, two_persons=True))
    if before is None:
        raise refuse(finding("PLA-001", "title", f"El título {code} no tiene plan en esa fecha. Registre el plan."))
    if not _names_a_heading(before.lines):
        raise refuse(finding("PLA-010", "title", f"El plan del título {code} ya nombra el tipo de cada mineral."))
    record = PlanRecord(
        title_code=code,
        kind=before.kind,
        approved_on=before.approved_on,
        lines=before.lines,
        valid_from=before.valid_from,
        valid_to=before.valid_to,
        scale=before.scale,
        duration_years=before.duration_years,
        characteristics=before.characteristics,
    )
    required = replace(act, reference=f"{before.act}; requerimiento: {act.reference}"[:200])
    return PlanChange(before=before, after=_insert(title, record, required, heading_required_from=required_from))


def _locked(code: str) -> UUID:
    titles = lock_titles([code])
    if code not in titles:
        raise refuse(finding("TIT-001", "title", f"El título {code} no está en el registro. Regístrelo primero."))
    return titles[code][0]


def _names_a_heading(lines: Iterable[PlanLine]) -> bool:
    minerals = [catalogue().mineral(line.mineral) for line in lines]
    return any(mineral is not None and mineral.is_heading for mineral in minerals)


def _findings(record: PlanRecord, holding: TitleVersion | None) -> Iterable[Finding]:
    yield from validity_findings(record.valid_from, record.valid_to)
    yield from mineral_findings({line.mineral for line in record.lines}, "lines")
    amounts = [amount for line in record.lines for amount in line.volumes.values()]
    whole = all(type(amount) is int and 0 <= amount <= MAX_AMOUNT for amount in amounts)
    if not amounts or not whole or len({line.mineral for line in record.lines}) != len(record.lines):
        message = "El plan lleva una línea por mineral, con volúmenes enteros de la unidad mínima, desde 0. Corríjalo."
        yield finding("PLA-009", "lines", message)
    yield from _year_findings(record, holding)


def _year_findings(record: PlanRecord, holding: TitleVersion | None) -> Iterable[Finding]:
    anniversary = holding.contract_date if holding else None
    if anniversary is None:
        message = "El título no tiene la fecha desde la que cuentan sus años. Regístrela antes que el plan."
        yield finding("PLA-007", "title", message)
        return
    for start in sorted({start for line in record.lines for start in line.volumes}):
        if not _starts_a_year(start, anniversary):
            message = (
                f"«{start}» no es inicio de un año del contrato (del {anniversary}). Use la fecha del aniversario."
            )
            yield finding("PLA-008", "lines", message, value=start, anniversary=anniversary.isoformat())


def _starts_a_year(start: str, anniversary: date) -> bool:
    try:
        day = date.fromisoformat(start)
    except ValueError:
        return False
    same_text = day.isoformat() == start
    return same_text and day >= anniversary and contract_year_of(day, anniversary=anniversary).start == day


def _insert(title: UUID, record: PlanRecord, act: Act, *, heading_required_from: date | None) -> PlanVersion:
    id = uuid7()
    version = {
        "id": id,
        "title_id": title,
        "kind": record.kind,
        "approved_on": record.approved_on,
        "heading_required_from": heading_required_from,
        "scale": record.scale,
        "duration_years": record.duration_years,
        "characteristics": record.characteristics,
        **version_columns(record.valid_from, record.valid_to, act),
        "approved_by": act.approved_by,
    }
    insert("registry_worksplanversion", [version])
    insert(
        "registry_worksplanline",
        [
            {"id": uuid7(), "version_id": id, "mineral": line.mineral, "year_start": start, "amount": amount}
            for line in record.lines
            for start, amount in line.volumes.items()
        ],
    )
    return plan_versions([id])[id]
