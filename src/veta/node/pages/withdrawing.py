"""A document over a lot is withdrawn at the hub, where nobody used it: its quantity is free again."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.connect import open_hub
from veta.node.document_words import KINDS
from veta.node.domain.spoken import figure
from veta.node.models import IssuedDocument
from veta.node.pages.documents import PATIENCE
from veta.node.pages.joining_forms import saved
from veta.node.pages.records import WRITES
from veta.node.queries.members import client_for
from veta.node.services.documents import withdraw
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage


class WithdrawForm(forms.Form):
    """Why a document is withdrawn."""

    motivo = forms.CharField(
        label=gettext_lazy("Por qué se retira"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Es público: queda en la página del documento. Sin nombres ni números de documento."),
    )  # fmt: skip


def withdraw_page(request: HttpRequest, client: UUID, document: UUID) -> HttpResponse:
    """Withdraw a document that the client asked for; what the hub answers is said."""
    found = client_for(person_of(request).id, client, *WRITES)
    held = get_object_or_404(IssuedDocument, pk=document, client=found, ending__isnull=True)
    form = WithdrawForm(request.POST or None)
    if form.is_valid() and saved(
        form,
        lambda: withdraw(
            held, open_hub(deadline=PATIENCE), reason=form.cleaned_data["motivo"], by=person_of(request)
        ),
    ):  # fmt: skip
        messages.success(request, _("El documento quedó retirado en la PTM: ya no vale para nadie."))
        return redirect("node_documents", client=found.id)
    page = FormPage(
        title=_("Retirar el documento"), back=reverse("node_documents", args=[found.id]), back_label=_("Documentos"),
        buttons=(Button(_("Retirar"), tone="stop"),),
        lead=_("Quien lo consulte verá que se retiró y por qué. Si alguien ya lo usó, la PTM no lo retira."),
        facts=(
            (_("Número"), held.number), (_("Documento"), KINDS[held.kind]),
            (_("Cantidad"), f"{figure(held.body['quantity'])} {held.body['unit']}"),
        ),
    )  # fmt: skip
    return page.respond(request, form)
