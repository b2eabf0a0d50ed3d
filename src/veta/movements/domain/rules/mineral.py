"""The mineral, its unit and its fineness."""

from collections.abc import Iterable

from veta.movements.domain.case import Case
from veta.movements.domain.measure import Measured
from veta.movements.domain.rule import Hit, rule
from veta.norms.catalogue import Mineral

REPORTED = ("production", "subsistence_purchase", "retention")
MEASURED = (*REPORTED, "transformation", "regroup")


def _named(case: Case) -> Iterable[tuple[str, str, Mineral | None]]:
    """Each mineral that the report names: field, code as sent, what the catalogue knows."""
    if case.item.kind in REPORTED:
        yield "mineral", case.item.mineral, case.mineral
    elif case.item.kind == "transformation":
        for made in (*case.made, *case.losses):
            yield made.path + "mineral", made.mineral_code, made.mineral


def _measures(case: Case) -> Iterable[Measured]:
    return [made.measured for made in (*case.made, *case.losses)]


def _flaws(case: Case, code: str) -> list[Hit]:
    flaws = (measured.flaw for measured in _measures(case))
    return [Hit(flaw.field, flaw.params) for flaw in flaws if flaw is not None and flaw.code == code]


@rule(
    "MIN-001", *REPORTED, "transformation",
    message="El mineral «{code}» no está en el catálogo. Consulte los códigos en GET /minerals.",
)  # fmt: skip
def mineral_known(case: Case) -> Iterable[Hit]:
    """The mineral's code must be one of the catalogue's."""
    return [Hit(field, {"code": code}) for field, code, mineral in _named(case) if mineral is None]


@rule(
    "MIN-002", *MEASURED,
    message="{mineral} se registra en {expected}, no en {unit}. Convierta la cantidad antes de enviarla.",
)  # fmt: skip
def own_unit(case: Case) -> Iterable[Hit]:
    """A mineral is counted in its own unit alone; nothing is converted silently."""
    return _flaws(case, "MIN-002")


@rule(
    "MIN-003", *REPORTED, "transformation",
    norm="Ley 685 de 2001 art. 84 num. 9; concepto ANM de 6 de agosto de 2025", status="verified",
    message="«{name}» es un nombre genérico. Indique el tipo: consulte los que contiene en GET /minerals.",
)  # fmt: skip
def type_not_heading(case: Case) -> Iterable[Hit]:
    """A movement names a type (thermal coal), never the heading that contains it (coal)."""
    return [Hit(field, {"name": m.name}) for field, _, m in _named(case) if m is not None and m.is_heading]


@rule(
    "MIN-004", *REPORTED, "transformation",
    norm="Decreto 600 de 1996 arts. 14 a 16 (gramos finos)", status="verified",
    message="Falta la ley de {mineral}, o no es posible. {reason}",
)  # fmt: skip
def fineness_possible(case: Case) -> Iterable[Hit]:
    """Precious metals are counted in fine grams: the fineness in thousandths is due, above 0 and at most 1000."""
    return _flaws(case, "MIN-004")


@rule("MIN-005", *MEASURED, message="La cantidad no se puede contar. {reason}")
def countable(case: Case) -> Iterable[Hit]:
    """A quantity is a whole number of the smallest unit, above zero, and at most 10¹⁶ of them."""
    return _flaws(case, "MIN-005")
