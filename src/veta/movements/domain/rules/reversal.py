"""Undoing what was reported: by its author, before anything was built on it, within its term."""

from collections.abc import Iterable

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import version_on

REVERSIBLE = frozenset(
    {"production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention"}
)


@rule(
    "REV-001", "reversal",
    message="Sobre este movimiento ya se hicieron otros ({descendants}). Reverse primero esos, o acuda a la autoridad.",
)  # fmt: skip
def nothing_built_on_it(case: Case) -> Iterable[Hit]:
    """What a movement made must still be whole and unpromised; otherwise its descendants are listed."""
    target = case.target
    if target is None:
        return ()
    balances = [case.world.balance(lot) for lot in target.made]
    if all(balance.released == 0 and balance.held == 0 for balance in balances):
        return ()
    listed = ", ".join(str(lot) for lot in target.descendants[:20]) or "una oferta pendiente"
    return hit("movement", descendants=listed)


@rule(
    "REV-002", "reversal", "withdrawal", instant="receipt",
    message="Solo quien lo reportó puede deshacer este movimiento, por un operador con su mandato.",
)  # fmt: skip
def by_its_author(case: Case) -> Iterable[Hit]:
    """The author is the party that reported, through any operator that holds its mandate that day."""
    author = case.author
    version = version_on(case.world.mandates.get((author, case.operator), ()), case.received_on) if author else None
    return () if version is not None and version.status == "active" else hit("movement")


@rule(
    "REV-003", "reversal", status="unverified", instant="receipt",
    message="Pasaron más de {days} días: solo la autoridad puede deshacerlo. Presente la solicitud con sus soportes.",
)  # fmt: skip
def within_its_term(case: Case) -> Iterable[Hit]:
    """After the term a reversal is the authority's, by two persons."""
    term = law.reversal_term(case.received_on)
    if case.target is None or case.received_at - case.target.received_at <= term:
        return ()
    return hit("movement", days=str(term.days))


@rule("REV-004", "reversal", message="Este movimiento no se puede deshacer: {reason}.")
def can_be_reversed(case: Case) -> Iterable[Hit]:
    """Only accepted movements of the parties are reversed, once; what still waits is withdrawn instead."""
    target = case.target
    if target is None or case.author is None:
        return ()
    if target.reversed:
        return hit("movement", reason="ya se deshizo")
    if target.status == "pending":
        return hit("movement", reason="aún espera respuesta; retírelo")
    if target.status != "accepted":
        return hit("movement", reason="no fue aceptado")
    return () if target.kind in REVERSIBLE else hit("movement", reason="es de una clase que no se deshace")
