"""What comes out of a process against what went in, within the recipe's dated bounds."""

from collections.abc import Sequence

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.yielded import YieldOf, percent, yield_of


def _judged(case: Case) -> YieldOf | None:
    """The yield, where all that the recipe counts is known, and is the reporter's to know."""
    found = yield_of(case)
    complete = len(case.told) == len(case.parts) and all(part.amount is not None for part in case.parts)
    complete = complete and all(each.measured.amount is not None for each in (*case.made, *case.losses))
    return found if found is not None and complete and not found.ungraded else None


def _params(found: YieldOf) -> dict[str, str]:
    least, most = found.recipe.least, found.recipe.most
    return {
        "yield": percent(found.gained, found.taken),
        "least": percent(least.numerator, least.denominator),
        "most": percent(most.numerator, most.denominator),
        "recipe": found.recipe.name,
    }


@rule(
    "YLD-001",
    "transformation",
    status="unverified",
    message="El rendimiento ({yield} %) supera el máximo de «{recipe}» ({most} %). Revise pesos, leyes y lotes de "
    "entrada.",
)
def not_above(case: Case) -> Sequence[Hit]:
    """Metal (or mass) out may not exceed the recipe's highest yield of what the inputs contain. The uncertainty that an
    output states lowers it, at most by what the strictest class of instrument admits, since a report names no class;
    not where the product can go in again, by this recipe or through others."""
    found = _judged(case)
    return (Hit("outputs", _params(found)),) if found is not None and found.above else ()


@rule(
    "YLD-002",
    "transformation",
    status="unverified",
    severity="warning",
    message="El rendimiento ({yield} %) es menor que el mínimo de «{recipe}» ({least} %). Registre las pérdidas si "
    "las hubo.",
)
def not_below(case: Case) -> Sequence[Hit]:
    """Metal (or mass) out below the recipe's lowest yield is told."""
    found = _judged(case)
    return (Hit("outputs", _params(found)),) if found is not None and found.below else ()


@rule(
    "YLD-003",
    "transformation",
    status="unverified",
    message="No hay receta «{recipe}» vigente para esas entradas, salidas y pérdidas. Consulte las recetas en GET "
    "/norms.",
)
def recipe_known(case: Case) -> Sequence[Hit]:
    """A transformation follows a recipe in force that names its inputs and outputs."""
    return hit("recipe", recipe=case.item.recipe) if yield_of(case) is None else ()


@rule(
    "YLD-004",
    "transformation",
    status="unverified",
    message="Falta el tenor para contar el metal que entra o sale. Escríbalo en «grade», o haga analizar el lote.",
)
def metal_counted(case: Case) -> Sequence[Hit]:
    """Where the recipe counts metal, every ore or concentrate that enters, leaves or is lost states its grade."""
    found = yield_of(case)
    return [Hit(field, {}) for field in found.ungraded] if found is not None else ()


@rule(
    "YLD-005",
    "transformation",
    status="unverified",
    message="Salidas y pérdidas ({out} %) son más de lo que entró en «{recipe}». Revise las pérdidas que reporta.",
)
def losses_within(case: Case) -> Sequence[Hit]:
    """What is lost cannot be more than what went in and did not come out."""
    found = _judged(case)
    if found is None or not found.overdrawn:
        return ()
    return hit("losses", out=percent(found.gained + found.lost, found.taken), recipe=found.recipe.name)
