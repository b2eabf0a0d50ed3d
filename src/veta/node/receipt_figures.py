"""What a receipt says that nobody wrote in the record: its fine grams while the hub has not counted them, and the base
price of the day and mineral of a purchase, with its resolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from veta.kernel.period import bogota_date
from veta.node.base_prices import of_mineral, prices_of, without_one
from veta.node.domain.spoken import figure
from veta.node.models import BusinessRecord, Verdict
from veta.node.queries.book_lines import counted
from veta.norms.catalogue import catalogue

_PURCHASE: Final = "subsistence_purchase"


def worked_out(record: BusinessRecord, verdict: Verdict | None) -> Iterator[list[str]]:
    """The fine grams by the operator's own sum, unless the hub's stand on the receipt; a purchase's base price."""
    mineral = catalogue().mineral(str(record.payload.get("mineral", "")))
    if mineral is None:
        return
    fine = counted(record.payload) if mineral.precious else None
    if fine is not None and not (verdict is not None and verdict.body.get("lots")):
        said = (
            _("%(fine)s %(unit)s, calculado por el operador; la PTM aún no lo ha verificado")
            if verdict is None else _("%(fine)s %(unit)s, calculado por el operador; la PTM no lo contó")
        )  # fmt: skip
        yield [_("Contenido fino"), said % {"fine": figure(fine), "unit": mineral.unit}]
    if record.kind == _PURCHASE:
        prices = prices_of(bogota_date(record.occurred_at))
        found = of_mineral(prices, mineral) if prices is not None else None
        yield [_("Base UPME"), _base(found)]


def _base(found: Sequence[Mapping[str, Any]] | None) -> str:
    if found is None or len(found) != 1:
        return without_one(found)
    (price,) = found
    said = _("%(price)s COP/%(unit)s, %(resolution)s, del %(day)s") % {
        "price": figure(price["price_cop"]), "unit": price["unit"], "resolution": price["resolution"],
        "day": price["issued_on"],
    }  # fmt: skip
    return f"{said} ({_('de demostración')})" if price["demo"] else said
