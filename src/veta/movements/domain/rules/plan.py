"""The works plan: only what was approved may be exploited, in the year's volume (Ley 685 de 2001 arts. 61, 62, 84)."""

from collections.abc import Sequence
from typing import Final

from veta.kernel.quantity import text_of
from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.plans import approved_volume, plan_year
from veta.movements.domain.rule import Hit, hit, rule
from veta.norms.catalogue import catalogue
from veta.registry.domain import PlanLine

NORM: Final = "Ley 685 de 2001 art. 84; concepto ANM de 6 de agosto de 2025"


def _name(line: PlanLine) -> str:
    mineral = catalogue().mineral(line.mineral)
    return mineral.name if mineral is not None else line.mineral


@rule(
    "PLA-001",
    "production",
    norm=NORM,
    status="verified",
    message="El título no tiene plan de trabajos aprobado y vigente el {on}. Sin plan no se puede registrar "
    "producción.",
)
def plan_approved(case: Case) -> Sequence[Hit]:
    """A title needs an approved plan in force; other origins are counted by verified capacity where there is one."""
    if case.title is None or case.title.kind != "title" or case.plan is None or case.plan.version is not None:
        return ()
    return hit("origin.code", on=case.on.isoformat())


@rule(
    "PLA-002",
    "production",
    "accredit",
    "documented_intake",
    norm="Ley 685 de 2001 arts. 61, 62 y 84; concepto ANM de 6 de agosto de 2025",
    status="verified",
    message="El plan aprobado no incluye {mineral}. Pida modificar, corregir o actualizar el plan, o repórtelo como "
    "retención.",
)
def mineral_in_plan(case: Case) -> Sequence[Hit]:
    """The mineral must be in the plan in force, of production and of what an act or a paper says is the
    title's: by its own line, one that includes it or is its metal, or the heading that contains it."""
    if case.plan is None or case.plan.fit != "absent" or case.mineral is None or case.mineral.is_heading:
        return ()
    return hit("mineral", mineral=case.mineral.name)


@rule(
    "PLA-003",
    "production",
    norm=NORM,
    status="verified",
    severity="warning",
    message="El plan solo nombra «{heading}», sin el tipo. Pida a la ANM que precise el mineral; desde que lo "
    "requiera, bloquea.",
)
def heading_only(case: Case) -> Sequence[Hit]:
    """A plan that names only an untyped heading is told; from the date of a requirement for that title it blocks. Both
    effects are the dated parameter's."""
    plan = case.plan
    if plan is None or plan.fit != "heading" or plan.version is None or plan.line is None:
        return ()
    before, after = law.heading_effects(case.on)
    required = plan.version.heading_required_from
    return hit("mineral", after if required is not None and required <= case.on else before, heading=_name(plan.line))


@rule(
    "PLA-004",
    "production",
    norm="Ley 685 de 2001 art. 84 num. 8",
    status="verified",
    message="El plan no aprueba volumen de {mineral} para el año contractual que empieza el {year}. Pida actualizarlo.",
)
def volume_that_year(case: Case) -> Sequence[Hit]:
    """The plan's line must give a volume, above zero, for the contract year of the movement."""
    plan, title = case.plan, case.title
    if plan is None or plan.line is None or title is None or any(right.grant for right in case.rights):
        return ()
    year = plan_year(title, case.on)
    if approved_volume(plan.line, year):
        return ()
    return hit("mineral", mineral=_name(plan.line), year=year.start.isoformat())


@rule(
    "PLA-005",
    "grant",
    norm=NORM,
    status="verified",
    severity="warning",
    instant="receipt",
    message="El plan se reduce por debajo de lo ya usado: faltan {short} {unit}. Informe a la autoridad de "
    "fiscalización.",
)
def reduced_below_use(case: Case) -> Sequence[Hit]:
    """A reduction takes at most what is left of the quota; the rest is told to the authority, in the mineral's unit."""
    balance, item = case.world.balance(case.item.quota), case.item
    short = -item.amount - balance.available - max(-item.carried, 0)
    if short <= 0 or not balance.received:
        return ()
    mineral = catalogue().mineral(item.group)
    if mineral is None:
        return hit("amount", short=str(short), unit=item.unit)
    return hit("amount", short=text_of(short, factor=mineral.factor), unit=mineral.unit)


@rule(
    "PLA-006",
    "production",
    norm="Ley 685 de 2001 art. 62",
    status="verified",
    severity="info",
    message="{mineral} no está en el plan, pero es mineral asociado del título. Se registra; declare también su "
    "regalía.",
)
def associated_mineral(case: Case) -> Sequence[Hit]:
    """Associated minerals and by-products in *liga íntima* belong to the title."""
    if case.plan is None or case.plan.fit != "associated" or case.mineral is None:
        return ()
    return hit("mineral", mineral=case.mineral.name)
