"""Lists of the registry as files: one person uploads, sees what becomes of each row, and another applies or refuses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.proposals import DecisionForm
from veta.hub.desk.queue import UPLOADS
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported, whole
from veta.hub.templatetags.figures import figure
from veta.hub.typed import DayInput
from veta.kernel.errors import DomainError
from veta.registry.queries.imports import LAST, RowReport, Upload, report_of, uploads
from veta.registry.queries.imports import upload as upload_of
from veta.registry.services.imports import IMPORTERS, MAX_FILE, apply_import, propose_import, refuse_import
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

ROWS = {
    "ok": (gettext_lazy("bien"), "ok"),
    "repaired": (gettext_lazy("reparada"), "wait"),
    "rejected": (gettext_lazy("rechazada"), "stop"),
}
DECISIONS = {"applied": (gettext_lazy("Aplicado"), "ok"), "refused": (gettext_lazy("Rechazado"), "stop")}
WRITTEN = {
    "rows": gettext_lazy("filas nuevas"),
    "actors": gettext_lazy("actores"),
    "titles": gettext_lazy("versiones de títulos"),
    "registrations": gettext_lazy("versiones de inscripciones"),
    "municipalities": gettext_lazy("municipios"),
}


class UploadForm(forms.Form):
    """A file, what it lists, and the day of its cut."""

    lista = forms.ChoiceField(label=gettext_lazy("Qué lista es"), choices=list(UPLOADS.items()))
    archivo = forms.FileField(
        label=gettext_lazy("Archivo (CSV o Excel)"), help_text=gettext_lazy("Hasta 4 MB, con su fila de encabezados.")
    )
    corte = forms.DateField(
        label=gettext_lazy("Corte del archivo"), widget=DayInput(),
        help_text=gettext_lazy("Lo que traiga rige desde ese día."),
    )  # fmt: skip


def desk(request: HttpRequest) -> HttpResponseBase:
    """The files that wait and those decided."""
    if form := asked_for(request):
        return whole(request, _decided, name="archivos-del-registro", form=form)
    decided, linked = _decided(request, paging.PAGE), may(request, "desk_import")
    waiting = _listed(uploads(pending=True, limit=paging.PAGE), linked, caption=_("Por decidir"))
    context = {"waiting": waiting, "decided": decided, "may_upload": may(request, "desk_import_upload", "POST")}
    return render(request, "hub/desk/imports.html", context)


def _decided(request: HttpRequest, limit: int) -> Table:
    found = uploads(pending=False, after=paging.id_after(request, LAST), limit=limit + 1)
    more = paging.next_page(request, str(found[limit - 1].id)) if len(found) > limit else ""
    caption, linked = _("Decididos, el último primero"), may(request, "desk_import")
    return _listed(found[:limit], linked, caption=caption, more=more, export="?formato=")


def _listed(found: list[Upload], linked: bool, *, caption: str, more: str = "", export: str = "") -> Table:
    rows = [
        [
            Cell(UPLOADS[each.kind], url=reverse("desk_import", args=[each.id]) if linked else "", soft=each.file_name),
            Cell(str(each.cut_date)), *(_number(each.counts[name]) for name in ("rows", "repaired", "rejected")),
            Cell(each.proposed_by, soft=words.instant(each.proposed_at)),
            Cell(each.decided_by or "—", soft=words.instant(each.decided_at) if each.decided_at else ""),
            words.badge(DECISIONS, each.decision) if each.decision else Cell(_("Por decidir"), tone="wait"),
        ]
        for each in found
    ]  # fmt: skip
    heads = columns(_("Lista"), _("Corte"), _("Filas"), _("Reparadas"), _("Rechazadas"), _("Subió"), _("Decidió"),
                    _("Estado"), figures=[2, 3, 4])  # fmt: skip
    return Table(caption, heads, rows, empty=_("Ninguno."), more=more, export=export)


def _number(value: int) -> Cell:
    return Cell(figure(str(value)), number=str(value))


def upload(request: HttpRequest) -> HttpResponse:
    """Upload a list; its preview is the next page."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"corte": today()})
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = propose_import(
                given["lista"], given["archivo"].name, given["archivo"].read(MAX_FILE + 1), cut_date=given["corte"],
                by=person_of(request).email,
            )  # fmt: skip
        except DomainError as refused:
            form.add_error("archivo", refused.message)
        else:
            messages.success(request, _("Quedó subido: revise sus filas. Lo aplica otra persona."))
            return redirect("desk_import", file=made)
    page = FormPage(
        title=_("Subir una lista"), back=reverse("desk_imports"), back_label=_("Archivos del registro"),
        buttons=(Button(_("Subir y ver qué haría")),), lead=_("Nada cuenta hasta que otra persona lo aplique."),
        facts=tuple((label, ", ".join(IMPORTERS[kind].columns)) for kind, label in UPLOADS.items()),
    )  # fmt: skip
    return page.respond(request, form)


def decide(request: HttpRequest, file: UUID) -> HttpResponse:
    """What becomes of each row of a file; and, by another than who uploaded it, its decision."""
    found = upload_of(file)
    if found is None:
        raise Http404
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _decide(found, request, form.cleaned_data["reason"])
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, said)
            return redirect("desk_imports")
    table = _rows(request, found)
    if kind := asked_for(request):
        return exported(table, name=f"filas-{found.file_name.rpartition('.')[0][:60]}", form=kind)
    return render(request, "hub/desk/import.html", _context(request, found, table) | {"form": form},
                  status=422 if form.errors else 200)  # fmt: skip


def _context(request: HttpRequest, found: Upload, table: Table) -> dict[str, Any]:
    return {
        "found": found, "table": table, "what": UPLOADS[found.kind], "proposed": words.instant(found.proposed_at),
        "unverified": IMPORTERS[found.kind].unverified, "digest": found.digest.hex(),
        "counts": [(ROWS[name], found.counts[name], name) for name in ROWS],
        "shown": _asked(request), "applied": _applied(found.applied) if found.applied is not None else "",
        "may_decide": may(request, "desk_import", "POST"),
        "mine": found.proposed_by.lower() == person_of(request).email,
        "decision": words.badge(DECISIONS, found.decision) if found.decision else None,
    }  # fmt: skip


def _decide(found: Upload, request: HttpRequest, reason: str) -> str:
    by = person_of(request).email
    if request.POST.get("decision") != "approve":
        refuse_import(found.id, by=by, reason=reason)
        return _("Quedó rechazado; nada de él se aplicó.")
    applied = apply_import(found.id, by=by)
    return _("Quedó aplicado: %(what)s.") % {"what": _applied({"rows": applied.rows, **applied.written})}


def _applied(written: Any) -> str:
    return ", ".join(f"{figure(str(number))} {WRITTEN[name]}" for name, number in written.items())


def _asked(request: HttpRequest) -> str:
    """Which rows: those of one state, else all that are not simply good, or `todas`."""
    asked = request.GET.get("ver", "")
    return asked if asked in ROWS or asked == "todas" else ""


def _rows(request: HttpRequest, found: Upload) -> Table:
    asked, reports = _asked(request), report_of(found.id) if found.decision is None else []
    wanted = [each for each in reports if _wanted(each, asked)]
    shown, more = (wanted, "") if asked_for(request) else paging.cut(request, wanted)
    rows = [
        [Cell(str(each.line), number=str(each.line)), words.badge(ROWS, each.status), Cell(each.says),
         Cell(each.why or "—")]
        for each in shown
    ]  # fmt: skip
    empty = _("El archivo se borró al decidir; queda su huella.") if found.decision else _("Ninguna fila.")
    heads = columns(_("Fila"), _("Estado"), _("Qué dice"), _("Por qué"))
    caption = _("Todas las filas") if asked == "todas" else _("Filas por revisar")
    caption = str(ROWS[asked][0]).capitalize() if asked in ROWS else caption
    return Table(caption, heads, rows, empty=empty, more=more, export=paging.as_file(request))


def _wanted(each: RowReport, asked: str) -> bool:
    return asked == "todas" or each.status == asked or (not asked and each.status != "ok")
