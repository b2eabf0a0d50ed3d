"""A client's documents: what the hub issues over its lots, the pack of an export, and its whole history."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.node.bundle import write_bundle
from veta.node.connect import open_hub
from veta.node.document_words import KINDS
from veta.node.domain.asking import Asking
from veta.node.domain.records import State
from veta.node.domain.spoken import figure
from veta.node.export_pack import pack_of
from veta.node.models import BusinessRecord, Client, DocumentRequest, IssuedDocument
from veta.node.pages.capture.fields import DAY, Figure
from veta.node.pages.records import WRITES
from veta.node.queries.certifiable import Asked, Certifiable, certifiable, described
from veta.node.queries.lots import lots_of
from veta.node.queries.members import client_for
from veta.node.queries.named import mineral_name
from veta.node.queries.outbox import KINDS as OF_KINDS
from veta.node.roles import NodeRole
from veta.node.services.documents import issue
from veta.node.transport import HubRefused, HubUnreachable
from veta.site.caller import caller_of, person_of

PAGE = 25
LOTS = 25
KEEPS = (NodeRole.OWNER, NodeRole.ACCOUNTANT)
PATIENCE = 10.0
MADE_BY = {**OF_KINDS, "confirm": gettext_lazy("Compra confirmada")}
STATES = {
    Asking.ASKED: (gettext_lazy("Pedido: la PTM no ha contestado"), "wait"),
    Asking.REFUSED: (gettext_lazy("La PTM no lo expidió"), "stop"),
}


class IssueForm(forms.Form):
    """A document to be issued; its id makes it one, however often it is sent."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    clase = forms.ChoiceField(label=gettext_lazy("Documento"), choices=list(KINDS.items()))
    lote = forms.ChoiceField(label=gettext_lazy("Lote"))
    comprador = forms.CharField(
        label=gettext_lazy("NIT de la empresa que compra"), max_length=20, required=False,
        help_text=gettext_lazy("Solo del certificado de origen."),
    )  # fmt: skip
    rucom = forms.CharField(label=gettext_lazy("Su número en el RUCOM"), max_length=40, required=False)

    def __init__(self, *args: Any, lots: Iterable[Certifiable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cantidad"] = Figure(
            label=_("Cantidad"),
            required=False,
            help_text=_("Vacía, lo que falta por certificar del lote. Gramos finos, si es precioso."),
        )
        choices: Any = self.fields["lote"]
        choices.choices = [(str(each.lot.id), _said(each)) for each in lots]

    def sale(self) -> dict[str, Any]:
        """The sale that it is for, as the hub takes it."""
        given = self.cleaned_data
        buyer = {"buyer": {"type": "NIT", "number": given["comprador"]}} if given["comprador"] else {}
        return buyer | ({"buyer_rucom": given["rucom"]} if given["rucom"] else {})


class LookForm(forms.Form):
    """Which lots are shown to choose from."""

    buscar = forms.CharField(
        label=gettext_lazy("Lote o proveedor"), max_length=80, required=False,
        help_text=gettext_lazy("El final del identificador del lote, o el documento o nombre de quien lo vendió."),
    )  # fmt: skip
    desde = forms.DateField(label=gettext_lazy("Desde"), widget=DAY, required=False)
    hasta = forms.DateField(label=gettext_lazy("Hasta"), widget=DAY, required=False)

    def asked(self) -> Asked:
        """What is looked for; of a day that cannot be read, nothing."""
        self.is_valid()
        given = self.cleaned_data
        return Asked(given.get("buscar", "").strip(), given.get("desde"), given.get("hasta"))


def _said(each: Certifiable) -> str:
    """A lot as it stands in the list: what, how much is left, of what movement and of whom, when, and its id's end."""
    left, made, unit = each.amounts
    amounts = _("quedan %(left)s de %(made)s %(unit)s") % {"left": left, "made": made, "unit": unit}
    parts = (mineral_name(each.lot.mineral), amounts, str(MADE_BY.get(each.kind, each.kind)), each.supplier)
    return " · ".join(filter(None, (*parts, f"{each.day}", f"…{each.lot.id.hex[-6:]}")))


def _lots(request: HttpRequest, client: Client, look: LookForm) -> tuple[Page[UUID], list[Certifiable]]:
    """The page of lots that are shown; with the one that was chosen, wherever it stands."""
    lots = lots_of(client.id)
    page = Paginator(certifiable(client, lots, look.asked()), LOTS).get_page(request.GET.get("lotes"))
    shown, chosen = list(page), _uuid(request.POST.get("lote", ""))
    return page, list(described(client, lots, shown if chosen is None or chosen in shown else [chosen, *shown]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def documents(request: HttpRequest, client: UUID) -> HttpResponse:
    """The documents issued for the client, and a form for one more."""
    found = client_for(person_of(request).id, client, *(WRITES if request.method == "POST" else ()))
    look = LookForm(request.GET)
    lots, shown = _lots(request, found, look)
    form = IssueForm(request.POST or None, initial={"id": uuid7()}, lots=shown)
    if form.is_valid() and _issued(request, found, form):
        return redirect("node_documents", client=found.id)
    page = Paginator(
        IssuedDocument.objects.filter(client=found).select_related("ending").order_by("-id"), PAGE
    ).get_page(request.GET.get("pagina"))
    writes = bool({*WRITES, NodeRole.DESK} & caller_of(request).roles)
    lines = [(each, KINDS[each.kind], figure(each.body["quantity"])) for each in page]
    asked = DocumentRequest.objects.filter(client=found).exclude(state=Asking.ISSUED.value).order_by("-id")[:PAGE]
    exports = BusinessRecord.objects.filter(client=found, kind="export", outbox__state=State.ACCEPTED.value)
    looked = {name: value for name, value in request.GET.items() if name in look.fields and value}
    context = {
        "asked": f"{urlencode(looked)}&" if looked else "",
        "client": found, "form": form, "look": look, "lots": lots, "page": page, "lines": lines, "writes": writes,
        "waiting": [(each, KINDS[each.kind], *STATES[Asking(each.state)]) for each in asked],
        "exports": exports.order_by("-occurred_at")[:PAGE], "keeps": bool({*KEEPS} & caller_of(request).roles),
    }  # fmt: skip
    return render(request, "node/documents.html", context, status=422 if form.errors else 200)


def _issued(request: HttpRequest, client: Client, form: IssueForm) -> bool:
    """Whether it was issued, or waits for the hub; its reason is on the form where it said no."""
    given = form.cleaned_data
    try:
        made = issue(
            client, open_hub(deadline=PATIENCE), id=given["id"], kind=given["clase"], lot=UUID(given["lote"]),
            quantity=given["cantidad"], sale=form.sale(), by=person_of(request), now=SystemClock().now(),
        )  # fmt: skip
    except DomainError as refused:
        if isinstance(refused, HubUnreachable) or (isinstance(refused, HubRefused) and refused.for_now):
            messages.warning(request, f"{_('Quedó pedido; el nodo lo termina solo.')} {refused.message}")
            return True
        form.add_error(None, refused.message)
        for each in getattr(refused, "problem", {}).get("findings", ()):
            form.add_error(None, f"{each['code']}: {each['message']}")
        return False
    messages.success(request, _("Quedó expedido: %(number)s.") % {"number": made.number})
    return True


def export_pack(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """The pack of an export: its readable sheet, movement, verdict, origins and documents, in one file."""
    found = client_for(person_of(request).id, client)
    kept = get_object_or_404(BusinessRecord, pk=record, client=found, kind="export")
    made = pack_of(kept, open_hub(deadline=PATIENCE), client=found, now=SystemClock().now())
    response = HttpResponse(made, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="exportacion-{kept.pk}.zip"'
    return response


def history(request: HttpRequest, client: UUID) -> FileResponse:
    """All that the client's movements were, with what proves them, in one file that outlives this operator."""
    found = client_for(person_of(request).id, client, *KEEPS)
    out = TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_bundle(found, out, hub=partial(open_hub, deadline=PATIENCE), now=SystemClock().now())
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"historia-{found.id}.zip", content_type="application/zip")
