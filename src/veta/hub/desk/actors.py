"""An actor whole, once a purpose was said: who it is, what it may do, what is left to it, what it holds and did."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.hub.balances import QuotaNow, quotas_of, stock_of
from veta.hub.desk import bars, paging, words
from veta.hub.desk.days import today
from veta.hub.desk.lots import lot_table
from veta.hub.desk.movements import movement_table
from veta.hub.desk.places import town_names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported, whole
from veta.hub.templatetags.figures import figure
from veta.ledger.queries import desk as ledger
from veta.movements.queries import desk
from veta.operators.queries import operators_now
from veta.registry.domain import version_on
from veta.registry.queries import documents_of, kinds_of, mandates_among, names_of, registrations_of
from veta.registry.queries.desk import titles_held
from veta.site.purpose import purpose_required
from veta.storage.connection import plain_cursor


@purpose_required("actor")
def actor(request: HttpRequest, actor: UUID) -> HttpResponseBase:
    """Everything of one actor on a page; each look is written down with its purpose."""
    kind = kinds_of([actor]).get(actor)
    if kind is None:
        raise Http404
    quotas = list(quotas_of(actor, on=today()))
    if form := asked_for(request):
        return _file(request, actor, quotas, form)
    context = {
        "actor": actor, "firm": kind == "firm", "name": names_of([actor]).get(actor, ""),
        "documents": documents_of([actor]).get(actor, ()), "registrations": _registrations(actor),
        "titles": [(code, reverse("desk_title", args=[code])) for code in titles_held([actor]).get(actor, [])],
        "bars": bars.bars(quotas), "quotas": bars.quota_table(quotas, export=paging.as_file(request, "cupos")),
        "totals": _totals(actor),
        "mandates": _mandates(actor), "movements": _movements(request, actor, limit=paging.SHORT_PAGE),
        "lots": _lots(request, actor, limit=paging.SHORT_PAGE),
    }  # fmt: skip
    return render(request, "hub/desk/actor.html", context)


def _file(request: HttpRequest, actor: UUID, quotas: list[QuotaNow], form: str) -> HttpResponseBase:
    """One of the page's lists, whole."""
    asked = paging.table_asked(request)
    if asked == "cupos":
        return exported(bars.quota_table(quotas), name=f"cupos-{actor}", form=form)
    if asked == "movimientos":
        return whole(request, lambda r, n: _movements(r, actor, limit=n), name=f"movimientos-{actor}", form=form)
    return whole(request, lambda r, n: _lots(r, actor, limit=n), name=f"lotes-{actor}", form=form)


def _movements(request: HttpRequest, actor: UUID, *, limit: int) -> Table:
    after = paging.place_after(request, desk.NEWEST, key="m")
    lines = desk.of_actor(plain_cursor(), actor, after=after, limit=limit + 1)
    caption = _("Movimientos, del más reciente")
    return movement_table(request, lines, limit=limit, caption=caption, key="m", table="movimientos")


def _lots(request: HttpRequest, actor: UUID, *, limit: int) -> Table:
    after = paging.id_after(request, ledger.LAST, key="l")
    found = ledger.lots_held(plain_cursor(), actor, after=after, limit=limit + 1)
    more = paging.next_page(request, str(found[limit - 1].lot), key="l") if len(found) > limit else ""
    made = lot_table(request, found, limit=limit, caption=_("Lotes, también los agotados"), more=more)
    return replace(made, export=paging.as_file(request, "lotes"))


def _registrations(actor: UUID) -> Table:
    found = registrations_of([actor]).get(actor, [])
    towns = town_names(town for each in found for town in each.municipalities)
    rows = [
        [
            Cell(_role(each)), words.badge(words.STATUSES, each.status),
            Cell(", ".join(sorted(map(words.commodity_name, each.minerals))) or _("Todos")),
            Cell(", ".join(sorted(towns[town] for town in each.municipalities)) or _("Todos")),
            Cell(f"{each.valid_from} – {each.valid_to or '…'}"),
        ]
        for each in found[: paging.PAGE]
    ]  # fmt: skip
    heads = columns(_("Papel"), _("Estado"), _("Minerales"), _("Municipios"), _("Vigencia"))
    return Table(_("Cada versión registrada, la última primero"), heads, rows, empty=_("No tiene inscripciones."))


def _role(version: Any) -> str:
    role = str(words.ROLES.get(version.role, version.role))
    parts = [str(words.CLASSES.get(version.producer_class or "", "")), version.title_code or ""]
    return " · ".join([role, *(part for part in parts if part)])


def _totals(actor: UUID) -> Table:
    rows = [
        [
            Cell(words.commodity_name(each.mineral)), words.amount(each.quantity, each.mineral),
            words.amount(each.held, each.mineral), Cell(figure(str(each.lots)), number=str(each.lots)),
        ]
        for each in ledger.totals_held(plain_cursor(), actor)
    ]  # fmt: skip
    heads = columns(_("Mineral"), _("Tiene"), _("Ofrecido"), _("Lotes"), figures=[1, 2, 3])
    return Table(_("Lo que tiene hoy"), heads, rows, empty=_("No tiene mineral."))


@purpose_required("actor")
def stock(request: HttpRequest, actor: UUID) -> HttpResponse:
    """What an actor holds, by mineral and accreditation."""
    if actor not in kinds_of([actor]):
        raise Http404
    table = _stock(actor)
    if form := asked_for(request):
        return exported(table, name=f"existencias-{actor}", form=form)
    context = {"actor": actor, "name": names_of([actor]).get(actor, ""), "table": table}
    return render(request, "hub/desk/stock.html", context)


def _stock(actor: UUID) -> Table:
    rows = [
        [
            Cell(words.commodity_name(each.mineral)), words.badge(words.ACCREDITATIONS, each.accreditation),
            words.amount(each.quantity, each.mineral), words.amount(each.held, each.mineral),
            Cell(figure(str(each.lots)), number=str(each.lots)),
        ]
        for each in stock_of(actor)
    ]  # fmt: skip
    heads = columns(_("Mineral"), _("Acreditación"), _("Tiene"), _("Ofrecido"), _("Lotes"), figures=[2, 3, 4])
    return Table(_("Lo que tiene hoy, por acreditación"), heads, rows, empty=_("No tiene mineral."), export="?formato=")


def _mandates(actor: UUID) -> Table:
    operators = {each.id: each for each in operators_now()}
    found = mandates_among([actor], list(operators))
    rows = []
    for (_actor, operator), versions in found.items():
        now = version_on(versions, today()) or versions[0]
        rows.append(
            [Cell(operators[operator].name), words.badge(words.STATUSES, now.status),
             Cell(f"{now.valid_from} – {now.valid_to or '…'}")]
        )  # fmt: skip
    heads = columns(_("Operador"), _("Estado"), _("Vigencia"))
    return Table(_("Operadores que reportan por este actor"), heads, rows, empty=_("Ninguno."))
