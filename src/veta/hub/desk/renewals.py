"""May's renewals: which registrations of traders, plants, consumers and exporters have no version since this May."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import bounds, today
from veta.hub.desk.people import Names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.registry.queries.desk import LAST, Renewal
from veta.registry.queries.desk import renewals as renewals_of

NORM = "DUR 1073 de 2015 art. 2.2.5.6.1.4.1"
MAY = 5


def renewals(request: HttpRequest) -> HttpResponse:
    """Those that lack this year's renewal, or those that have it."""
    renewed = request.GET.get("ver") == "renovadas"
    form = asked_for(request)
    limit = paging.FILE if form else paging.PAGE
    since, year = _since(today())
    after = paging.id_after(request, LAST)
    found = renewals_of(since=since, on=today(), renewed=renewed, after=after, limit=limit + 1)
    table = _table(request, found, limit=limit, renewed=renewed)
    if form:
        return exported(table, name=f"renovaciones-{year}", form=form)
    context = {"table": table, "year": year, "renewed": renewed, "norm": NORM}
    return render(request, "hub/desk/renewals.html", context)


def _since(on: date) -> tuple[datetime, int]:
    """The start of the last May that began, and its year."""
    year = on.year if on.month >= MAY else on.year - 1
    return bounds(date(year, MAY, 1), date(year, MAY, 1))[0], year


def _table(request: HttpRequest, found: list[Renewal], *, limit: int, renewed: bool) -> Table:
    shown = found[:limit]
    names = Names((each.actor for each in shown), linked=may(request, "desk_actor"))
    badge = Cell(_("renovada"), tone="ok") if renewed else Cell(_("sin renovar"), tone="wait")
    rows = [
        [
            names.cell(each.actor), Cell(words.ROLES.get(each.role, each.role)), badge,
            Cell(words.instant(each.recorded_at)), Cell(f"{each.valid_from} – {each.valid_to or '…'}"),
        ]
        for each in shown
    ]  # fmt: skip
    more = paging.next_page(request, str(shown[-1].registration)) if len(found) > limit else ""
    heads = columns(_("Quién"), _("Papel"), _("Este año"), _("Última versión registrada"), _("Vigencia"))
    return Table(
        _("Comercializadores, plantas, consumidores y exportadores"), heads, rows, empty=_("Ninguna."), more=more,
        export=paging.as_file(request),
    )  # fmt: skip
