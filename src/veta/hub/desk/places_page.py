"""Where the mineral of some days came from: a map of circles, and the same by municipality in a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veta.hub.chart import Marked, places_map
from veta.hub.desk import paging, words
from veta.hub.desk.days import today, typed_day
from veta.hub.desk.places import town_names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.hub.templatetags.figures import figure
from veta.movements.queries import tally
from veta.norms.catalogue import catalogue
from veta.registry.queries import municipalities
from veta.storage.connection import plain_cursor

MOST_ROWS = 100


def places(request: HttpRequest) -> HttpResponse:
    """What was extracted by municipality between two days, of one mineral or of all."""
    asked = _asked(request)
    found = _found(asked)
    if form := asked_for(request):
        return exported(_table(found, asked), name=f"extraccion-{asked['first']}-{asked['last']}", form=form)
    minerals = sorted((m for m in catalogue() if not m.is_heading), key=lambda m: m.name)
    shown, more = paging.cut(request, found, limit=MOST_ROWS)
    context = {
        "asked": asked, "table": replace(_table(shown, asked), more=more), "minerals": minerals,
        "located": bool(_located()),
    }  # fmt: skip
    return render(request, "hub/desk/places.html", context)


def drawn(request: HttpRequest) -> HttpResponse:
    """The same, as SVG: a circle for each municipality, larger where there were more movements. 404 without places."""
    known = _located()
    if not known:
        raise Http404
    number: Counter[str] = Counter()
    for each in _found(_asked(request)):
        number[each.municipality] += each.movements
    marked = [Marked(*known[code], n) for code, n in sorted(number.items()) if code in known]
    svg = places_map(list(known.values()), marked, title=_("Extracción y compra a mineros, por municipio"))
    return HttpResponse(svg, content_type="image/svg+xml")


def _located() -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the municipalities whose source gave them."""
    return {
        code: (float(unit.longitude), float(unit.latitude))
        for code, unit in municipalities().items()
        if unit.longitude is not None and unit.latitude is not None
    }


def _found(asked: dict[str, Any]) -> list[tally.Extracted]:
    found = tally.extracted(plain_cursor(), asked["first"], asked["last"])
    return [each for each in found if not asked["mineral"] or each.mineral == asked["mineral"]]


def _table(found: Sequence[tally.Extracted], asked: dict[str, Any]) -> Table:
    names = town_names(each.municipality for each in found)
    rows = [
        [
            Cell(names[each.municipality], soft=each.municipality), Cell(words.commodity_name(each.mineral)),
            Cell(figure(str(each.movements)), number=str(each.movements)), words.amount(each.amount, each.mineral),
        ]
        for each in found
    ]  # fmt: skip
    heads = columns(_("Municipio"), _("Mineral"), _("Movimientos"), _("Cantidad"), figures=[2, 3])
    query = f"?desde={asked['first']}&hasta={asked['last']}&mineral={asked['mineral']}&formato="
    return Table(
        _("Extracción y compra a mineros, por municipio"), heads, rows, empty=_("Nada en esos días."), export=query
    )


def _asked(request: HttpRequest) -> dict[str, Any]:
    last: date = typed_day(request.GET.get("hasta", ""), today())
    mineral = request.GET.get("mineral", "")
    return {
        "first": typed_day(request.GET.get("desde", ""), last), "last": last,
        "mineral": mineral if catalogue().mineral(mineral) else "",
    }  # fmt: skip
