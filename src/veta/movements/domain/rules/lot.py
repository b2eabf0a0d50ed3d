"""Lots: that they exist, are the seller's, are enough, and are not suspended."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from veta.kernel.quantity import text_of
from veta.movements.domain.carried import admitted, beyond
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

USERS: Final = ("sale", "regroup", "transformation", "export", "dispatch", "consumption", "loss")
MAKERS: Final = (
    "production", "subsistence_purchase", "retention", "documented_intake", "regroup", "transformation", "sale",
    "confirmation", "dispatch", "receipt", "seizure",
)  # fmt: skip


@rule(
    "LOT-001",
    "suspension",
    "seizure",
    "accredit",
    message="El lote {lot} no existe. Revise el identificador que recibió en el veredicto.",
)
def lot_known(case: Case) -> Sequence[Hit]:
    """Every lot that an act of the authority names must exist."""
    return [Hit(part.path + ".lot", {"lot": str(part.lot)}) for part in case.parts if part.facts is None]


@rule(
    "LOT-002",
    *USERS,
    message="No hay un lote {lot} de quien reporta. Revise el identificador: solo su tenedor puede disponer de él.",
)
def lot_held(case: Case) -> Sequence[Hit]:
    """Only the holder of a lot may sell, move or use it; of one that is another's, or nobody's, nothing else is said,
    nor whether it exists."""
    if case.author is None:
        return ()
    return [Hit(part.path + ".lot", {"lot": str(part.lot)}) for part in case.parts if part.facts is None]


@rule(
    "LOT-003",
    *USERS,
    "seizure",
    message="El lote {lot} no alcanza: quedan {left} {unit}. Reduzca la cantidad o use otro lote.",
)
def enough_left(case: Case) -> Sequence[Hit]:
    """What is taken from a lot, over all the movement's lines, may not exceed what is left of it unpromised."""
    found = []
    taken: dict[UUID, int] = defaultdict(int)
    for part in case.told:  # what is left of a lot is its holder's to know, and the authority's
        if part.mineral is None or part.amount is None:
            continue
        left = case.world.balance(part.lot).available
        taken[part.lot] += part.amount
        if taken[part.lot] > left:
            text = text_of(max(left, 0), factor=part.mineral.factor)
            found.append(Hit(part.path + ".quantity", {"lot": str(part.lot), "left": text, "unit": part.mineral.unit}))
    return found


@rule(
    "LOT-004",
    *USERS,
    "confirmation",
    "reversal",
    instant="receipt",
    message="El lote {lot} está suspendido por un acto de la autoridad. No puede moverse hasta que se levante.",
)
def not_suspended(case: Case) -> Sequence[Hit]:
    """A lot under an open suspension does not move, nor is what made it undone; judged at hub receipt."""
    found = [
        Hit(part.path + ".lot", {"lot": str(part.lot), "act": str(part.facts.suspended_by[0])})
        for part in case.told
        if part.facts is not None and part.facts.suspended_by
    ]
    target = case.target
    if target is not None and target.suspended_by and case.speaks_for(case.author):
        lots = ", ".join(str(lot) for lot in target.made)
        found.append(Hit("movement", {"lot": lots, "act": str(target.suspended_by[0])}))
    return found


@rule("LOT-005", *MAKERS, message="El identificador de lote {lot} ya existe o se repite. Genere otro UUID versión 7.")
def lot_id_free(case: Case) -> Sequence[Hit]:
    """A new lot needs an id that nobody used, when it is asked for and when it is made; one movement gives each of its
    lots its own."""
    new = [(made.path + "lot", made.lot) for made in case.made]
    if case.parts:
        new += [(part.path + ".new_lot", part.new_lot) for part in case.parts if part.new_lot is not None]
    found = []
    seen: set[UUID] = set()
    for path, lot in new:
        if lot in seen or lot in case.world.accounts_taken or lot in case.world.lots:
            found.append(Hit(path, {"lot": str(lot)}))
        seen.add(lot)
    return found


@rule(
    "LOT-006",
    "receipt",
    norm="Medida propia de la plataforma",
    status="unverified",
    message="Llegó {weighed} {unit} del lote {lot} y se despachó {sent}: la diferencia pasa de lo que admiten las "
    "básculas ({admitted} {unit}). Pese de nuevo, o diga en «lost» lo que se perdió en el camino.",
)
def within_the_scales(case: Case) -> Sequence[Hit]:
    """What arrives, with what is declared lost on the road, differs from what was sent by no more than the class of
    scales used for that mineral's unit admits: the difference is posted to `weighing`."""
    found = []
    for each in beyond(case):
        mineral = each.part.mineral
        assert mineral is not None
        amounts = {"weighed": each.weighed, "sent": each.sent, "admitted": admitted(each, case.on)}
        texts = {name: text_of(amount or 0, factor=mineral.factor) for name, amount in amounts.items()}
        found.append(Hit(each.part.path + ".quantity", {**texts, "lot": str(each.part.lot), "unit": mineral.unit}))
    return found


@rule(
    "LOT-009",
    "receipt",
    instant="receipt",
    message="No hay un despacho con ese identificador de quien este operador representa. Revise el identificador y el "
    "mandato.",
)
def dispatch_known(case: Case) -> Sequence[Hit]:
    """A dispatch is received for who sent it, through any operator that holds its mandate that day; to anybody else one
    that exists and one that does not are the same."""
    return () if case.pending is not None else hit("dispatch")


@rule(
    "LOT-010",
    "receipt",
    message="Lo recibido no nombra los mismos lotes que el despacho: {lots}. Envíe una línea por cada uno, con 0 y lo "
    "perdido en «lost» si no llegó.",
)
def each_line_received(case: Case) -> Sequence[Hit]:
    """A receipt says of each line of its dispatch, once, what arrived of it."""
    if case.pending is None or case.parts:
        return ()
    return hit("items", lots=", ".join(str(line.lot) for line in case.pending.lines))


@rule(
    "LOT-011",
    "lift",
    norm="Medida propia de la plataforma",
    status="unverified",
    instant="receipt",
    message="No hay una suspensión abierta con ese identificador. Revise el acto: quizá ya se levantó.",
)
def suspension_open(case: Case) -> Sequence[Hit]:
    """An act of suspension is lifted once, by another that names it."""
    return () if case.world.suspensions_open.get(case.item.suspension) else hit("suspension")


@rule(
    "LOT-007",
    "regroup",
    message="Entradas y salidas no suman lo mismo: {inputs} y {outputs} {unit}. Corrija las cantidades.",
)
def regroup_exact(case: Case) -> Sequence[Hit]:
    """A regrouping neither makes nor loses mineral: outputs sum exactly what is taken from the inputs."""
    minerals = {part.mineral for part in case.parts}
    mineral = minerals.pop() if len(minerals) == 1 else None
    amounts = [part.amount for part in case.parts] + [made.measured.amount for made in case.made]
    if mineral is None or any(amount is None for amount in amounts):
        return ()
    taken = sum(part.amount or 0 for part in case.parts)
    left = sum(made.measured.amount or 0 for made in case.made)
    if taken == left:
        return ()
    texts = [text_of(amount, factor=mineral.factor) for amount in (taken, left)]
    return hit("outputs", inputs=texts[0], outputs=texts[1], unit=mineral.unit)


@rule(
    "LOT-008",
    "regroup",
    message="Se mezclan minerales distintos ({minerals}). Reagrupe solo lotes de un mismo mineral.",
)
def regroup_one_mineral(case: Case) -> Sequence[Hit]:
    """A regrouping is of one mineral; anything else is a transformation with its recipe."""
    names = {part.mineral.name for part in case.told if part.mineral is not None}
    return hit("inputs", minerals=", ".join(sorted(names))) if len(names) > 1 else ()
