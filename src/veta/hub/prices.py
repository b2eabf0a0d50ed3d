"""Base prices: the public table of a day, and the desk where one person enters a resolution and another approves it."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.tables import asked_for, exported
from veta.hub.obligation_tables import resolution_table
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date
from veta.norms.catalogue import catalogue
from veta.prices import queries
from veta.prices.domain.base_price import subjects_of
from veta.prices.services import COLUMNS, PriceRefused, decide_resolution, enter_prices, preview_prices
from veta.site.caller import person_of

MAX_FILE = 2 * 2**20


def price_list(request: HttpRequest) -> HttpResponse:
    """The prices in force on a day, by mineral where one is chosen; `formato=csv` gives them to a spreadsheet."""
    today = bogota_date(SystemClock().now())
    day, mineral = _day(request.GET.get("dia", "")) or today, request.GET.get("mineral", "")
    known = catalogue().mineral(mineral)
    subjects = subjects_of(mineral, day) if known else None
    found = queries.prices_in_force(subjects=subjects, on=day)
    if request.GET.get("formato") == "csv":
        return _csv(found, day)
    minerals = sorted((m for m in catalogue() if not m.is_heading), key=lambda m: m.name)
    context = {"prices": found, "day": day, "mineral": mineral if known else "", "minerals": minerals}
    return render(request, "hub/prices/list.html", context)


class EntryForm(forms.Form):
    """A file of resolutions."""

    archivo = forms.FileField(
        label=gettext_lazy("Archivo de precios (CSV o Excel)"),
        help_text=gettext_lazy("La vigencia se copia del acto, no del nombre del archivo."),
    )


def enter(request: HttpRequest) -> HttpResponse:
    """Enter the resolutions of a file: each row is answered; a resolution with a rejected row does not enter."""
    form = EntryForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS}
    if form.is_valid():
        try:
            with _on_disk(form.cleaned_data["archivo"]) as path:
                preview = preview_prices(path)
            entered = enter_prices(preview, by=person_of(request).email)
        except DomainError as refused:
            form.add_error("archivo", refused.message)
        else:
            context |= {"preview": preview, "counts": preview.counts(), "entered": entered}
    return render(request, "hub/prices/enter.html", context, status=422 if form.errors else 200)


def desk(request: HttpRequest) -> HttpResponse:
    """Every version of every resolution with its state, those that wait for a decision first."""
    entries = queries.resolutions()
    if form := asked_for(request):
        return exported(resolution_table(entries), name="resoluciones-de-precios", form=form)
    decided, more = paging.cut(request, [entry for entry in entries if entry.state != "pending"])
    context = {
        "pending": [entry for entry in entries if entry.state == "pending"], "decided": decided, "more": more,
        "may_enter": may(request, "price_enter", "POST"),
    }  # fmt: skip
    return render(request, "hub/prices/desk.html", context)


class DecisionForm(forms.Form):
    """The decision on a resolution."""

    reason = forms.CharField(
        label=gettext_lazy("Motivo, si la rechaza"), max_length=400, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def decide(request: HttpRequest, resolution: UUID) -> HttpResponse:
    """A resolution with its prices, and its decision by somebody else than who entered it."""
    entry = next((e for e in queries.resolutions() if e.id == resolution), None)
    if entry is None:
        raise Http404
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approved = request.POST.get("decision") == "approve"
        try:
            decide_resolution(
                resolution, approved=approved, by=person_of(request).email, reason=form.cleaned_data["reason"]
            )
        except PriceRefused as refused:
            form.add_error(None, refused.message)
        else:
            done = _("aprobada: sus precios cuentan desde ahora") if approved else _("rechazada")
            messages.success(request, f"{entry.name}: {done}.")
            return redirect(reverse("price_desk"))
    context = {"entry": entry, "prices": queries.prices_of(resolution), "form": form,
               "may_decide": may(request, "price_decide", "POST")}  # fmt: skip
    return render(request, "hub/prices/decide.html", context, status=422 if form.errors else 200)


@contextmanager
def _on_disk(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """The upload under its own name's ending, for readers of paths. Raises PriceRefused where it is too large."""
    if (upload.size or 0) > MAX_FILE:
        raise PriceRefused(_("El archivo pasa de 2 MB. Divídalo por resoluciones."))
    ending = Path(upload.name or "").suffix.lower()[:6]
    with NamedTemporaryFile(suffix=ending, prefix="precios-") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def _csv(prices: list[Any], day: date) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="precios-base-{day}.csv"'
    writer = csv.writer(response)
    writer.writerow(
        [
            "mineral",
            "market",
            "zone",
            "producer_class",
            "unit",
            "price_cop",
            "resolution",
            "valid_from",
            "valid_to",
            "demo",
        ]
    )
    for p in prices:
        row = [p.subject, p.market, p.zone, p.producer_class, p.unit, p.price_text, p.resolution.name]
        writer.writerow([*row, p.valid_from, p.valid_to, "1" if p.resolution.demo else ""])
    return response


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
