"""Quotas: what a title may produce in a year, a person sell in a month and a year, a title sell in a quarter."""

from collections.abc import Iterable
from fractions import Fraction

from veta.kernel.finding import Severity
from veta.kernel.quantity import text_of
from veta.movements.domain import law
from veta.movements.domain.case import Case, Right
from veta.movements.domain.rule import Hit, hit, rule
from veta.movements.domain.rules.consent import given
from veta.registry.domain import version_on

SUBSISTENCE_CAPS = "Res. MME 40103 de 2017"


def limit_of(case: Case, right: Right) -> int:
    """The whole of a quota for its period: what was granted, else what norm or act gives for it."""
    return case.world.balance(right.account).received or right.grant


def left_of(case: Case, right: Right) -> int:
    """What is left of a quota, in its smallest unit, before this movement."""
    balance = case.world.balance(right.account)
    return balance.available if balance.received else right.grant


def may_see_use(case: Case) -> bool:
    """Whether the operator may be told how much a miner has sold: by mandate of his, or by his verified consent."""
    if case.item.kind != "subsistence_purchase":
        return True
    seller = case.actors.get("seller")
    version = version_on(case.world.mandates.get((seller, case.operator), ()), case.received_on) if seller else None
    if version is not None and version.status == "active":
        return True
    consent = given(case)
    return consent is not None and consent.verified and consent.party == seller


def _plain(amount: int, factor: int) -> str:
    text = text_of(amount, factor=factor)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _params(case: Case, right: Right) -> dict[str, str]:
    limit, left = limit_of(case, right), left_of(case, right)
    params = {
        "limit": _plain(limit, right.factor),
        "unit": right.unit,
        "period": f"{right.start.isoformat()}/{right.end.isoformat()}",
        "group": right.group,
    }
    if may_see_use(case):
        params |= {"used": _plain(max(limit - left, 0), right.factor), "left": _plain(max(left, 0), right.factor)}
    return params


def _over(case: Case, basis: str) -> list[Hit]:
    return [
        Hit("quantity" if case.made else "items", _params(case, right), _severity(right))
        for right in case.rights
        if right.basis == basis and right.amount > left_of(case, right)
    ]


def _severity(right: Right) -> Severity:
    return "blocking" if right.effect == "blocking" else "warning"


@rule(
    "QUO-001", "production", norm="Ley 685 de 2001 art. 84 num. 8; Ley 2250 de 2022 art. 14", status="verified",
    message="Supera el volumen aprobado del título para el período {period}: tope {limit} {unit}. Pida actualizar el plan.",
)  # fmt: skip
def title_year(case: Case) -> Iterable[Hit]:
    """What a title produces in its contract year may not exceed the volume that its plan approves."""
    return _over(case, "title_year")


@rule(
    "QUO-002", "subsistence_purchase", norm=SUBSISTENCE_CAPS, status="unverified", severity="warning",
    message="Supera el promedio mensual del minero de subsistencia: {limit} {unit}. Se registra el exceso y se informa.",
)  # fmt: skip
def person_month(case: Case) -> Iterable[Hit]:
    """What a subsistence miner sells in a month, over all buyers and operators; the effect is the parameter's."""
    return _over(case, "person_month")


@rule(
    "QUO-003", "subsistence_purchase", norm=SUBSISTENCE_CAPS, status="unverified",
    message="Supera el tope anual del minero de subsistencia: {limit} {unit}. No se puede comprar esta cantidad.",
)  # fmt: skip
def person_year(case: Case) -> Iterable[Hit]:
    """What a subsistence miner sells in a year, over all buyers and operators."""
    return _over(case, "person_year")


@rule(
    "QUO-004", "production", "subsistence_purchase", severity="info",
    message="Con este movimiento se llega al {share} % del tope de {limit} {unit} del período {period}.",
)  # fmt: skip
def near_the_cap(case: Case) -> Iterable[Hit]:
    """Use that reaches the notice share of a cap, without exceeding it, is told to who may know it."""
    if not may_see_use(case):
        return
    notice = law.notice_share(case.on)
    for right in case.rights:
        limit = limit_of(case, right)
        used = limit - left_of(case, right) + right.amount
        if limit > 0 and notice * limit <= used <= limit:
            share = int(Fraction(used * 100, limit))
            yield Hit("quantity", {**_params(case, right), "share": str(share)})


@rule(
    "QUO-005", "sale", "confirmation", norm="Ley 2250 de 2022 art. 14", status="unverified", severity="warning",
    message="Las ventas del título superan las del trimestre {period}: tope {limit} {unit}. Revise con el titular.",
)  # fmt: skip
def quarter_sales(case: Case) -> Iterable[Hit]:
    """A title's sales of a quarter may not exceed its share of the year's volume; the effect is the parameter's."""
    return _over(case, "title_quarter")


@rule(
    "QUO-006", "production", "subsistence_purchase", severity="warning",
    message="No se conoce un volumen aprobado para este origen y mineral: se registra sin descontar cupo.",
)  # fmt: skip
def no_known_volume(case: Case) -> Iterable[Hit]:
    """An origin with no known volume has no quota, and that is said."""
    if case.rights or case.mineral is None or case.measured is None or case.measured.amount is None:
        return ()
    if case.item.kind == "subsistence_purchase":
        return hit("mineral") if case.actors.get("seller") is not None else ()
    if case.title is None or case.plan is None:
        return ()
    no_capacity = case.plan.fit == "none" and case.title.kind != "title"
    return hit("mineral") if no_capacity or case.plan.fit == "associated" else ()
