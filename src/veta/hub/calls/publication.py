"""What two persons do: acts prepared by one and signed by another; acts over one firm; and how a call is set up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.domain.call import Call
from veta.calls.domain.commands import authority, publication, setup
from veta.calls.domain.history import Drafted
from veta.calls.domain.lists import BEFORE
from veta.calls.domain.seed import call_of_2026
from veta.calls.services import create_call, enablement, perform
from veta.calls.services.clock import call_now
from veta.hub.calls import words
from veta.hub.calls.desk import application_of, call_of
from veta.hub.calls.evaluators import by, done, page_of
from veta.hub.calls.forms import (
    ActForm,
    AddendumForm,
    AppealForm,
    EnablementForm,
    NewForm,
    NoticeForm,
    PrepareForm,
    RequirementForm,
    SignForm,
    TeamForm,
    TextForm,
)
from veta.kernel.errors import DomainError
from veta.site.form_page import Button, FormPage


def new(request: HttpRequest) -> HttpResponse:
    """A call begins from the circular's timetable and the set of requirements; nobody sees it until it is signed."""
    form = NewForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        data = call_of_2026(code=given["codigo"].strip().upper(), title=given["titulo"], number=given["numero"])
        try:
            create_call(data, by=by(request), now=call_now())
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("calls_call", code=data["code"])
    page = FormPage(
        title=_("Preparar una convocatoria"), back=reverse("calls_desk"), back_label=_("Convocatorias"),
        buttons=(Button(_("Preparar")),), lead=_("Toma el cronograma de la circular de 2026 y los requisitos de base."),
    )  # fmt: skip
    return page.respond(request, form)


def prepare(request: HttpRequest, code: str) -> HttpResponse:
    """Draft the act whose turn it is, with the list that the call gives today."""
    call = call_of(code)
    form = PrepareForm(request.POST or None, kinds=_next(call))

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return publication.prepare(call, given["acto"], number=given["numero"], note=given["nota"], at=call_now())

    page = _page(call, _("Preparar un acto"), Button(_("Preparar")), lead=_("Lo firma otra persona."))
    return _done(request, form, page, call, act)


def _next(call: Call) -> list[tuple[str, Any]]:
    """The acts that may follow, as far as the order goes."""
    return [
        (kind, name)
        for kind, name in words.KINDS.items()
        if kind != "addendum"
        and (kind == "supplement" or not call.has(kind))
        and (kind not in BEFORE or call.has(BEFORE[kind]))
    ]


def addendum(request: HttpRequest, code: str) -> HttpResponse:
    """Draft an addendum: one activity's window, from its publication on."""
    call = call_of(code)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        opens = given["desde"].isoformat() if given["desde"] else ""
        data = {
            "windows": {str(given["actividad"]): [opens, given["hasta"].isoformat()]},
            "date": given["fecha"].isoformat(), "reason": given["motivo"],
        }  # fmt: skip
        return publication.prepare(call, "addendum", number=given["numero"], data=data, at=call_now())

    page = _page(call, _("Preparar un adendo"), Button(_("Preparar")), lead=_("Rige desde que otra persona lo firma."))
    return _done(request, AddendumForm(request.POST or None), page, call, act)


def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Sign and publish what another person prepared, or send it back."""
    call = call_of(code)
    waiting = call.prepared
    if waiting is None:
        raise Http404
    form = SignForm(request.POST or None, initial={"cargo": call.act["signer"], "encargado": call.act["acting"]})

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        if request.POST.get("decision") == "return":
            return publication.withdraw_act(call, given["motivo"] or _("Se devuelve sin firmar."))
        signer = {"role": given["cargo"], "acting": given["encargado"]}
        return publication.publish(call, signer=signer, by=by(request), at=call_now())

    facts = (
        (_("Acto"), f"{words.KINDS[waiting.kind]} {waiting.number}"), (_("Lo preparó"), waiting.by),
        (_("Huella"), waiting.digest), (_("Nota"), waiting.note or "—"),
    )  # fmt: skip
    buttons = (Button(_("Firmar y publicar"), "sign"), Button(_("Devolver"), "return", "stop"))
    page = _page(call, _("Firmar un acto"), *buttons, facts=facts, lead=_("Al firmarlo se publica, y no se deshace."))
    return _done(request, form, page, call, act)


def team(request: HttpRequest, code: str) -> HttpResponse:
    """Name a person of the team that evaluates."""
    call = call_of(code)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return setup.name_evaluator(call, given["correo"], given["componente"])

    page = _page(call, _("Designar a quien evalúa"), Button(_("Designar")))
    return _done(request, TeamForm(request.POST or None), page, call, act)


def requirement(request: HttpRequest, code: str) -> HttpResponse:
    """Add a requirement or change one, until the call opens; what nobody checked against the annex says so."""
    call = call_of(code)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        made = {
            "code": given["codigo"].strip().upper(), "component": given["componente"], "text": given["texto"],
            "norm": given["norma"], "proof": given["prueba"], "status": "unverified", "curable": given["subsanable"],
        }  # fmt: skip
        return setup.set_requirement(call, made)

    page = _page(call, _("Agregar o cambiar un requisito"), Button(_("Guardar")))
    return _done(request, RequirementForm(request.POST or None), page, call, act)


def notice(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Record that an act was notified to a firm: how, which day, by which proof."""
    call = call_of(code)
    found = application_of(call, application)
    kinds = [(act.kind, words.KINDS[act.kind]) for act in call.published]

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return authority.record_notice(
            call, found.id, of=given["acto"], how=given["como"], on=given["dia"], proof=given["constancia"]
        )

    page = page_of(call, found, _("Registrar una notificación"), Button(_("Registrar")))
    return done(request, NoticeForm(request.POST or None, kinds=kinds), page, call, act)


def answer_question(request: HttpRequest, code: str, question: UUID) -> HttpResponse:
    """Answer a question; question and answer become public."""
    call = call_of(code)
    asked = next((each for each in call.questions if each.id == str(question)), None)
    if asked is None:
        raise Http404

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return setup.answer(call, str(question), given["texto"])

    page = _page(call, _("Responder una pregunta"), Button(_("Publicar")), facts=((_("Pregunta"), asked.text),))
    return _done(request, TextForm(request.POST or None, label=_("Respuesta")), page, call, act)


def act_over(request: HttpRequest, code: str, application: UUID, act: str) -> HttpResponse:
    """Propose an act over one firm; another person decides it."""
    call = call_of(code)
    found = application_of(call, application)
    if act not in words.ACTS:
        raise Http404

    def draft(call: Call, given: dict[str, Any]) -> Drafted:
        said = {"number": given["numero"], "reason": given["motivo"], "norm": given["norma"]}
        if act == "operator":
            said |= {
                "code": given["codigo"], "since": given["desde"], "until": given["hasta"],
                "conditions": given["condiciones"],
            }  # fmt: skip
        if act == "appeal":
            said |= {"id": found.appeals[-1]["id"] if found.appeals else "", "upheld": given["concede"] == "yes"}
        return authority.propose_act(call, found.id, act, given=said, at=call_now())

    kinds: dict[str, type[forms.Form]] = {"operator": EnablementForm, "appeal": AppealForm}
    form = kinds.get(act, ActForm)(request.POST or None)
    page = page_of(call, found, str(words.ACTS[act]), Button(_("Proponer")), lead=_("Lo decide otra persona."))
    return done(request, form, page, call, draft)


def settle(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Decide the act that another person proposed over one firm."""
    call = call_of(code)
    found = application_of(call, application)
    waiting = found.pending_act
    if not waiting:
        raise Http404
    form = TextForm(request.POST or None, label=_("Si lo rechaza, por qué"))
    form.fields["texto"].required = False
    facts = (
        (_("Acto"), f"{words.ACTS[waiting['act']]}, {waiting['number']}"), (_("Propuso"), waiting["by"]),
        (_("Motivo"), waiting["reason"]), (_("Norma"), waiting["norm"]),
    )  # fmt: skip
    buttons = (Button(_("Aprobar"), "approve"), Button(_("Rechazar"), "decline", "stop"))
    page = page_of(call, found, _("Decidir un acto"), *buttons, facts=facts)
    if form.is_valid():
        try:
            enablement.settle(
                call.id, found.id, approved=request.POST.get("decision") == "approve",
                reason=form.cleaned_data["texto"], by=by(request), now=call_now(),
            )  # fmt: skip
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("La decisión quedó registrada."))
            return redirect(page.back)
    return page.respond(request, form)


def _page(
    call: Call, title: str, *buttons: Button, lead: str = "", facts: tuple[tuple[str, Any], ...] = ()
) -> FormPage:
    back = reverse("calls_call", args=[call.code])
    return FormPage(title=title, back=back, back_label=call.code, buttons=buttons, lead=lead, facts=facts)


def _done(
    request: HttpRequest,
    form: forms.Form,
    page: FormPage,
    call: Call,
    act: Callable[[Call, dict[str, Any]], Drafted],
) -> HttpResponse:
    if form.is_valid():
        try:
            perform(call.id, lambda now: act(now, form.cleaned_data), by=by(request), now=call_now())
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó registrado."))
            return redirect("calls_call", code=call.code)
    return page.respond(request, form)
