"""What a firm is handed once it is eligible, and hands in: services, credentials opened once, its operator's keys."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.queries import operator_keys
from veta.calls.services import applicants, handover
from veta.calls.services.clock import call_now
from veta.hub.calls.applicant import confirm, done, own_of, owner_of, page_of
from veta.hub.desk import words as desk_words
from veta.hub.desk.enrolment import KeyForm
from veta.hub.desk.operators import PURPOSES
from veta.hub.desk.tables import Cell, Table, columns
from veta.kernel.errors import DomainError
from veta.operators.domain.keys import possession_statement
from veta.operators.domain.signature import Purpose
from veta.site.form_page import Button, FormPage


def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Download what was handed over, open the credentials, and sign for all of it."""
    call, found = own_of(request, code)

    def act(given: dict[str, Any]) -> str:
        applicants.receive_services(call.id, found.id, owner=owner_of(request), now=call_now())
        return _("Quedó su constancia de recibo, firmada.")

    held = found.delivered
    facts = ((_("Versión"), str(held.get("version", "—"))), (_("Huella de las credenciales"), held.get("digest", "—")))
    page = page_of(call, _("Recibir los servicios"), Button(_("Recibí los servicios")), facts=facts)
    waits = bool(held) and "opened_at" not in held
    shown = {"call": call, "documents": held.get("documents", ()), "waits": waits}
    page = FormPage(
        title=page.title, back=page.back, back_label=page.back_label, buttons=page.buttons, facts=page.facts,
        template="hub/calls/receive.html", shown=shown,
    )  # fmt: skip
    return done(request, confirm(request), page, call, act)


def credentials(request: HttpRequest, code: str) -> HttpResponse:
    """The credentials of the sandbox: asked for, shown once, kept nowhere after."""
    call, found = own_of(request, code)
    form = confirm(request)
    if form.is_valid():
        try:
            opened = handover.open_credentials(call.id, found.id, owner=owner_of(request), now=call_now())
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            response = render(request, "hub/calls/credentials.html", {"call": call, "opened": opened})
            response["Cache-Control"] = "no-store"
            return response
    page = page_of(
        call, _("Abrir las credenciales"), Button(_("Mostrarlas ahora")),
        lead=_("Se muestran una sola vez: al abrirlas se borran de la plataforma. Tenga dónde guardarlas."),
    )  # fmt: skip
    return page.respond(request, form)


def keys(request: HttpRequest, code: str) -> HttpResponse:
    """The keys of the firm's operator, and another one handed in with the signature that proves who holds it."""
    call, found = own_of(request, code)
    operator = str(found.enablement.get("code", ""))
    form = KeyForm(request.POST or None)

    def act(given: dict[str, Any]) -> str:
        handover.hand_in_key(
            call.id, found.id, public_key=given["llave"], purpose=cast(Purpose, given["uso"]), proof=given["prueba"],
            owner=owner_of(request), now=call_now(),
        )  # fmt: skip
        return _("La llave quedó recibida. Cuenta cuando dos personas de la ANM la aprueben.")

    statement = possession_statement(operator or "—", bytes(32)).decode().splitlines()
    lead = _("La llave privada no sale de su sistema. Con ella firme este texto, con su llave pública en base64.")
    facts = ((_("Operador"), operator or "—"), (_("Texto que se firma"), f"{statement[0]} ⏎ {statement[1]} ⏎ (…) ⏎"))
    page = FormPage(
        title=_("Llaves de mi operador"), back=reverse("call_mine", args=[call.code]), back_label=_("Mi solicitud"),
        buttons=(Button(_("Entregar la llave")),), lead=lead, facts=facts, template="hub/calls/sign.html",
        shown={"tables": [_table(operator)] if operator else []},
    )  # fmt: skip
    return done(request, form, page, call, act)


def _table(operator: str) -> Table:
    rows = [
        [
            Cell(each.id, code=True), Cell(PURPOSES[each.purpose]), desk_words.badge(desk_words.STATUSES, each.state),
            Cell(desk_words.instant(each.active_from) if each.active_from else _("por aprobar")),
        ]
        for each in operator_keys(operator)
    ]  # fmt: skip
    heads = columns(_("Llave"), _("Para qué"), _("Estado"), _("Desde"))
    return Table(caption=_("Sus llaves"), columns=heads, rows=rows, empty=_("Aún no ha entregado llaves."))
