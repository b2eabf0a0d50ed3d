"""A title whole: what it is, who holds it, its plan year by year, its quotas as bars, its lots, its obligations."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from veta.bonds.queries import bonds
from veta.hub.balances import QuotaNow, quotas_of_title
from veta.hub.desk import bars, paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.lots import lot_table
from veta.hub.desk.movements import movement_table
from veta.hub.desk.people import Names
from veta.hub.desk.places import town_names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported, whole
from veta.kernel.identity import IdentityError, title_code
from veta.ledger.domain.origin import Origin
from veta.ledger.queries import desk as ledger
from veta.movements.queries import desk
from veta.oversight.queries import cases
from veta.registry.domain import PlanVersion, TitleVersion, version_on
from veta.registry.queries import plans_of, registrations_for_title, titles_by_code
from veta.storage.connection import plain_cursor


def title(request: HttpRequest, code: str) -> HttpResponseBase:
    """A title as it stands today, with everything that hangs from its code."""
    versions = _versions(code)
    version = version_on(versions, today()) or versions[0]
    plans = plans_of([version.title]).get(version.title, [])
    plan = version_on(plans, today())
    quotas = list(quotas_of_title(version, plans, on=today()))
    if form := asked_for(request):
        return _file(request, version, quotas, form)
    lots = _lots(request, version, limit=paging.SHORT_PAGE)
    towns = town_names(version.municipalities)
    context = {
        "version": version, "kind": words.CLASSES.get(version.kind, version.kind),
        "status": words.badge(words.STATUSES, version.status), "towns": sorted(towns.values()),
        "minerals": sorted(words.commodity_name(each) for each in version.minerals | version.associated),
        "holders": _holders(request, version), "plan": plan, "plan_table": _plan(plan), "plans": plans,
        "bars": bars.bars(quotas), "quotas": bars.quota_table(quotas, export=paging.as_file(request, "cupos")),
        "lots": lots, "movements": _movements(request, version, limit=paging.SHORT_PAGE),
        "registrations": _registrations(request, version.code), "versions": _history(versions),
        "bonds": bonds(title_code=version.code) if may(request, "bond_life") else [],
        "cases": cases(title_code=version.code) if may(request, "validation_case") else [],
        "may_validate": may(request, "validation_open"), "may_ask": not may(request, "validation_case"),
    }  # fmt: skip
    return render(request, "hub/desk/title.html", context)


def _versions(code: str) -> list[TitleVersion]:
    try:
        found = titles_by_code([title_code(code)])
    except IdentityError:
        raise Http404 from None
    if not found:
        raise Http404
    return next(iter(found.values()))


def _file(request: HttpRequest, version: TitleVersion, quotas: list[QuotaNow], form: str) -> HttpResponseBase:
    """One of the page's lists, whole."""
    asked, code = paging.table_asked(request), version.code.replace("/", "_")
    if asked == "cupos":
        return exported(bars.quota_table(quotas), name=f"cupos-{code}", form=form)
    if asked == "movimientos":
        return whole(request, lambda r, n: _movements(r, version, limit=n), name=f"movimientos-{code}", form=form)
    return whole(request, lambda r, n: _lots(r, version, limit=n), name=f"lotes-{code}", form=form)


def _movements(request: HttpRequest, version: TitleVersion, *, limit: int) -> Table:
    """The movements that made the title's lots, the newest first: what was rejected made none, and is its author's."""
    if not may(request, "desk_movement"):
        return Table("", [], [], empty=_("Su rol no ve los movimientos."))
    after = paging.place_after(request, ledger.NEWEST, key="m")
    origin = Origin(version.kind, code=version.code).id
    found = ledger.lots_of_origin(plain_cursor(), origin, after=after, limit=limit + 1)
    made = list(dict.fromkeys(lot.movement for lot in found[:limit]))
    known = desk.by_id(plain_cursor(), made)
    caption = _("Los que hicieron lotes de este origen, del más reciente")
    table = movement_table(
        request, [known[id] for id in made], limit=limit, caption=caption, key="m", table="movimientos"
    )
    last = found[limit - 1] if len(found) > limit else None
    more = paging.next_page(request, paging.place_text((last.occurred_at, last.lot)), key="m") if last else ""
    return replace(table, more=more)


def _lots(request: HttpRequest, version: TitleVersion, *, limit: int) -> Table:
    if not may(request, "desk_lot"):
        return Table("", [], [], empty=_("Su rol no ve los lotes."))
    after = paging.place_after(request, ledger.NEWEST)
    origin = Origin(version.kind, code=version.code).id
    found = ledger.lots_of_origin(plain_cursor(), origin, after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    more = paging.next_page(request, paging.place_text((last.occurred_at, last.lot))) if last else ""
    made = lot_table(request, found, limit=limit, caption=_("Lotes de este origen, del más reciente"), more=more)
    return replace(made, export=paging.as_file(request))


def _holders(request: HttpRequest, version: TitleVersion) -> list[dict[str, Any]]:
    names = Names((actor for actor, _share in version.holders), linked=may(request, "desk_actor"))
    return [{"cell": names.cell(actor), "share": share} for actor, share in version.holders]


def _plan(plan: PlanVersion | None) -> Table:
    """The approved volumes, a row for each mineral and contract year."""
    rows = [
        [Cell(words.commodity_name(line.mineral)), Cell(start), words.amount(amount, line.mineral)]
        for line in (plan.lines if plan else ())
        for start, amount in sorted(line.volumes.items())
        if start >= f"{today().year - 1}" and start < f"{today().year + 4}"
    ]
    heads = columns(_("Mineral"), _("Año que empieza el"), _("Volumen aprobado"), figures=[2])
    return Table(_("Volúmenes aprobados de los años cercanos"), heads, rows, empty=_("No tiene plan en vigor hoy."))


def _registrations(request: HttpRequest, code: str) -> Table:
    found = registrations_for_title([code]).get(code, [])
    names = Names((each.actor for each in found), linked=may(request, "desk_actor"))
    rows = [
        [
            names.cell(each.actor), Cell(words.ROLES.get(each.role, each.role)),
            words.badge(words.STATUSES, each.status), Cell(f"{each.valid_from} – {each.valid_to or '…'}"),
        ]
        for each in found
    ]  # fmt: skip
    heads = columns(_("Quién"), _("Papel"), _("Estado"), _("Vigencia"))
    return Table(_("Inscripciones hechas por este título"), heads, rows, empty=_("Ninguna."))


def _history(versions: list[TitleVersion]) -> Table:
    rows = [
        [
            Cell(f"{each.valid_from} – {each.valid_to or '…'}"), words.badge(words.STATUSES, each.status),
            Cell(each.modality or "—"), Cell(str(len(each.holders))),
        ]
        for each in versions[: paging.PAGE]
    ]  # fmt: skip
    heads = columns(_("Vigencia"), _("Estado"), _("Modalidad"), _("Titulares"))
    return Table(_("Versiones registradas, la última primero"), heads, rows)
