"""Quotas: what a title may produce in a year, a person sell in a month and a year, a title sell in a quarter."""

from collections.abc import Sequence
from typing import Final

from veta.kernel.quantity import text_of
from veta.ledger.domain.accounts import Basis
from veta.movements.domain import law
from veta.movements.domain.case import Case, Right
from veta.movements.domain.item import Act
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.rules.consent import given, live

SUBSISTENCE_CAPS: Final = "Res. MME 40103 de 2017"


_FIELD: Final = {"sale": "items", "confirmation": "items", "accredit": "lot"}


def may_see_use(case: Case) -> bool:
    """Whether the operator may be told how much was used: by a mandate of the one who uses it (of a title, one
    of its holders), or, of a subsistence miner, against his live consent to this buyer."""
    if case.item.kind == "accredit":
        return True
    if case.item.kind == "production" or (case.item.kind == "documented_intake" and case.title is not None):
        title = case.title
        holders = title.holders if title is not None else ()
        return case.speaks_for(case.author) and any(actor == case.author for actor, _ in holders)
    seller = case.actors.get("seller")
    if case.speaks_for(seller):
        return True
    consent = given(case) if case.item.kind == "subsistence_purchase" else None
    return (
        consent is not None
        and live(case, consent)
        and consent.party == seller
        and consent.counterparty == case.actors.get("buyer")
    )


def _plain(amount: int, factor: int) -> str:
    text = text_of(amount, factor=factor)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _period(right: Right) -> str:
    """«2026», «2026-11», «2026-T4», or a contract year's first and last day."""
    if right.basis == "person_year":
        return str(right.start.year)
    if right.basis == "person_month":
        return f"{right.start:%Y-%m}"
    if right.basis == "title_quarter":
        return f"{right.start.year}-T{right.end.month // 3}"
    return f"{right.start.isoformat()}/{right.end.isoformat()}"


def _cap(right: Right) -> dict[str, str]:
    return {"limit": _plain(right.grant, right.factor), "unit": right.unit, "period": _period(right)}


def _over(case: Case, basis: Basis) -> list[Hit]:
    """Rights of that basis that the movement exceeds; `used` is what was used within the cap before it. Whoever has no
    mandate of the reporting party, or produces of a title that is not its own, is told of none: it is refused for that
    (MAN-001, TIT-004), and counts as no attempt of whose quota it is."""
    found = []
    told = isinstance(case.item, Act) or (case.speaks_for(case.author) and not _of_others(case))
    for right, left in case.exceeded if told else ():
        if right.basis == basis and _to_be_told(case, right):
            params = _cap(right)
            if may_see_use(case):
                params |= {
                    "used": _plain(max(right.grant - left, 0), right.factor),
                    "left": _plain(left, right.factor),
                }
            found.append(Hit(_FIELD.get(case.item.kind, "quantity"), params, right.effect))
    return found


def _of_others(case: Case) -> bool:
    """Whether the production is of a title of which its reporter is no holder."""
    title = case.title if case.item.kind == "production" else None
    return title is not None and all(actor != case.author for actor, _ in title.holders)


def _to_be_told(case: Case, right: Right) -> bool:
    """Whether a check says that a cap is exceeded to who may not see its use: only that the quantity is more than the
    whole cap or, of a person's, that it is used up, as a balance does; else any quantity could be tried until it fits.
    """
    began = case.world.checked
    if began is None or right.basis not in ("person_month", "person_year", "title_year") or may_see_use(case):
        return True
    balance = began.get(right.account) if right.basis != "title_year" else None
    used_up = balance is not None and balance.received > 0 and balance.available <= 0
    return used_up or right.amount > right.grant


@rule(
    "QUO-001",
    "production",
    "accredit",
    "documented_intake",
    norm="Ley 685 de 2001 art. 84 num. 8; Ley 2250 de 2022 art. 14",
    status="verified",
    message="Supera el volumen aprobado del título para el período {period}: tope {limit} {unit}. Pida actualizar el "
    "plan.",
)
def title_year(case: Case) -> Sequence[Hit]:
    """What a title produces in its contract year may not exceed the volume that its plan approves."""
    return _over(case, "title_year")


@rule(
    "QUO-002",
    "subsistence_purchase",
    "documented_intake",
    norm=SUBSISTENCE_CAPS,
    status="unverified",
    severity="warning",
    message="Supera el promedio mensual del minero de subsistencia: {limit} {unit}. Se registra el exceso y se "
    "informa; cuide que el año no pase del tope.",
)
def person_month(case: Case) -> Sequence[Hit]:
    """What a subsistence miner sells in a month, over all buyers and operators; the effect is the parameter's."""
    return _over(case, "person_month")


@rule(
    "QUO-003",
    "subsistence_purchase",
    "documented_intake",
    norm=SUBSISTENCE_CAPS,
    status="unverified",
    message="Supera el tope anual del minero de subsistencia: {limit} {unit}. No se puede comprar esta cantidad.",
)
def person_year(case: Case) -> Sequence[Hit]:
    """What a subsistence miner sells in a year, over all buyers and operators."""
    return _over(case, "person_year")


@rule(
    "QUO-004",
    "production",
    "subsistence_purchase",
    "documented_intake",
    severity="info",
    status="unverified",
    message="Con este movimiento van {used} de {limit} {unit} en {period}. Planee lo que falta del período.",
)
def near_the_cap(case: Case) -> Sequence[Hit]:
    """Use that reaches the notice share of a cap, without exceeding it, is told to who may know it; `used` counts this
    movement."""
    some, of_all = law.notice_share(case.on)
    near = []
    for right, left in zip(case.rights, case.left, strict=True):
        used = right.grant - left + right.amount
        if some * right.grant <= used * of_all and 0 < used <= right.grant:
            near.append(Hit("quantity", {**_cap(right), "used": _plain(used, right.factor)}))
    return near if near and may_see_use(case) else ()


@rule(
    "QUO-005",
    "sale",
    "confirmation",
    norm="Ley 2250 de 2022 art. 14",
    status="unverified",
    severity="warning",
    message="Las ventas del título superan las del trimestre {period}: tope {limit} {unit}. Revise con el titular.",
)
def quarter_sales(case: Case) -> Sequence[Hit]:
    """A title's sales of a quarter may not exceed its share of the year's volume; the effect is the parameter's."""
    return _over(case, "title_quarter")


@rule(
    "QUO-006",
    "production",
    "documented_intake",
    severity="warning",
    message="No se conoce un volumen aprobado para este origen y mineral: se registra sin descontar cupo. Pida a la "
    "ANM que lo verifique.",
)
def no_known_volume(case: Case) -> Sequence[Hit]:
    """An origin with no known volume has no quota, and that is said."""
    title, plan = case.title, case.plan
    if title is None or plan is None or case.mineral is None:
        return ()
    no_capacity = plan.fit == "none" and title.kind != "title"
    return hit("mineral") if no_capacity or plan.fit == "associated" else ()
