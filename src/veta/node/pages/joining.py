"""A client joins, confirms its mandate, and ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date
from veta.node.connect import open_hub
from veta.node.domain.clients import ClientKind, MandateState
from veta.node.models import Client
from veta.node.pages.joining_forms import (
    KIND_LABELS,
    STATUS_LABELS,
    CodeForm,
    JoiningForm,
    saved,
)
from veta.node.pages.towns import ask_where_none
from veta.node.queries.authorizing import wording_on
from veta.node.queries.members import client_for
from veta.node.queries.outbox import standings
from veta.node.roles import NodeRole
from veta.node.services import joining
from veta.node.services.authorizing import require_shown
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm

NETWORK_PATIENCE = 6.0


def kinds(request: HttpRequest) -> HttpResponse:
    """Which kind of client joins: the papers depend on it."""
    return render(request, "node/kinds.html", {"kinds": [(kind.value, label) for kind, label in KIND_LABELS.items()]})


def join(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a new client on."""
    try:
        chosen = ClientKind(kind)
    except ValueError:
        raise Http404 from None
    form, today = JoiningForm(request.POST or None, kind=chosen), bogota_date(SystemClock().now())
    if form.is_valid():
        client = saved(form, lambda: _taken_on(request, chosen, form, today))
        if client is not None:
            messages.success(request, _("El cliente quedó registrado. Falta proponer su mandato."))
            return redirect("node_mandate", client=client.id)
    ask_where_none()
    wording = wording_on(today)
    page = FormPage(
        title=KIND_LABELS[chosen], back=reverse("node_kinds"), back_label=_("Nuevo cliente"),
        buttons=(Button(_("Registrar"), value=wording.version),),
        lead=_("Escriba los números como están en los papeles."),
        facts=((_("Texto de la autorización"), wording.text), (_("Versión"), wording.version)),
    )  # fmt: skip
    return page.respond(request, form)


def _taken_on(request: HttpRequest, kind: ClientKind, form: JoiningForm, today: date) -> Client:
    """The new client, where the page showed the words that hold."""
    require_shown(request.POST.get("decision"), on=today)
    return joining.take_on(_joining(kind, form), by=person_of(request))


def _joining(kind: ClientKind, form: JoiningForm) -> joining.Joining:
    given = form.cleaned_data
    return joining.Joining(
        kind=kind, name=given["nombre"], document_type=given["tipo"], document_number=given["numero"],
        check_digit=given["digito"], municipality=given["municipio"], contact=given["contacto"], papers=form.papers(),
        how=given["autorizacion"], given_on=given["autorizada"],
    )  # fmt: skip


def mandate(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's mandate: propose it, have the hub ask the person, give the hub the code; and its roles there."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    form = CodeForm(request.POST if request.POST.get("acto") == "confirmar" else None)
    try:
        hub = open_hub(deadline=NETWORK_PATIENCE)
        if request.method == "POST" and _acted(request, found, form, hub):
            return redirect("node_mandate", client=found.id)
        roles = [_worded(each) for each in joining.look_up(found, hub)]
        trouble = ""
    except DomainError as told:
        roles, trouble = [], told.message
    (standing,) = standings([found])
    refused = trouble and request.method == "POST"
    context = {"standing": standing, "roles": roles, "trouble": trouble, "form": form, "asked": _asked(request, form)}
    return render(request, "node/mandate.html", context, status=422 if form.errors or refused else 200)


def end(request: HttpRequest, client: UUID) -> HttpResponse:
    """End the client's mandate: what follows is said before."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    (standing,) = standings([found])
    if standing.mandate is not MandateState.IN_FORCE:
        messages.error(request, _("No hay un mandato vigente que terminar. Vea cómo está en Mandato."))
        return redirect("node_mandate", client=found.id)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and saved(
        form, lambda: joining.end(found, open_hub(deadline=NETWORK_PATIENCE), by=person_of(request))
    ):
        messages.success(request, _("El mandato terminó en la PTM: desde hoy nada se envía en nombre del cliente."))
        return redirect("node_mandate", client=found.id)
    page = FormPage(
        title=_("Terminar el mandato"), back=reverse("node_mandate", args=[found.id]), back_label=_("Mandato"),
        buttons=(Button(_("Terminar el mandato"), tone="stop"),),
        lead=_("El cliente puede terminarlo cuando quiera. No se deshace: hará falta otro, que él confirme."),
        facts=(
            (_("Desde hoy"), _("La PTM no recibe nada suyo por este operador, ni sus respuestas a ofertas.")),
            (_("Lo que espera salir"), _("Queda guardado aquí y detenido: %(n)s ahora.") % {"n": standing.waiting}),
            (_("Lo ya reportado"), _("Sigue en pie, y su historia se descarga en Documentos.")),
        ),
    )  # fmt: skip
    return page.respond(request, form)


def _worded(registration: Mapping[str, Any]) -> dict[str, Any]:
    """A registration of the hub's, for the page: in words, and as it came where there is none."""
    role, status = registration["role"], registration["status"]
    words = KIND_LABELS[ClientKind(role)] if role in list(ClientKind) else role
    return {**registration, "role": words, "status": STATUS_LABELS.get(status, status)}


def _acted(request: HttpRequest, client: Client, form: CodeForm, hub: Any) -> bool:
    """Do what a button of the page asks. Raises what the hub or the services refuse with."""
    match request.POST.get("acto"):
        case "proponer":
            joining.propose(client, hub)
            messages.success(request, _("El mandato quedó propuesto. Pida ahora el código al cliente."))
        case "pedir":
            request.session[f"consent {client.id}"] = joining.ask_code(client, hub)
            messages.success(request, _("La PTM envió el código al contacto que ella tiene del cliente."))
        case "confirmar" if form.is_valid():
            joining.confirm(client, hub, consent=form.cleaned_data["consentimiento"], code=form.cleaned_data["codigo"])
            messages.success(request, _("El mandato quedó vigente: lo capturado puede salir."))
        case _:
            return False
    return True


def _asked(request: HttpRequest, form: CodeForm) -> CodeForm | None:
    """The form for the code, once one was asked for."""
    consent = (
        request.session.get(f"consent {request.resolver_match.kwargs['client']}") if request.resolver_match else None
    )
    if consent is None:
        return None
    return form if form.is_bound else CodeForm(initial={"consentimiento": consent})
