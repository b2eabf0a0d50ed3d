"""Who looked at whose data, and what for: for whoever audits, who looks without being asked why."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging, words
from veta.hub.desk.people import Names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, whole
from veta.site.purposes import PURPOSES
from veta.site.queries import AccessEntry, accesses

PAGES = {
    "desk_actor": gettext_lazy("Ficha del actor"),
    "desk_stock": gettext_lazy("Lo que tiene el actor"),
    "desk_dossier": gettext_lazy("Expediente de excesos"),
}


def access_log(request: HttpRequest) -> HttpResponseBase:
    """The looks at people's data, by purpose, by who looked or by whom was looked at; the newest first."""
    purpose, user = request.GET.get("finalidad", ""), request.GET.get("quien", "")[:80]
    subject = _subject(request.GET.get("de", ""))

    def read(part: HttpRequest, limit: int) -> list[AccessEntry]:
        after = paging.id_after(part, UUID(int=2**128 - 1))
        return accesses(after=after, limit=limit + 1, subject=subject, user=user, purpose=purpose)

    if form := asked_for(request):
        return whole(request, lambda r, n: _table(r, read(r, n), n), name="consultas-de-datos", form=form)
    found = read(request, paging.PAGE)
    context = {
        "table": _table(request, found, paging.PAGE), "purposes": PURPOSES, "purpose": purpose, "user": user,
        "subject": subject, "counted": _counted(found[: paging.PAGE]),
    }  # fmt: skip
    return render(request, "hub/desk/access_log.html", context)


def _subject(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _counted(found: list[AccessEntry]) -> int:
    return len({each.subject for each in found})


def _table(request: HttpRequest, found: list[AccessEntry], limit: int) -> Table:
    shown = found[:limit]
    names = Names((each.subject for each in shown), linked=False)
    rows = [
        [
            Cell(each.user_name, soft=each.user_email), Cell(words.instant(each.at)), Cell(each.purpose),
            Cell(each.reference),
            Cell(names.text(each.subject), url=f"?de={each.subject}", soft=words.short(each.subject)),
            Cell(PAGES.get(each.endpoint, each.endpoint)),
        ]
        for each in shown
    ]  # fmt: skip
    more = paging.next_page(request, str(shown[-1].id)) if len(found) > limit else ""
    heads = columns(_("Quién miró"), _("Cuándo"), _("Finalidad"), _("Expediente"), _("A quién"), _("Dónde"))
    return Table(
        _("De la consulta más reciente a la más antigua"), heads, rows, empty=_("Nadie ha consultado."), more=more,
        export=paging.as_file(request),
    )  # fmt: skip
