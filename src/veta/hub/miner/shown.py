"""What a miner's page shows: few figures, each with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.hub.balances import QuotaNow, quotas_of
from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA, bogota_date
from veta.kernel.quantity import text_of
from veta.movements.queries.purchases import Purchase, purchases_from
from veta.norms.catalogue import catalogue
from veta.registry.queries import names_of, public_names_of
from veta.registry.queries.cards import CardNow, card_of
from veta.storage.connection import plain_cursor

SALES = 20
GROUPS: dict[str, Promise] = {
    "metales_preciosos": _("Oro, plata y platino"),
    "arena_grava_rio": _("Arena y grava de río"),
    "arcillas": _("Arcillas"),
    "esmeraldas": _("Esmeraldas"),
    "morralla": _("Morralla"),
    "semipreciosas": _("Piedras semipreciosas"),
}
MONTH = "person_month"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a month or a year: figures as decimal text, and the share used in whole per cent for a bar."""

    left: str
    limit: str
    unit: str
    used_percent: int
    over: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group of minerals with what is left of its month and of its year."""

    name: Promise | str
    month: Left
    year: Left


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale in the person's name, as it is read aloud."""

    id: UUID
    day: Any
    buyer: str
    quantity: str
    unit: str
    mineral: str
    undone: bool
    reported: Any = None  # the day, where it was another


def page_of(actor: UUID) -> dict[str, Any]:
    """The page's values for a person, today."""
    today = bogota_date(SystemClock().now())
    quotas = [quota for quota in quotas_of(actor, on=today) if quota.title is None]
    used = {quota.right.group for quota in quotas if quota.used}
    groups = [_group(name, quotas) for name in dict.fromkeys(quota.right.group for quota in quotas)]
    named = dict(zip(dict.fromkeys(quota.right.group for quota in quotas), groups, strict=True))
    first = [group for name, group in named.items() if name in used] or groups[:1]
    return {
        "initials": public_names_of([actor]).get(actor, ""),
        "groups": first,
        "others": [group for group in groups if group not in first],
        "sales": _sales(purchases_from(plain_cursor(), actor, limit=SALES)),
        "card": _card(card_of(actor)),
    }


def _group(name: str, quotas: list[QuotaNow]) -> Group:
    of = {quota.right.basis == MONTH: _left(quota) for quota in quotas if quota.right.group == name}
    return Group(GROUPS.get(name, name), of[True], of[False])


def _left(quota: QuotaNow) -> Left:
    right = quota.right
    left = max(0, quota.left)
    percent = min(100, quota.used * 100 // right.grant) if right.grant else 100
    left_text, limit = _figure(left, right.factor), _figure(right.grant, right.factor)
    return Left(left_text, limit, right.unit, percent, quota.over)


def _figure(amount: int, factor: int) -> str:
    """Decimal text without idle zeros: «12,5» cannot be read as thousands."""
    text = text_of(amount, factor=factor)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sales(found: list[Purchase]) -> list[Sale]:
    names = names_of({purchase.buyer for purchase in found})
    return [sale_of(purchase, names.get(purchase.buyer, "")) for purchase in found]


def sale_of(purchase: Purchase, buyer: str) -> Sale:
    """A purchase as its seller reads it."""
    mineral = catalogue().mineral(purchase.mineral)
    quantity = _figure(purchase.amount, mineral.factor if mineral else 1)
    name, unit = (mineral.name.lower(), mineral.unit) if mineral else (purchase.mineral, "")
    day = purchase.occurred_at.astimezone(BOGOTA).date()
    received = purchase.received_at.astimezone(BOGOTA).date() if purchase.received_at else day
    reported = received if received != day else None
    return Sale(purchase.movement, day, buyer, quantity, unit, name, purchase.undone, reported)


def _card(card: CardNow | None) -> dict[str, Any]:
    return {"state": card.state if card else "none", "issued": card.issued_at.astimezone(BOGOTA).date() if card else ""}
