"""Movements on the desk: the list of a time, and one of them with its verdict in plain words."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today, typed_day
from veta.hub.desk.people import Names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, whole
from veta.hub.desk.verdicts import explained
from veta.hub.road.code import code_of
from veta.hub.road.shown import STATES, shown
from veta.hub.templatetags.figures import figure
from veta.kernel.clock import SystemClock
from veta.ledger.queries import desk as ledger
from veta.movements.queries import desk, pending, story
from veta.movements.queries.desk import Line, Sheet
from veta.movements.queries.road import road_pack
from veta.movements.services import receipt_of
from veta.operators.queries import names_of_operators
from veta.storage.connection import plain_cursor

MOST_ENTRIES = 60


def movements(request: HttpRequest) -> HttpResponseBase:
    """The movements received between two days, by kind, state or finding; the newest first."""
    asked = _asked(request)
    wanted = desk.Asked(asked["first"], asked["last"], asked["kind"], asked["state"], asked["finding"])
    if form := asked_for(request):
        name = f"movimientos-{asked['first']}-{asked['last']}"
        return whole(request, lambda part, limit: _listed(part, wanted, limit)[0], name=name, form=form)
    table, goes_on = _listed(request, wanted, paging.PAGE)
    few = goes_on is not None and len(table.rows) < paging.PAGE
    context = {
        "asked": asked, "table": table, "kinds": words.KINDS.items(), "states": words.STATES.items(),
        "looked": words.instant(goes_on[0]) if goes_on and few else "", "most": figure(str(desk.MOST_LOOKED)),
    }  # fmt: skip
    return render(request, "hub/desk/movements.html", context)


def _listed(request: HttpRequest, wanted: desk.Asked, limit: int) -> tuple[Table, desk.Place | None]:
    after = paging.place_after(request, desk.NEWEST)
    lines, goes_on = desk.listed(plain_cursor(), wanted, after=after, limit=limit)
    table = movement_table(request, lines, limit=limit, caption=_("Del más reciente al más antiguo"))
    return replace(table, more=paging.next_page(request, paging.place_text(goes_on)) if goes_on else ""), goes_on


def movement_table(
    request: HttpRequest, lines: list[Line], *, limit: int, caption: str, key: str = "despues", table: str = ""
) -> Table:
    """A page of movements as a table; `lines` may hold one more than `limit`, which tells that there is another.

    Where the page has several lists, `key` says where this one goes on and `table` which file is asked for.
    """
    shown = lines[:limit]
    names = Names(
        (who for line in shown for who in (line.author, line.counterparty)), linked=may(request, "desk_actor")
    )
    operators = names_of_operators({line.operator for line in shown})
    more = paging.next_page(request, paging.place_text(shown[-1].place), key=key) if len(lines) > limit else ""
    return Table(
        caption,
        columns(_("Movimiento"), _("Recibido"), _("Estado"), _("Quién lo hace"), _("Con quién"), _("Operador")),
        [_row(line, names, operators) for line in shown],
        empty=_("Ningún movimiento."), more=more, export=paging.as_file(request, table),
    )  # fmt: skip


def _row(line: Line, names: Names, operators: dict[UUID, str]) -> list[Cell]:
    return [
        Cell(words.kind_of(line.kind), url=reverse("desk_movement", args=[line.id]), soft=words.short(line.id)),
        Cell(words.instant(line.received_at)),
        words.badge(words.STATES, line.state),
        names.cell(line.author),
        names.cell(line.counterparty),
        Cell(operators.get(line.operator, "—")),
    ]


def movement(request: HttpRequest, movement: UUID) -> HttpResponse:
    """One movement: what it was, what was decided and why, what it moved, what came after, its place in the log."""
    cursor = plain_cursor()
    sheet = desk.sheet(cursor, movement)
    if sheet is None:
        raise Http404
    verdict = json.loads(sheet.body)
    told = story(cursor, sheet.subject if sheet.subject and sheet.kind not in ALONE else movement)
    names = Names((sheet.author, sheet.counterparty), linked=may(request, "desk_actor"))
    state = (told.state if told else sheet.status) if sheet.kind in ALONE or not sheet.subject else sheet.status
    receipt = receipt_of(movement)
    context = {
        "sheet": sheet, "verdict": verdict, "kind": words.kind_of(sheet.kind),
        "state": words.badge(words.STATES, state),
        "author": names.cell(sheet.author), "counterparty": names.cell(sheet.counterparty),
        "operator": names_of_operators([sheet.operator]).get(sheet.operator, "—"),
        "occurred": words.instant(sheet.occurred_at), "received": words.instant(sheet.received_at),
        "leaf": receipt.leaf.hex() if receipt else "", "findings": explained(verdict["findings"]),
        "lots": _lots(verdict), "entries": _entries(sheet),
        "steps": _steps(told), "receipt": receipt, "numbered": words.instant(sheet.numbered_at),
        "waits": _waits(sheet), "road": _road(sheet),
        "may_undo": sheet.status == "accepted" and state != "reversed" and may(request, "desk_undo", "POST"),
    }  # fmt: skip
    return render(request, "hub/desk/movement.html", context)


# Movements of their own, though they name another; the rest that name one are steps of its life.
ALONE = frozenset({"reversal", "suspension", "lift", "seizure", "accredit"})


def _waits(sheet: Sheet) -> dict[str, Any] | None:
    """Until when the other party may answer, while it may."""
    found = pending(plain_cursor(), [sheet.id]).get(sheet.id)
    if found is None or found.outcome is not None:
        return None
    return {"until": words.instant(found.confirm_by), "lines": len(found.lines)}


def _road(sheet: Sheet) -> dict[str, Any] | None:
    """Of a dispatch: what whoever stops the truck sees, and where."""
    pack = road_pack(plain_cursor(), sheet.id) if sheet.kind == "dispatch" else None
    if pack is None:
        return None
    found = shown(plain_cursor(), pack, now=SystemClock().now())
    rows = [
        [Cell(f"{p.name} {p.number}", url=p.url), Cell(str(STATES[p.state][0]), tone=STATES[p.state][1]),
         Cell(p.note), Cell(p.norm)]
        for p in found.papers
    ]  # fmt: skip
    heads = columns(_("Documento"), _("Estado"), _("Por qué"), _("Norma"))
    return {"found": found, "code": code_of(sheet.id), "table": Table(_("Documentos que se exigen"), heads, rows)}


def _lots(verdict: dict[str, Any]) -> Table:
    rows = [
        [
            Cell(lot["lot"], url=reverse("desk_lot", args=[lot["lot"]]), code=True),
            Cell(words.commodity_name(lot["mineral"])),
            Cell(f"{figure(lot['quantity'])} {lot['unit']}", number=lot["quantity"]),
        ]
        for lot in verdict["lots"][:MOST_ENTRIES]
    ]
    return Table(_("Lotes que resultaron"), columns(_("Lote"), _("Mineral"), _("Cantidad"), figures=[2]), rows)


def _entries(sheet: Sheet) -> Table:
    lines = ledger.entries_of(plain_cursor(), sheet.id, limit=MOST_ENTRIES)
    names = Names((who for line in lines for who in (line.source_holder, line.target_holder)), linked=False)
    rows = [
        [
            Cell(words.commodity_name(line.commodity)),
            words.amount(line.amount, line.commodity),
            _account(line.source, line.source_kind, names.text(line.source_holder), line),
            _account(line.target, line.target_kind, names.text(line.target_holder), line),
        ]
        for line in lines
    ]
    return Table(
        _("Asientos: lo que sale de una cuenta entra en otra"),
        columns(_("Qué"), _("Cantidad"), _("De"), _("A"), figures=[1]), rows, empty=_("No movió nada en el libro."),
    )  # fmt: skip


def _account(account: UUID, kind: str, holder: str, line: ledger.EntryLine) -> Cell:
    label = words.ACCOUNTS.get(kind, kind)
    if kind == "lot":
        return Cell(label, url=reverse("desk_lot", args=[account]), soft=f"{words.short(account)} · {holder}")
    if kind == "quota":
        return Cell(label, soft=f"{words.BASES.get(line.basis or '', line.basis)} · {line.period_start}")
    return Cell(label)


def _steps(told: Any) -> list[dict[str, Any]]:
    """What happened to the movement afterwards, each with its own verdict."""
    if told is None:
        return []
    return [_step(step) for step in told.steps]


def _step(step: Any) -> dict[str, Any]:
    verdict = json.loads(step.body)
    return {
        "kind": words.kind_of(step.kind), "url": reverse("desk_movement", args=[step.id]),
        "at": verdict["decided_at"][:16].replace("T", " "), "state": words.badge(words.STATES, step.status),
        "outcome": words.badge(words.STATES, verdict["outcome"]) if verdict.get("outcome") else None,
    }  # fmt: skip


def _asked(request: HttpRequest) -> dict[str, Any]:
    given = request.GET
    last = typed_day(given.get("hasta", ""), today())
    return {
        "first": typed_day(given.get("desde", ""), last), "last": last,
        "kind": given.get("clase", "") if given.get("clase") in words.KINDS else "",
        "state": given.get("estado", "") if given.get("estado") in words.STATES else "",
        "finding": given.get("hallazgo", "")[:7].upper(),
    }  # fmt: skip
