"""What the operator wrote of a client is corrected; what stood before stays to be seen."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.node.domain.spoken import moment
from veta.node.models import ClientChange
from veta.node.pages.joining_forms import CorrectionForm, saved
from veta.node.queries.members import client_for
from veta.node.queries.named import town_name
from veta.node.roles import NodeRole
from veta.node.services import joining
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

PAST = 20


def correct(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's name, contact and municipality, to correct; below them how they stood before."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    start = {"nombre": found.name, "contacto": found.contact, "municipio": found.municipality}
    form = CorrectionForm(request.POST or None, initial=start)
    if form.is_valid():
        given = form.cleaned_data
        made = saved(
            form,
            lambda: joining.correct(
                found, name=given["nombre"], contact=given["contacto"], municipality=given["municipio"],
                by=person_of(request),
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("Los datos quedaron corregidos; los de antes se conservan."))
            return redirect("node_correct", client=found.id)
    changes = ClientChange.objects.filter(client=found).select_related("changed_by").order_by("-id")[:PAST]
    page = FormPage(
        title=_("Datos del cliente"), back=reverse("node_client", args=[found.id]), back_label=found.name,
        buttons=(Button(_("Guardar")),),
        lead=_("Es lo que este operador anotó. El nombre y el contacto que usa la PTM se corrigen en su registro."),
        facts=(
            (_("Documento"), f"{found.document_type} {found.document_number} · {_('no se cambia')}"),
            *((_("Antes"), _before(each)) for each in changes),
        ),
    )  # fmt: skip
    return page.respond(request, form)


def _before(change: ClientChange) -> str:
    was = change.before
    until = _("hasta %(at)s; lo cambió %(by)s") % {"at": moment(change.changed_at), "by": change.changed_by.name}
    return " · ".join(filter(None, (was["name"], was["contact"], town_name(was["municipality"]), until)))
