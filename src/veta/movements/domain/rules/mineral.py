"""The mineral, its unit, its fineness or grade, and who may extract it."""

from collections.abc import Sequence
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case, Made
from veta.movements.domain.rule import Hit, hit, rule

REPORTED: Final = ("production", "subsistence_purchase", "retention", "documented_intake")
MEASURED: Final = (*REPORTED, "transformation", "regroup", "seizure")


def _named(case: Case) -> Sequence[Made]:
    """Each mineral that the report names: its code as sent, and what the catalogue knows of it."""
    return (*case.made, *case.losses) if case.losses else case.made


def _flaws(case: Case, code: str) -> list[Hit]:
    return [Hit(flaw.field, flaw.params) for flaw in case.flaws if flaw.code == code]


@rule(
    "MIN-001",
    *REPORTED,
    "transformation",
    "seizure",
    message="El mineral «{code}» no está en el catálogo. Consulte los códigos en GET /minerals.",
)
def mineral_known(case: Case) -> Sequence[Hit]:
    """The mineral's code must be one of the catalogue's."""
    return [Hit(each.path + "mineral", {"code": each.mineral_code}) for each in _named(case) if each.mineral is None]


@rule(
    "MIN-002",
    *MEASURED,
    message="{mineral} se registra en {expected}, no en {unit}. Convierta la cantidad antes de enviarla.",
)
def own_unit(case: Case) -> Sequence[Hit]:
    """A mineral is counted in its own unit alone; nothing is converted silently."""
    return _flaws(case, "MIN-002")


@rule(
    "MIN-003",
    *REPORTED,
    "transformation",
    "seizure",
    norm="Ley 685 de 2001 art. 84 num. 9; concepto ANM de 6 de agosto de 2025",
    status="verified",
    message="«{name}» es un nombre genérico. Indique el tipo: consulte los que contiene en GET /minerals.",
)
def type_not_heading(case: Case) -> Sequence[Hit]:
    """A movement names a type (thermal coal), never the heading that contains it (coal)."""
    return [
        Hit(each.path + "mineral", {"name": each.mineral.name})
        for each in _named(case)
        if each.mineral is not None and each.mineral.is_heading
    ]


@rule(
    "MIN-004",
    *REPORTED,
    "transformation",
    "seizure",
    norm="Decreto 600 de 1996 arts. 14 a 16 (gramos finos)",
    status="verified",
    message="La ley o el tenor de {mineral} falta o no es posible. {reason}",
)
def fineness_possible(case: Case) -> Sequence[Hit]:
    """Precious metals are counted in fine grams: the fineness in thousandths is due, above 0 and at most 1000. The
    grade of an ore, where stated, is above 0 and at most pure metal; it is due where the plan counts the metal."""
    found = _flaws(case, "MIN-004")
    plan, measured, mineral = case.plan, case.measured, case.mineral
    if plan is None or not plan.by_metal or measured is None or mineral is None or measured.amount is None:
        return found
    if measured.metal is None:
        reason = f"El plan del título cuenta el metal: escriba el tenor en {mineral.grade_unit}."
        found += hit("grade", mineral=mineral.name, reason=reason)
    return found


@rule(
    "MIN-005",
    *MEASURED,
    "sale",
    "export",
    "dispatch",
    "consumption",
    "loss",
    "receipt",
    message="La cantidad no se puede contar. {reason}",
)
def countable(case: Case) -> Sequence[Hit]:
    """A quantity is a whole number of the smallest unit, above zero, and at most 10¹⁶ of them."""
    uncounted = [
        Hit(f"items[{n}].quantity", {"reason": "No es un número entero de la menor unidad del mineral."})
        for n, amounts in enumerate(case.weighed)
        if None in amounts
    ]
    return [*_flaws(case, "MIN-005"), *uncounted]


@rule(
    "MIN-006",
    "subsistence_purchase",
    norm="DUR 1073 de 2015 art. 2.2.5.6.1.1.1; Ley 2250 de 2022 art. 15",
    status="verified",
    message="Un minero de subsistencia no puede extraer ni vender {mineral}. Revise el mineral o la clase de vendedor.",
)
def open_to_subsistence(case: Case) -> Sequence[Hit]:
    """Subsistence mining is of precious metals, river sand and gravel, clay, and precious or semi-precious stones."""
    mineral = case.mineral
    if mineral is None or mineral.is_heading or mineral.quota_group in law.subsistence_groups(case.on):
        return ()
    return hit("mineral", mineral=mineral.name)


@rule(
    "MIN-007",
    "documented_intake",
    norm="Decreto 600 de 1996 art. 20 (Decreto 4479 de 2009)",
    status="inference",
    message="De {mineral} no hay metal en desuso: solo de los metales preciosos. Revise la base del ingreso.",
)
def disused_is_metal(case: Case) -> Sequence[Hit]:
    """Jewellery and the like are of precious metals: nothing else enters the system as disused."""
    mineral = case.mineral
    if case.item.basis != "disused" or mineral is None or mineral.code in law.disused_minerals(case.on):
        return ()
    return hit("basis", mineral=mineral.name)
