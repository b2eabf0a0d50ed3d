"""Instants: nothing from the future, nothing before its lot, and late reports said to be late."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule

KINDS: Final = (
    "production",
    "subsistence_purchase",
    "sale",
    "regroup",
    "transformation",
    "export",
    "retention",
    "dispatch",
    "receipt",
    "consumption",
    "loss",
    "documented_intake",
    "reversal",
)


@rule(
    "TIM-001",
    *KINDS,
    norm="API v1: hasta 60 s por delante del recibo",
    status="unverified",
    instant="both",
    message="La hora del movimiento está en el futuro. Revise el reloj del equipo y vuelva a enviarlo.",
)
def not_in_the_future(case: Case) -> Sequence[Hit]:
    """`occurred_at` may be ahead of hub receipt by the seconds of the dated parameter, no more."""
    return hit("occurred_at") if -case.age > law.ahead_of_receipt(case.received_on) else ()


@rule(
    "TIM-002",
    *KINDS,
    severity="warning",
    status="unverified",
    instant="both",
    message="Se reporta después del plazo de {days} días sin decir por qué. Indique el motivo en «late».",
)
def within_the_window(case: Case) -> Sequence[Hit]:
    """A report older than the window is accepted, declared late with its reason or else with this warning."""
    window = law.reporting_window(case.on)
    if case.age <= window or case.item.late_reason is not None:
        return ()
    return hit("occurred_at", days=str(window.days))


@rule(
    "TIM-003",
    "sale",
    "regroup",
    "transformation",
    "export",
    "dispatch",
    "consumption",
    "loss",
    message="El movimiento es anterior al lote {lot}. Revise la fecha o el lote.",
)
def after_its_lot(case: Case) -> Sequence[Hit]:
    """A lot cannot be used before it existed."""
    return [
        Hit("occurred_at", {"lot": str(part.lot)})
        for part in case.told
        if part.facts is not None and case.item.occurred_at < part.facts.occurred_at
    ]


@rule(
    "TIM-005",
    "sale",
    status="unverified",
    instant="receipt",
    message="El plazo para confirmar va de ahora a {hours} horas. Corrija «confirm_by».",
)
def term_to_confirm(case: Case) -> Sequence[Hit]:
    """An offer's term lies ahead of hub receipt, and mineral is not held longer than the parameter allows."""
    term, longest = case.item.confirm_by, law.longest_confirmation(case.received_on)
    if term is None or timedelta() < term - case.received_at <= longest:
        return ()
    return hit("confirm_by", hours=str(longest // timedelta(hours=1)))


@rule(
    "TIM-006",
    "receipt",
    message="La llegada es anterior al despacho. Revise las fechas.",
)
def after_its_dispatch(case: Case) -> Sequence[Hit]:
    """Nothing arrives before it left."""
    pending = case.pending
    return hit("occurred_at") if pending is not None and case.item.occurred_at < pending.occurred_at else ()
