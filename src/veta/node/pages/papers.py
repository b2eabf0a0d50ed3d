"""The papers that a client brought, and one more: a second title, a RUCOM that was renewed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.domain.clients import ClientKind
from veta.node.domain.papers import PAPERS
from veta.node.domain.spoken import moment
from veta.node.models import Client, ClientPaper
from veta.node.pages.joining_forms import PAPER_LABELS, saved
from veta.node.queries.members import client_for
from veta.node.roles import NodeRole
from veta.node.services import joining
from veta.site.caller import caller_of, person_of
from veta.site.form_page import Button, FormPage, Text

SHOWN = 100


class PaperForm(forms.Form):
    """One more paper of a client's kind."""

    papel = forms.ChoiceField(label=gettext_lazy("Papel"))
    numero = forms.CharField(
        label=gettext_lazy("Número"), max_length=120, help_text=gettext_lazy("Como está en el papel.")
    )

    def __init__(self, *args: object, kind: ClientKind, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        codes = [paper.code for paper in PAPERS[kind]]
        self.fields["papel"].choices = [(code, PAPER_LABELS[code][0]) for code in codes]  # type: ignore[attr-defined]


def papers(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's papers, the latest first, each with why it is asked for; the operator's desk adds one."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    form = PaperForm(request.POST or None, kind=ClientKind(found.kind))
    if form.is_valid():
        given, by = form.cleaned_data, person_of(request)
        if saved(form, lambda: joining.add_paper(found, given["papel"], given["numero"], by=by)) is not None:
            messages.success(request, _("El papel quedó anotado; los de antes se conservan."))
            return redirect("node_papers", client=found.id)
    writes = NodeRole.DESK in caller_of(request).roles
    if not writes:
        form.fields.clear()
    page = FormPage(
        title=_("Papeles"), back=reverse("node_client", args=[found.id]), back_label=found.name,
        buttons=(Button(_("Anotar el papel")),) if writes else (),
        lead=_("Los que el cliente trajo. Ninguno se cambia ni se borra: si se renueva o hay otro, se anota además.")
        if writes else _("Los que trajo a este operador. Si uno se renovó o hay otro, llévelo a la mesa."),
        facts=tuple(_facts(found)),
    )  # fmt: skip
    return page.respond(request, form)


def _facts(client: Client) -> Iterator[tuple[Text, Text]]:
    norms = {paper.code: paper.norm for paper in PAPERS[ClientKind(client.kind)]}
    kept = ClientPaper.objects.filter(client=client).select_related("recorded_by").order_by("-id")[:SHOWN]
    for each in kept:
        label, why = PAPER_LABELS[each.code]
        by = _("lo anotó %(by)s el %(at)s") % {"by": each.recorded_by.name, "at": moment(each.recorded_at)}
        yield label, " · ".join(filter(None, (each.number, by, f"{why} {norms.get(each.code, '')}".strip())))
