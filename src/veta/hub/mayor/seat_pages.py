"""Who acts for which municipality: the registry asks, another person gives."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.hub.desk.words import badge
from veta.hub.mayor import seats
from veta.hub.mayor.forms import SeatForm
from veta.hub.mayor.seats import SeatNow
from veta.kernel.errors import DomainError
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm

STATES = {
    "pending": (gettext_lazy("por decidir"), "wait"),
    "given": (gettext_lazy("vigente"), "ok"),
    "refused": (gettext_lazy("negada"), "stop"),
    "ended": (gettext_lazy("terminada"), "stop"),
}


def listed(request: HttpRequest) -> HttpResponse:
    """Every seat; those to decide first."""
    form, found = asked_for(request), seats.seats()
    shown, more = (found, "") if form else paging.cut(request, found)
    rows = [_row(request, seat) for seat in shown]
    heads = columns(_("Cuenta"), _("Municipio"), _("Acto"), _("Estado"))
    empty = _("Ninguna todavía.")
    table = Table(_("Primero lo que espera"), heads, rows, empty=empty, more=more, export="?formato=")
    if form:
        return exported(table, name="alcaldias", form=form)
    return render(request, "mayor/seats.html", {"table": table, "may": may(request, "mayor_seat", "POST")})


def _row(request: HttpRequest, seat: SeatNow) -> list[Cell]:
    decided_here = seat.state in ("pending", "given") and may(request, "mayor_seat", "POST")
    url = reverse("mayor_seat", args=[seat.id]) if decided_here else ""
    place = f"{seat.municipality.code} {seat.municipality.name}"
    return [Cell(seat.user.name, url=url), Cell(place), Cell(seat.act), badge(STATES, seat.state)]


def propose(request: HttpRequest) -> HttpResponse:
    """Ask that an account act for a municipality."""
    form = SeatForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            seats.propose_seat(
                email=given["correo"], municipality=given["municipio"], act=given["acto"], by=person_of(request)
            )
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("La petición espera a otra persona."))
            return redirect("mayor_seats")
    page = FormPage(
        title=_("Dar un municipio a una alcaldía"), back=reverse("mayor_seats"), back_label=_("Alcaldías"),
        buttons=(Button(_("Pedir")),),
    )  # fmt: skip
    return page.respond(request, form)


def decide(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Give a seat or refuse it, or end one that was given."""
    found = seats.seat_of(seat)
    if found is None or found.state in ("refused", "ended"):
        raise Http404
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _decide(request, found)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("mayor_seats")
    give, refuse = Button(_("Dar el municipio"), "grant"), Button(_("Negar"), "refuse", "stop")
    end = Button(_("Terminar"), "end", "stop")
    page = FormPage(
        title=_("Municipio de una alcaldía"), back=reverse("mayor_seats"), back_label=_("Alcaldías"),
        facts=(
            (_("Cuenta"), f"{found.user.name} · {found.user.email}"),
            (_("Municipio"), f"{found.municipality.code} {found.municipality.name}"),
            (_("Acto"), found.act), (_("Lo pidió"), found.proposed_by_name),
        ),
        buttons=(give, refuse) if found.state == "pending" else (end,),
    )  # fmt: skip
    return page.respond(request, form)


def _decide(request: HttpRequest, found: SeatNow) -> None:
    asked, by = request.POST.get("decision"), person_of(request)
    if found.state == "given" and asked == "end":
        seats.end_seat(found.id, by=by)
        messages.success(request, _("La cuenta ya no actúa por ese municipio."))
    elif found.state == "pending" and asked in ("grant", "refuse"):
        seats.decide_seat(found.id, granted=asked == "grant", by=by)
        messages.success(request, _("La decisión quedó registrada."))
    else:
        raise Http404
