"""What comes out of a process against what went in, within the recipe's dated bounds."""

from collections.abc import Iterable

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.yielded import YieldOf, yield_of


def _params(found: YieldOf) -> dict[str, str]:
    return {
        "yield": found.text(found.ratio), "least": found.text(found.least), "most": found.text(found.most),
        "recipe": found.recipe,
    }  # fmt: skip


@rule(
    "YLD-001", "transformation", status="unverified",
    message="El rendimiento ({yield} %) supera el máximo de «{recipe}» ({most} %). Revise pesos, leyes y lotes de entrada.",
)  # fmt: skip
def not_above(case: Case) -> Iterable[Hit]:
    """Metal (or mass) out may not exceed the recipe's highest yield of what the inputs contain."""
    found = yield_of(case)
    return (Hit("outputs", _params(found)),) if found is not None and found.ratio > found.most else ()


@rule(
    "YLD-002", "transformation", status="unverified", severity="warning",
    message="El rendimiento ({yield} %) es menor que el mínimo de «{recipe}» ({least} %). Registre las pérdidas si las hubo.",
)  # fmt: skip
def not_below(case: Case) -> Iterable[Hit]:
    """Metal (or mass) out below the recipe's lowest yield is told."""
    found = yield_of(case)
    return (Hit("outputs", _params(found)),) if found is not None and found.ratio < found.least else ()


@rule(
    "YLD-003", "transformation", status="unverified",
    message="No hay receta «{recipe}» vigente para esas entradas y salidas. Consulte las recetas en GET /norms.",
)  # fmt: skip
def recipe_known(case: Case) -> Iterable[Hit]:
    """A transformation follows a recipe in force that names its inputs and outputs."""
    known = all(part.mineral is not None for part in case.parts) and all(made.mineral is not None for made in case.made)
    return hit("recipe", recipe=case.item.recipe) if known and yield_of(case) is None else ()
