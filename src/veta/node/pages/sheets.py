"""Workbooks of movements: uploaded, seen row by row, applied, and given back with what was found on them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.errors import DomainError
from veta.node.domain.sheets.kinds import KINDS
from veta.node.models import Client
from veta.node.pages.records import WRITES
from veta.node.queries.members import client_for
from veta.node.queries.outbox import KINDS as LABELS
from veta.node.queries.sheets import AT_HUB, ROWS, Progress, at_hub, lines_of, lists_for, rows_of, sheet_of, sheets_of
from veta.node.services.sheets import ask_to_apply, upload
from veta.node.sheet_back import write_back
from veta.node.sheet_template import template
from veta.node.tasks import work_sheet
from veta.site.caller import person_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 25
EVERY = 3


class UploadForm(forms.Form):
    """A workbook, and which movements it has."""

    clase = forms.ChoiceField(
        label=gettext_lazy("Qué movimientos trae"), choices=[(kind, LABELS[kind]) for kind in KINDS]
    )
    archivo = forms.FileField(
        label=gettext_lazy("Archivo de Excel o CSV"),
        help_text=gettext_lazy("Hasta 24 MB. Se lee la primera hoja, como su plantilla dice."),
    )


def _client(request: HttpRequest, client: UUID) -> Client:
    """The client; who writes here has to be one who captures."""
    roles = WRITES if request.method == "POST" else ()
    return client_for(person_of(request).id, client, *roles)


def sheets(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's workbooks, the templates, and a form to upload one."""
    found = _client(request, client)
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                made = upload(
                    found, given["clase"], given["archivo"].name, given["archivo"].read(), by=person_of(request)
                )
                work_sheet.defer(sheet=str(made.id))
        except DomainError as refused:
            form.add_error("archivo", refused.message)
        else:
            return redirect("node_sheet", client=found.id, sheet=made.id)
    page = Paginator(sheets_of(found), PAGE).get_page(request.GET.get("pagina"))
    lines = [(Progress(each), LABELS[each.kind]) for each in page]
    kinds = [(kind, LABELS[kind]) for kind in KINDS]
    context = {"client": found, "form": form, "page": page, "lines": lines, "kinds": kinds}
    return render(request, "node/sheets.html", context, status=422 if form.errors else 200)


def sheet(request: HttpRequest, client: UUID, sheet: UUID) -> HttpResponse:
    """What becomes of each row of a workbook; and, asked for, to apply it."""
    found = _client(request, client)
    kept = sheet_of(found, sheet)
    if request.method == "POST":
        try:
            with transaction.atomic():
                ask_to_apply(kept, by=person_of(request))
                work_sheet.defer(sheet=str(kept.id))
        except DomainError as refused:
            messages.error(request, refused.message)
        return redirect("node_sheet", client=found.id, sheet=kept.id)
    status = request.GET.get("filas", "")
    progress = Progress(kept)
    page = Paginator(rows_of(kept, status), PAGE).get_page(request.GET.get("pagina"))
    still = "quieta" in request.GET
    context = {
        "client": found, "progress": progress, "sheet": kept, "kind": LABELS[kept.kind], "page": page,
        "lines": lines_of(kept, page), "status": status if status in ROWS or status in AT_HUB else "",
        "filters": [(name, label) for name, (label, _rest) in [*ROWS.items(), *AT_HUB.items()]],
        "still": still, "every": EVERY, "at_hub": [] if progress.under_way else at_hub(kept),
    }  # fmt: skip
    response = render(request, "node/sheet.html", context)
    if progress.under_way and not still:
        response["Refresh"] = str(EVERY)
    return response


def sheet_file(request: HttpRequest, client: UUID, sheet: UUID) -> FileResponse:
    """The workbook back, with what was found on its cells."""
    found = client_for(person_of(request).id, client)
    kept = sheet_of(found, sheet)
    if Progress(kept).under_way or kept.cause:
        raise Http404
    handle, name = tempfile.mkstemp(suffix=".xlsx")
    os.close(handle)
    try:
        write_back(kept, Path(name))
        opened = Path(name).open("rb")  # noqa: SIM115 - the response closes it
    finally:
        Path(name).unlink()
    file_name = f"{Path(kept.file_name).stem} - {_('revisada')}.xlsx"
    return FileResponse(opened, as_attachment=True, filename=file_name, content_type=XLSX)


def sheet_template(request: HttpRequest, client: UUID, kind: str) -> HttpResponse:
    """The workbook to fill in for a kind of movement."""
    found = client_for(person_of(request).id, client)
    if kind not in KINDS:
        raise Http404
    made = template(kind, title=str(LABELS[kind]), known=lists_for(found))
    response = HttpResponse(made, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="plantilla-{kind}.xlsx"'
    return response
