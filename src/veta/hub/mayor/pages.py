"""The mayor's pages: the people of the own municipality, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.hub.desk import paging
from veta.hub.desk.act_forms import ActForm
from veta.hub.desk.days import bounds, today
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported, whole
from veta.hub.mayor import enrolment
from veta.hub.mayor.enrolment import Card
from veta.hub.mayor.forms import CLASS_NAMES, EnrolForm, FindForm, FoundHereForm, PaperForm, SeizeForm
from veta.hub.mayor.report import month_of, report_table
from veta.hub.mayor.seats import MayorRefused, municipality_of
from veta.hub.typed import typed_number
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.ledger.queries import lots
from veta.movements.services import propose_act
from veta.registry.queries import MunicipalityRecord, actors_of, documents_of, names_of, public_names_of
from veta.registry.queries.cards import card_of
from veta.registry.queries.desk import LAST
from veta.registry.queries.subsistence import Enrolled, enrolled_in, enrolment_of
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm
from veta.site.purpose import purpose_required
from veta.storage.connection import plain_cursor

MAY = 5
View = Callable[..., HttpResponseBase]


def of_the_town(view: View) -> View:
    """A page of the account's own municipality, given as `town`; an account without one is told how to get it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        town = municipality_of(person_of(request).id)
        if town is None:
            return render(request, "mayor/none.html", status=403)
        return view(request, *args, town=town, **kwargs)

    return guarded


@of_the_town
def home(request: HttpRequest, town: MunicipalityRecord) -> HttpResponseBase:
    """Who is enrolled in the municipality; a person is found by its document."""
    form = FindForm(request.POST or None)
    if form.is_valid():
        actor = actors_of([form.cleaned_data["documento"]]).get(form.cleaned_data["documento"])
        if actor is not None and enrolment_of(actor, town.code):
            return redirect("mayor_person", actor=actor)
        messages.info(request, _("No está inscrita en este municipio. Puede inscribirla."))
        return redirect("mayor_enrol")
    pending = request.GET.get("ver") == "por-renovar"
    year = today().year if today().month >= MAY else today().year - 1
    since = bounds(date(year, MAY, 1), date(year, MAY, 1))[0]

    def listed(part: HttpRequest, limit: int) -> Table:
        before = paging.id_after(part, LAST)
        found = enrolled_in(town.code, before=before, limit=limit + 1, since=since, pending=pending)
        return _table(part, found, limit=limit)

    if file := asked_for(request):
        return whole(request, listed, name=f"inscritos-{town.code}", form=file)
    table = listed(request, paging.PAGE)
    context = {"town": town, "form": form, "table": table, "pending": pending, "year": year}
    return render(request, "mayor/home.html", context, status=422 if form.errors else 200)


def _table(request: HttpRequest, found: list[Enrolled], *, limit: int) -> Table:
    shown = found[:limit]
    names = public_names_of({each.actor for each in shown})
    rows = [
        [
            Cell(names.get(each.actor, "—"), url=reverse("mayor_person", args=[each.actor])),
            Cell(str(CLASS_NAMES.get(each.producer_class, each.producer_class)).partition(":")[0]),
            _state(each), Cell(each.act), Cell(each.recorded_at.date().isoformat()),
        ]
        for each in shown
    ]  # fmt: skip
    more = paging.next_page(request, str(shown[-1].registration)) if len(found) > limit else ""
    heads = columns(_("Quién"), _("Clase"), _("Estado"), _("Último papel"), _("Registrado"))
    return Table(_("Inscritos"), heads, rows, empty=_("Nadie."), more=more, export=paging.as_file(request))


def _state(each: Enrolled) -> Cell:
    ended = each.status != "active"
    return Cell(_("terminada") if ended else _("vigente"), tone="stop" if ended else "ok")


@of_the_town
def enrol(request: HttpRequest, town: MunicipalityRecord) -> HttpResponse:
    """Enrol a person; what comes back is its card, once."""
    form = EnrolForm(request.POST or None)
    if form.is_valid():
        try:
            card = enrolment.enrol(form.enrolment(), municipality=town.code, by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            return _card(request, card, town)
    page = FormPage(
        title=_("Inscribir a un minero de subsistencia"), back=reverse("mayor_home"), back_label=_("Alcaldía"),
        lead=_("Se inscribe en %(town)s. Su tarjeta y su PIN salen una sola vez: tenga lista la impresora.")
        % {"town": town.name}, buttons=(Button(_("Inscribir y sacar la tarjeta")),),
    )  # fmt: skip
    return page.respond(request, form)


def _card(request: HttpRequest, card: Card, town: MunicipalityRecord) -> HttpResponse:
    """The card and its PIN, on a page that no browser keeps."""
    url = f"{settings.PUBLIC_ORIGIN}{reverse('miner_card', args=[card.token])}"
    drawn = segno.make(url, error="m").svg_inline(border=2, svgclass=None, lineclass=None, omitsize=True)
    parts = [card.token[at : at + 5] for at in range(0, len(card.token), 5)]
    context = {
        "qr": drawn, "letters": " ".join(parts), "pin": card.pin, "town": town,
        "initials": public_names_of([card.actor]).get(card.actor, ""), "actor": card.actor,
    }  # fmt: skip
    response = render(request, "mayor/card.html", context)
    response["Cache-Control"] = "no-store"
    return response


@of_the_town
@purpose_required("actor")
def person(request: HttpRequest, actor: UUID, town: MunicipalityRecord) -> HttpResponse:
    """A person enrolled in the municipality: who it is, its registration and its card."""
    context = {
        "town": town, "actor": actor, "name": names_of([actor]).get(actor, ""),
        "documents": documents_of([actor]).get(actor, ()), "enrolments": _own(actor, town), "card": card_of(actor),
        "classes": CLASS_NAMES,
    }  # fmt: skip
    return render(request, "mayor/person.html", context)


def _own(actor: UUID, town: MunicipalityRecord) -> list[Enrolled]:
    """The person's registrations here; 404 for anybody else's, as for nobody."""
    found = enrolment_of(actor, town.code)
    if not found:
        raise Http404
    return found


def _active(actor: UUID, town: MunicipalityRecord) -> Enrolled:
    found = [each for each in _own(actor, town) if each.status == "active"]
    if not found:
        raise Http404
    return found[0]


@of_the_town
def renew(request: HttpRequest, actor: UUID, town: MunicipalityRecord) -> HttpResponse:
    """Renew a registration by this May's paper."""
    said = _("La inscripción quedó renovada.")
    return _paper(request, actor, town, enrolment.renew, title=_("Renovar la inscripción"), said=said)


@of_the_town
def cancel(request: HttpRequest, actor: UUID, town: MunicipalityRecord) -> HttpResponse:
    """End a registration by its paper."""
    said = _("La inscripción quedó terminada.")
    return _paper(request, actor, town, enrolment.cancel, title=_("Terminar la inscripción"), said=said, tone="stop")


def _paper(
    request: HttpRequest, actor: UUID, town: MunicipalityRecord, act: Any, *, title: str, said: str, tone: str = ""
) -> HttpResponse:
    found = _active(actor, town)
    form = PaperForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            act(found, municipality=town.code, act=given["acto"], on=given["fecha"], by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, said)
            return redirect("mayor_person", actor=actor)
    return _page_of(actor, title=title, button=Button(title, tone=tone)).respond(request, form)


@of_the_town
def card(request: HttpRequest, actor: UUID, town: MunicipalityRecord) -> HttpResponse:
    """Issue a new card: the one before stops serving."""
    _active(actor, town)
    if request.method == "POST":
        return _card(request, enrolment.new_card(actor, by=person_of(request).email), town)
    page = _page_of(actor, title=_("Sacar otra tarjeta"), button=Button(_("Sacar la tarjeta")))
    return page.respond(request, ConfirmForm())


def _page_of(actor: UUID, *, title: str, button: Button) -> FormPage:
    initials = public_names_of([actor]).get(actor, "")
    back = reverse("mayor_person", args=[actor])
    return FormPage(title=title, back=back, back_label=initials, facts=((_("Persona"), initials),), buttons=(button,))


@of_the_town
def report(request: HttpRequest, town: MunicipalityRecord) -> HttpResponse:
    """The month's report: what was enrolled, renewed and ended, and what was sold; on the page and as a file."""
    month = month_of(request.GET.get("mes", ""), today())
    table = report_table(town, month)
    if form := asked_for(request):
        return exported(table, name=f"informe-{town.code}-{month.start:%Y-%m}", form=form)
    return render(request, "mayor/report.html", {"town": town, "month": month, "table": table})


@of_the_town
def seize(request: HttpRequest, town: MunicipalityRecord) -> HttpResponse:
    """Propose that a seizure be registered, from its act: another officer of the authority decides it."""
    form = SeizeForm(request.POST or None)
    return _seizure(request, form, lambda: _of_lot(form, town), _("Registrar un decomiso"))


@of_the_town
def seize_found(request: HttpRequest, town: MunicipalityRecord) -> HttpResponse:
    """Propose the registration of mineral taken in the municipality that nobody had reported."""
    form = FoundHereForm(request.POST or None, municipality=town.code)
    return _seizure(request, form, form.words, _("Registrar un decomiso sin lote"))


def _seizure(request: HttpRequest, form: ActForm, words: Callable[[], dict[str, Any]], title: str) -> HttpResponse:
    if form.is_valid():
        try:
            propose_act("seizure", words(), by=person_of(request).email, clock=SystemClock())
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El decomiso quedó propuesto; lo decide otra persona de la autoridad."))
            return redirect("mayor_home")
    page = FormPage(
        title=title, back=reverse("mayor_home"), back_label=_("Alcaldía"),
        lead=_("La policía retiene, la alcaldía decide y la plataforma lo registra (DUR 2.2.5.6.1.4.2)."),
        buttons=(Button(_("Proponer el registro")),),
    )  # fmt: skip
    return page.respond(request, form)


def _of_lot(form: SeizeForm, town: MunicipalityRecord) -> dict[str, Any]:
    """Only a lot of the municipality, or of no known place: of any other the mayor is told no more than that."""
    given = form.cleaned_data
    row = lots(plain_cursor(), [given["lote"]]).get(given["lote"])
    if row is None or row.municipality not in (town.code, None):
        message = _("No hay un lote con ese identificador en %(town)s. Revíselo.") % {"town": town.name}
        raise MayorRefused(message, code="MAY-007")
    items = [{"lot": str(given["lote"]), "quantity": typed_number(given["cantidad"])}]
    return {**form.words(), "place": {"municipality": town.code}, "items": items}
