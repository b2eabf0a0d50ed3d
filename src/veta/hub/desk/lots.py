"""A lot on the desk: what it is, where it comes from, and its genealogy drawn back and forward."""

from fractions import Fraction
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.hub.desk import genealogy, paging, words
from veta.hub.desk.act_words import act_table
from veta.hub.desk.allowed import may
from veta.hub.desk.people import Names
from veta.hub.desk.places import town_names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported, whole
from veta.hub.templatetags.figures import figure
from veta.kernel.quantity import text_of
from veta.ledger import queries as ledger
from veta.ledger.domain.origin import Origin
from veta.ledger.queries import LotRow, OriginsOfLot
from veta.ledger.queries.desk import Direction, Held, near
from veta.movements.queries.acts import acts_on
from veta.storage.connection import plain_cursor

DEPTH = 4
# What a drawing can hold and still be read; the table and the file go on where it ends.
MOST_EDGES = 30
MOST_ORIGINS = 50
SIDES: dict[str, Direction] = {"atras": "back", "adelante": "forward"}


def lot(request: HttpRequest, lot: UUID) -> HttpResponse:
    """A lot with its origins and its nearest lots, drawn and as a table."""
    row = _lot(lot)
    cursor = plain_cursor()
    around = {side: near(cursor, lot, direction=side, depth=DEPTH, limit=MOST_EDGES) for side in ("back", "forward")}
    drawn = genealogy.drawing(lot, around["back"], around["forward"])
    rows = ledger.lots(cursor, [node.lot for node in drawn.nodes])
    balances = ledger.balances(cursor, list(rows))
    names = Names([each.holder for each in rows.values()], linked=may(request, "desk_actor"))
    balance = balances[lot]
    context = {
        "row": row, "mineral": words.commodity_name(row.commodity), "holder": _holder(row, names),
        "quantity": words.amount(balance.received, row.commodity), "left": words.amount(balance.free, row.commodity),
        "held": words.amount(balance.held, row.commodity) if balance.held else None,
        "accreditation": words.badge(words.ACCREDITATIONS, row.accreditation),
        "fineness": figure(text_of(row.fineness, factor=1000)) if row.fineness is not None else "",
        "town": town_names([row.municipality]).get(row.municipality or "", ""),
        "occurred": words.instant(row.occurred_at),
        "origins": _origins(request, lot), "drawn": drawn, "boxes": _boxes(drawn, rows, balances, names),
        "acts": act_table(acts_on(cursor, lot), caption=_("Actos que lo alcanzaron")),
        "may_act": may(request, "desk_suspend", "POST"), "around": _around(around, rows, balances, names),
        "cut": any(len(e) == MOST_EDGES for e in around.values()),
    }  # fmt: skip
    return render(request, "hub/desk/lot.html", context)


def _holder(row: ledger.LotRow, names: Names) -> Cell:
    """Who has it; seized mineral that was nobody's lot is nobody's still."""
    return names.cell(row.holder) if row.holder else Cell(_("De nadie: en custodia de la autoridad"))


def trace(request: HttpRequest, lot: UUID, side: str) -> HttpResponseBase:
    """Everything that a lot was made of, or that was made of it, at any distance: a page at a time, or a file."""
    if side not in SIDES:
        raise Http404
    _lot(lot)
    if form := asked_for(request):
        return whole(request, lambda r, n: _trace(r, lot, side, n), name=f"lote-{lot}-{side}", form=form)
    table = _trace(request, lot, side, paging.PAGE)
    return render(request, "hub/desk/trace.html", {"lot": lot, "side": side, "table": table})


def _trace(request: HttpRequest, lot: UUID, side: str, limit: int) -> Table:
    after = paging.id_after(request, ledger.FIRST[0]), paging.id_after(request, ledger.FIRST[1], key="y")
    edges = ledger.trace(plain_cursor(), lot, direction=SIDES[side], limit=limit + 1, after=after)
    shown = edges[:limit]
    far = [edge.child if side == "adelante" else edge.parent for edge in shown]
    rows = ledger.lots(plain_cursor(), far)
    balances = ledger.balances(plain_cursor(), far)
    names = Names([row.holder for row in rows.values()], linked=may(request, "desk_actor"))
    more = ""
    if len(edges) > limit:
        more = f"{paging.next_page(request, str(shown[-1].parent)).partition('&y=')[0]}&y={shown[-1].child}"
    return Table(
        _("Lotes hacia adelante") if side == "adelante" else _("Lotes hacia atrás"),
        columns(_("Lote"), _("Mineral"), _("Cantidad"), _("Quién lo tiene"), _("Se hizo en"), figures=[2]),
        [_far(each, edge.movement, rows, balances, names) for each, edge in zip(far, shown, strict=True)],
        empty=_("Ninguno."), more=more, export=paging.as_file(request),
    )  # fmt: skip


def origins(request: HttpRequest, lot: UUID) -> HttpResponse:
    """A lot's origins as a file, all of them."""
    _lot(lot)
    return exported(_origins(request, lot, most=None), name=f"origenes-{lot}", form=asked_for(request) or "csv")


def lot_table(request: HttpRequest, lots: list[Held], *, limit: int, caption: str, more: str) -> Table:
    """A page of lots as a table, what is left of each among its figures."""
    shown = lots[:limit]
    names = Names((each.holder for each in shown), linked=may(request, "desk_actor"))
    return Table(
        caption,
        columns(_("Lote"), _("Mineral"), _("Cantidad"), _("Queda"), _("Estado"), _("Quién lo tiene"), _("Desde"),
                figures=[2, 3]),
        [
            [
                Cell(words.short(each.lot), url=reverse("desk_lot", args=[each.lot]), code=True),
                Cell(words.commodity_name(each.mineral)),
                words.amount(each.received, each.mineral),
                words.amount(each.left, each.mineral),
                Cell(_("Suspendido"), tone="stop") if each.suspended
                else words.badge(words.ACCREDITATIONS, each.accreditation),
                names.cell(each.holder),
                Cell(words.instant(each.occurred_at), url=reverse("desk_movement", args=[each.movement])),
            ]
            for each in shown
        ],
        empty=_("Ningún lote."), more=more if len(lots) > limit else "",
    )  # fmt: skip


def _lot(lot: UUID) -> LotRow:
    row = ledger.lots(plain_cursor(), [lot]).get(lot)
    if row is None:
        raise Http404
    return row


def _origins(request: HttpRequest, lot: UUID, *, most: int | None = MOST_ORIGINS) -> Table:
    found = ledger.origins_of(plain_cursor(), lot)
    assert found is not None, "a lot has origins"
    heaviest = sorted(zip(found.weights, found.origins, strict=True), key=lambda pair: (-pair[0], pair[1]))[:most]
    known = ledger.origins(plain_cursor(), [origin for _weight, origin in heaviest])
    names = Names((origin.person for origin in known.values()), linked=may(request, "desk_actor"))
    towns = town_names(origin.municipality for origin in known.values())
    caption = _("%(number)s orígenes, del que más aporta al que menos") % {"number": len(found.origins)}
    return Table(
        caption if len(found.origins) > 1 else _("Un solo origen"),
        columns(_("Origen"), _("Dónde"), _("Quién"), _("Parte"), figures=[3]),
        [_origin(known[origin], weight, found, names, towns) for weight, origin in heaviest],
        export=f"{reverse('desk_lot_origins', args=[lot])}?formato=",
    )  # fmt: skip


def _origin(origin: Origin, weight: int, found: OriginsOfLot, names: Names, towns: dict[str, str]) -> list[Cell]:
    label = str(words.CLASSES.get(origin.kind, origin.kind)).capitalize()
    url = reverse("desk_title", args=[origin.code]) if origin.code else ""
    return [
        Cell(f"{label} {origin.code}" if origin.code else label, url=url),
        Cell(towns.get(origin.municipality or "", "—")),
        names.cell(origin.person),
        _share(weight, found.total),
    ]


def _share(weight: int, total: int) -> Cell:
    """The exact share in hundredths of a per cent, rounded down for the page alone."""
    hundredths = int(Fraction(weight, total) * 10_000)
    exact = text_of(hundredths, factor=100)
    return Cell(f"{figure(exact)} %", number=exact)


def _boxes(drawn: genealogy.Drawing, rows: Any, balances: Any, names: Names) -> list[dict[str, Any]]:
    """What each box of the drawing says, in two short lines."""
    return [
        {
            "node": node, "url": reverse("desk_lot", args=[node.lot]),
            "first": words.amount(balances[node.lot].received, rows[node.lot].commodity).text,
            "second": _cut(names.text(rows[node.lot].holder)),
            "mineral": _cut(words.commodity_name(rows[node.lot].commodity)),
            "bad": bool(rows[node.lot].suspensions) or rows[node.lot].accreditation in {"unproven", "seized"},
        }
        for node in drawn.nodes
        if node.lot in rows
    ]  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"


def _around(around: Any, rows: Any, balances: Any, names: Names) -> Table:
    """The drawing's twin: the same lots as a table, the nearest first."""
    lines = []
    for side, label in (("back", _("Antes")), ("forward", _("Después"))):
        for step in around[side]:
            far = step.parent if side == "back" else step.child
            where = _("%(side)s, a %(depth)s") % {"side": label, "depth": step.depth}
            lines.append([*_far(far, step.movement, rows, balances, names)[:1], Cell(where),
                          *_far(far, step.movement, rows, balances, names)[1:]])  # fmt: skip
    return Table(
        _("Los mismos lotes, uno por uno"),
        columns(_("Lote"), _("Pasos"), _("Mineral"), _("Cantidad"), _("Quién lo tiene"), _("Se hizo en"), figures=[3]),
        lines, empty=_("No se hizo de otro lote ni hay otro hecho de él."),
    )  # fmt: skip


def _far(lot: UUID, movement: UUID, rows: Any, balances: Any, names: Names) -> list[Cell]:
    return [
        Cell(words.short(lot), url=reverse("desk_lot", args=[lot]), code=True),
        Cell(words.commodity_name(rows[lot].commodity)),
        words.amount(balances[lot].received, rows[lot].commodity),
        names.cell(rows[lot].holder),
        Cell(words.short(movement), url=reverse("desk_movement", args=[movement]), code=True),
    ]
