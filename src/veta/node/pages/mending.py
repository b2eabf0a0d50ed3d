"""What waits for a person: each with its cause and what to do, to correct or to dismiss with a reason."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.errors import DomainError
from veta.node.domain.records import State
from veta.node.models import OutboxItem
from veta.node.pages.capture.kinds import KINDS
from veta.node.pages.records import WRITES
from veta.node.queries.members import client_for
from veta.node.queries.mending import unsettled
from veta.node.queries.outbox import Line
from veta.node.roles import NodeRole
from veta.node.services.mending import MENDABLE, dismiss
from veta.site.caller import caller_of, person_of
from veta.site.form_page import Button, FormPage

PAGE = 25


class DismissForm(forms.Form):
    """Why nothing of it is to be sent."""

    motivo = forms.CharField(
        label=gettext_lazy("Por qué se descarta"), max_length=300, help_text=gettext_lazy("Queda en el registro.")
    )


def unsettled_page(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's records that the hub did not take and that nobody settled."""
    found = client_for(person_of(request).id, client)
    page = Paginator(unsettled(found), PAGE).get_page(request.GET.get("pagina"))
    lines = [(Line(item), item.record.kind in KINDS, item.state == State.DEAD.value) for item in page]
    roles = caller_of(request).roles
    context = {
        "client": found, "page": page, "lines": lines, "writes": bool({*WRITES, NodeRole.DESK} & roles),
        "dismisses": bool({NodeRole.OWNER, NodeRole.DESK} & roles),
    }  # fmt: skip
    return render(request, "node/unsettled.html", context)


def dismiss_page(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """Dismiss a record: its words stay, and nothing of it is sent."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    item = get_object_or_404(OutboxItem.objects.select_related("record__client"), record=record, client=found)
    if item.state not in {state.value for state in MENDABLE}:
        raise Http404
    form = DismissForm(request.POST or None)
    if form.is_valid():
        try:
            dismiss(item.record, reason=form.cleaned_data["motivo"], by=person_of(request))
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó descartado, con su motivo."))
            return redirect("node_unsettled", client=found.id)
    page = FormPage(
        title=_("Descartar el registro"), back=reverse("node_record", args=[found.id, record]),
        back_label=Line(item).kind_label, buttons=(Button(_("Descartar"), tone="stop"),),
        lead=_("Lo capturado se conserva. No se enviará nada de él."),
        facts=((_("Estado"), Line(item).state_label), (_("Causa"), item.cause or "—")),
    )  # fmt: skip
    return page.respond(request, form)
