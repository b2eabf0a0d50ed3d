"""Undoing what was reported: by its author, before anything was built on it, within its term."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

REVERSIBLE: Final = frozenset({"production", "subsistence_purchase", "sale", "regroup", "transformation"})
# What left the ledger, was set apart as unproven or used up a paper: undone by its author, it could be shown again.
AUTHORITYS: Final = frozenset({"export", "retention", "consumption", "loss", "documented_intake"})
SHOWN: Final = 20


@rule(
    "REV-001",
    "reversal",
    message="Sobre este movimiento ya se hicieron otros ({descendants}). Reverse primero esos, o acuda a la autoridad.",
)
def nothing_built_on_it(case: Case) -> Sequence[Hit]:
    """What a movement made must still be whole and unpromised; otherwise its descendants are listed, to its author."""
    target = case.target
    if target is None or not case.speaks_for(case.author):
        return ()
    made: dict[UUID, int] = dict.fromkeys(target.made, 0)
    for entry in target.entries:
        if entry.target in made:
            made[entry.target] += entry.amount
    if all(case.world.balance(lot).available >= amount for lot, amount in made.items()):
        return ()  # what was built on it and undone came back
    return hit("movement", descendants=", ".join(map(str, target.descendants[:SHOWN])) or "una oferta pendiente")


@rule(
    "REV-002",
    "reversal",
    "withdrawal",
    instant="receipt",
    message="Solo quien lo reportó puede deshacer este movimiento, por un operador con su mandato. Revise el "
    "identificador; un recibo de carga no se deshace.",
)
def by_its_author(case: Case) -> Sequence[Hit]:
    """The author is the party that reported, through any operator that holds its mandate that day; to anybody else a
    movement that exists and one that does not are the same."""
    return () if case.speaks_for(case.author) else hit("movement")


@rule(
    "REV-003",
    "reversal",
    status="unverified",
    instant="receipt",
    message="Pasaron más de {days} días: solo la autoridad puede deshacerlo. Presente la solicitud con sus soportes.",
)
def within_its_term(case: Case) -> Sequence[Hit]:
    """After the term a reversal is the authority's, by two persons."""
    target = case.target
    if target is None or case.by_authority or not case.speaks_for(case.author):
        return ()
    term = law.reversal_term(case.received_on)
    return hit("movement", days=str(term.days)) if case.received_at - target.received_at > term else ()


@rule("REV-004", "reversal", message="Este movimiento no se puede deshacer: {reason}.")
def can_be_reversed(case: Case) -> Sequence[Hit]:
    """Only accepted movements of the parties are reversed, once; what still waits is withdrawn instead."""
    target = case.target
    if target is None or not case.speaks_for(case.author):
        return ()
    reason = None
    if target.reversed:
        reason = "ya se deshizo, o la contraparte no lo aceptó"
    elif target.status == "pending":
        reason = "aún espera respuesta; retírelo"
    elif target.status != "accepted":
        reason = "no fue aceptado"
    elif target.kind not in REVERSIBLE | AUTHORITYS:
        reason = "es de una clase que no se deshace"
    return hit("movement", reason=reason) if reason is not None else ()


@rule(
    "REV-005",
    "reversal",
    message="Lo que salió del sistema, lo retenido y lo que entró con papeles solo lo deshace la autoridad. Presente "
    "la solicitud con sus soportes.",
)
def authoritys_to_undo(case: Case) -> Sequence[Hit]:
    """The verdict of what left the ledger stays signed for ever: its author alone may not bring the mineral back."""
    target = case.target
    if target is None or case.by_authority or target.status != "accepted" or not case.speaks_for(case.author):
        return ()
    to_consumer = target.kind == "sale" and target.counterparty is None
    return hit("movement") if to_consumer or target.kind in AUTHORITYS else ()


@rule(
    "REV-006",
    "reversal",
    message="Lo que hizo este movimiento tiene certificados vigentes ({count}): retírelos si no se han usado, o acuda "
    "a la autoridad.",
)
def not_under_a_live_certificate(case: Case) -> Sequence[Hit]:
    """What was certified is shown to others: only the authority undoes it, and its certificates fall with it."""
    target = case.target
    if target is None or case.by_authority or not case.speaks_for(case.author):
        return ()
    count = case.world.certified.get(target.movement, 0)
    return hit("movement", count=str(count)) if count else ()
