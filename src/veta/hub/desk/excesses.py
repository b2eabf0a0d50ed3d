"""What exceeded its cap in a quarter, or tried to, with the dossier of each party (Ley 2250 de 2022 art. 14).

No sanction is decided here. The file in the manner of a report to the UIAF, with every name in clear, is written by
`veta movements excess` for its owner alone: the desk gives no list of identities in bulk.
"""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.people import Names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.hub.templatetags.figures import figure
from veta.kernel.period import Period, quarter_of
from veta.kernel.quantity import text_of
from veta.movements.queries.excess import Excess, excess
from veta.movements.services import dossier_of
from veta.prices.domain.figures import trimmed
from veta.site.purpose import purpose_required
from veta.storage.connection import plain_cursor

STATES: dict[str, tuple[Promise, str]] = {
    "accepted": (gettext_lazy("Registrado con aviso"), "wait"), "attempted": (gettext_lazy("Intentado"), "stop"),
}  # fmt: skip
QUARTERS_SHOWN = 8
_NAMED = re.compile(r"(20[0-9]{2})-T([1-4])").fullmatch


def excesses(request: HttpRequest) -> HttpResponse:
    """The quarter's list: natural persons by their initials, each with its dossier."""
    quarter = _quarter(request.GET.get("trimestre", ""))
    table = _table(request, excess(plain_cursor(), quarter), quarter)
    if form := asked_for(request):
        return exported(table, name=f"excesos-{label_of(quarter)}", form=form)
    context = {"table": table, "label": label_of(quarter), "quarters": _last_quarters()}
    return render(request, "hub/desk/excesses.html", context)


@purpose_required("actor")
def dossier(request: HttpRequest, quarter: str, actor: UUID) -> HttpResponse:
    """A party's dossier of a quarter: each movement with its verdict's words and the receipt that ties it to the
    log."""
    if _NAMED(quarter) is None:
        raise Http404
    made = dossier_of(plain_cursor(), _quarter(quarter), actor)
    if made is None:
        raise Http404
    response = HttpResponse(made, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="expediente-{quarter}.json"'
    response["Cache-Control"] = "no-store"
    return response


def label_of(quarter: Period) -> str:
    """«2026-T4»."""
    return f"{quarter.start.year}-T{quarter.end.month // 3}"


def _quarter(named: str) -> Period:
    found = _NAMED(named)
    return quarter_of(date(int(found[1]), int(found[2]) * 3, 1)) if found else quarter_of(today())


def _last_quarters() -> list[str]:
    year, number = today().year, (today().month + 2) // 3
    back = [year * 4 + number - 1 - n for n in range(QUARTERS_SHOWN)]
    return [f"{each // 4}-T{each % 4 + 1}" for each in back]


def _table(request: HttpRequest, found: list[Excess], quarter: Period) -> Table:
    names = Names((who for each in found for who in (each.party, each.author)), linked=may(request, "desk_actor"))
    rows = [
        [
            names.cell(each.party), words.badge(STATES, each.state), Cell(words.BASES.get(each.basis, each.basis)),
            Cell(each.period), _over(each), Cell(words.kind_of(each.kind), url=_movement(request, each.movement)),
            _dossier_cell(each, quarter),
        ]
        for each in found
    ]  # fmt: skip
    heads = columns(
        _("Quién excede"), _("Estado"), _("Tope"), _("Período"), _("Exceso"), _("Movimiento"), _("Expediente"),
        figures=[4],
    )  # fmt: skip
    caption = _("Excesos del trimestre, en su orden")
    return Table(caption, heads, rows, empty=_("Ninguno."), export=f"?trimestre={label_of(quarter)}&formato=")


def _over(each: Excess) -> Cell:
    """By how much; of an attempt, the cap that refused it."""
    if each.amount is None:
        return Cell(_("tope %(limit)s %(unit)s") % {"limit": figure(each.limit), "unit": each.unit})
    exact = trimmed(text_of(each.amount, factor=each.factor))
    return Cell(f"{figure(exact)} {each.unit}", number=exact)


def _movement(request: HttpRequest, movement: UUID) -> str:
    return reverse("desk_movement", args=[movement]) if may(request, "desk_movement") else ""


def _dossier_cell(each: Excess, quarter: Period) -> Cell:
    if each.party is None:
        return Cell("—")
    return Cell(_("Abrir"), url=reverse("desk_dossier", args=[label_of(quarter), each.party]))
