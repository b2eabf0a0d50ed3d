"""The base price of a mineral on a day, as the hub publishes it: for the counter, for receipts, and for books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.core.cache import cache
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date
from veta.node.answers import Price
from veta.node.connect import open_hub
from veta.norms.minerals import Mineral

_KEPT: Final = "node.prices"
PATIENCE: Final = 3.0
# A day that is over is asked again a day later: a resolution may be corrected, or come late.
_SECONDS, _OVER_SECONDS = 600, 86_400


def prices_of(day: date) -> list[Price] | None:
    """The hub's base prices of a day, kept a while; None where the hub does not answer."""
    name = f"{_KEPT}.{day.isoformat()}"
    known: list[Price] | None = cache.get(name)
    if known is None:
        try:
            known = open_hub(deadline=PATIENCE).prices(on=day.isoformat())["items"]
        except DomainError:
            return None
        over = known and day < bogota_date(SystemClock().now())
        cache.set(name, known, _OVER_SECONDS if over else _SECONDS)
    return known


def of_mineral(prices: Iterable[Mapping[str, Any]], mineral: Mineral) -> list[Mapping[str, Any]]:
    """Those of a mineral, or of the metal that it is of: one alone can be used without a choice."""
    subject = mineral.metal or mineral.code
    return [price for price in prices if price["mineral"] == subject]


def without_one(found: Sequence[Mapping[str, Any]] | None) -> str:
    """Why no base price is said where one alone was not found; `found` None: the hub did not answer."""
    if found is None:
        return _("No se pudo consultar: la PTM no respondió. Intente más tarde.")
    if not found:
        return _("No había precio base vigente ese día.")
    return _("Ese día regían varios precios base para este mineral; consulte las resoluciones.")
