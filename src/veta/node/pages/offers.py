"""What others offer to a client: to confirm, or to refuse with a reason; and the client's own offers that wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.movements.domain.yielded import percent
from veta.node.connect import open_hub
from veta.node.domain.records import Operation, State
from veta.node.domain.spoken import comma, figure, moment, said_moment
from veta.node.models import Client, OutboxItem
from veta.node.pages.capture.kinds import ORIGIN_KINDS
from veta.node.pages.records import WRITES
from veta.node.port import HubPort
from veta.node.queries.members import client_for
from veta.node.queries.named import mineral_name, town_name
from veta.node.queries.offers import Offer, offer_to, offers_to, read
from veta.node.queries.outbox import Line
from veta.node.roles import NodeRole
from veta.node.services.capture import Given, answer_payload, capture
from veta.node.services.offers import keep_price
from veta.site.caller import caller_of, person_of
from veta.site.form_page import Button, FormPage

PAGE = 25
PATIENCE = 4.0
ORIGINS_SHOWN = 8
DECISIONS = {"confirmar": Operation.CONFIRM, "negar": Operation.REFUSE}


class AnswerForm(forms.Form):
    """The answer; the id makes it one, however often it is sent."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    motivo = forms.CharField(
        label=gettext_lazy("Motivo, si la niega"), max_length=400, required=False,
        help_text=gettext_lazy("Lo lee quien ofreció."),
    )  # fmt: skip

    def answer(self, request: HttpRequest) -> tuple[Operation, str] | None:
        """What was decided and why; None with the error on the form where it cannot be."""
        decision, reason = DECISIONS.get(request.POST.get("decision", "")), self.cleaned_data["motivo"]
        if decision is Operation.REFUSE and not reason:
            self.add_error("motivo", _("Diga por qué la niega."))
        return None if decision is None or self.errors else (decision, reason if decision is Operation.REFUSE else "")


def offers(request: HttpRequest, client: UUID) -> HttpResponse:
    """The offers to the client, the latest first; above them its own that wait for somebody's answer."""
    found = client_for(person_of(request).id, client)
    page = Paginator(offers_to(found), PAGE).get_page(request.GET.get("pagina"))
    own = OutboxItem.objects.filter(client=found, state=State.PENDING.value, record__kind="sale")
    context = {
        "client": found, "page": page, "offers": read(found, list(page)),
        "own": [Line(item) for item in own.select_related("record").order_by("-number")[:PAGE]],
    }  # fmt: skip
    return render(request, "node/offers.html", context)


def offer(request: HttpRequest, client: UUID, movement: UUID) -> HttpResponse:
    """One offer with what it offers, and the client's answer to it."""
    found = client_for(person_of(request).id, client, *(WRITES if request.method == "POST" else ()))
    asked = offer_to(found, movement)
    form = AnswerForm(request.POST or None, initial={"id": uuid7()})
    if form.is_valid():
        answer = form.answer(request)
        record = _kept(request, found, asked, form, answer) if answer is not None else None
        if record is not None:
            return redirect("node_record", client=found.id, record=record)
    writes = asked.open and bool({*WRITES, NodeRole.DESK} & caller_of(request).roles)
    page = FormPage(
        title=_("%(kind)s que le ofrecen") % {"kind": asked.kind_label}, back_label=_("Ofertas"),
        back=reverse("node_offers", args=[found.id]), facts=tuple(_facts(asked)),
        lead=_("Si confirma, el mineral pasa a ser suyo en la PTM y responde por él.") if asked.kind == "sale" else "",
        buttons=(Button(_("Confirmar"), "confirmar"), Button(_("Negar"), "negar", "stop")) if writes else (),
    )  # fmt: skip
    if not writes:
        form.fields.clear()
    return page.respond(request, form)


def _kept(request: HttpRequest, client: Client, asked: Offer, form: AnswerForm, answer: tuple[Operation, str]) -> Any:
    if not asked.open:
        form.add_error(None, _("Esa oferta ya no espera su respuesta."))
        return None
    payload = answer_payload(asked.movement, reason=answer[1]) | {"id": str(form.cleaned_data["id"])}
    try:
        (record,) = capture(client, [Given(payload, answer[0])], now=SystemClock().now(), by=person_of(request))
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
    messages.success(request, _("Su respuesta quedó guardada. Vale cuando la PTM la acepte."))
    return record.id


def _facts(asked: Offer) -> Any:
    """What is known of an offer; what it offers is asked of the hub now."""
    yield _("La ofrece"), asked.offered_by or "—"
    yield _("Ocurrió"), moment(asked.at)
    yield _("Estado"), asked.state_label
    hub = open_hub(deadline=PATIENCE)
    try:
        told = hub.movement(str(asked.movement))["offer"]
        for line in told["lines"] if told else ():
            yield _("Qué ofrece"), f"{mineral_name(line['mineral'])} · {figure(line['quantity'])} {line['unit']}"
            if asked.state is State.PENDING:
                yield _("De dónde viene"), _origins(hub, line["lot"])
    except DomainError as failure:
        yield _("Qué ofrece"), f"{_('No se pudo leer:')} {failure.message}"
        return
    if told is not None:
        price = told["price_cop"]
        keep_price(asked.movement, price)
        yield _("Precio total"), f"{figure(price)} COP" if price else _("El vendedor no lo dijo.")
    if told is not None and told["confirm_by"]:
        yield _("Responda antes de"), said_moment(told["confirm_by"])


def _origins(hub: HubPort, lot: str) -> str:
    """The origins of a lot that is offered, the greatest share first; the first ones where there are many."""
    told = hub.origins(lot)
    found = sorted(told["items"], key=lambda each: -int(each["weight"]))
    total = int(told["total"]) or 1
    named = [f"{_origin(each)}: {comma(percent(int(each['weight']), total))} %" for each in found[:ORIGINS_SHOWN]]
    more = told["origins"] - len(named)
    return "; ".join([*named, *([_("y %(n)s más") % {"n": more}] if more > 0 else [])]) or "—"


def _origin(origin: Mapping[str, Any]) -> str:
    kind = ORIGIN_KINDS.get(origin["kind"], origin["kind"])
    town = town_name(origin["municipality"]) if origin.get("municipality") else ""
    return " ".join(filter(None, (str(kind), origin.get("code"), town)))
