"""What two persons do: acts prepared by one and signed by another; acts over one firm; and how a call is set up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.domain.acts import notifiable
from veta.calls.domain.application import Application
from veta.calls.domain.call import Call, Prepared
from veta.calls.domain.commands import authority, publication, setup
from veta.calls.domain.history import Drafted
from veta.calls.domain.lists import BEFORE
from veta.calls.domain.refusals import refused
from veta.calls.queries import waiting_questions
from veta.calls.services import enablement, perform, questions
from veta.calls.services.clock import call_now
from veta.hub.calls import shown, words
from veta.hub.calls.desk import application_of, call_of
from veta.hub.calls.evaluators import by, done, page_of
from veta.hub.calls.forms import (
    ActForm,
    AddendumForm,
    AppealForm,
    DropForm,
    EnablementForm,
    NoticeForm,
    PrepareForm,
    RequirementForm,
    SettleForm,
    SignForm,
    TeamForm,
    TextForm,
)
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date
from veta.site.form_page import Button, FormPage
from veta.site.permissions import PERMISSIONS
from veta.site.queries import roles_of_address
from veta.site.roles import LABELS, Role


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
    """Draft an addendum: the windows of activities that have not closed, from its publication on."""
    call, now = call_of(code), call_now()
    activities = [each for each in call.timetable.at(now) if each.state_at(now) != "closed"]

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        data = {"windows": given["windows"], "date": given["fecha"].isoformat(), "reason": given["motivo"]}
        return publication.prepare(call, "addendum", number=given["numero"], data=data, at=call_now())

    page = _page(call, _("Preparar un adendo"), Button(_("Preparar")), lead=_("Rige desde que otra persona lo firma."))
    return _done(request, AddendumForm(request.POST or None, activities=activities), page, call, act)


def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Sign and publish what another person prepared, or send it back."""
    call = call_of(code)
    waiting = call.prepared
    if waiting is None:
        raise Http404
    initial = {"cargo": call.act["signer"], "encargado": call.act["acting"], "visto": waiting.place}
    form = SignForm(request.POST or None, initial=initial)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        if request.POST.get("decision") == "return":
            return publication.withdraw_act(call, given["motivo"] or _("Se devuelve sin firmar."))
        signer = {"role": given["cargo"], "acting": given["encargado"]}
        return publication.publish(call, signer=signer, seen=given["visto"], by=by(request), at=call_now())

    facts = (
        (_("Acto"), f"{words.KINDS[waiting.kind]} {waiting.number}"), (_("Lo preparó"), waiting.by),
        (_("Huella"), waiting.digest), (_("Nota"), waiting.note or "—"), *_own_facts(call, waiting),
    )  # fmt: skip
    buttons = (Button(_("Firmar y publicar"), "sign"), Button(_("Devolver"), "return", "stop"))
    page = _page(call, _("Firmar un acto"), *buttons, facts=facts, lead=_("Al firmarlo se publica, y no se deshace."))
    changed = publication.digest_now(call, waiting) != waiting.digest
    shown_ = {"tables": shown.prepared(call, waiting, call_now()), "changed": changed}
    page = replace(page, template="hub/calls/sign.html", shown=shown_)
    return _done(request, form, page, call, act)


def _own_facts(call: Call, waiting: Prepared) -> list[tuple[str, str]]:
    """What an addendum says beside its windows, and an invitation beside its tables."""
    if waiting.kind == "addendum":
        return [(_("Fecha del adendo"), str(waiting.data["date"])), (_("Motivo"), str(waiting.data["reason"]))]
    if waiting.kind != "invitation":
        return []
    act = call.act
    return [
        (_("Convocatoria"), call.title), (_("Acto que la rige"), f"{act['kind']} {act['number']}, {act['date']}"),
        (_("Fundamentos"), "; ".join(act["legal_basis"])), (_("Preguntas"), str(call.timetable.questions_until)),
        *shown.terms_of(call),
    ]  # fmt: skip


def team(request: HttpRequest, code: str) -> HttpResponse:
    """Name a person of the team that evaluates, with an account whose role may; or take one out, with the reason."""
    call = call_of(code)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        if request.POST.get("decision") == "drop":
            return setup.remove_evaluator(call, given["correo"], given["componente"], given["motivo"])
        _require_evaluator(given["correo"])
        return setup.name_evaluator(call, given["correo"], given["componente"])

    buttons = (Button(_("Designar")), Button(_("Retirar del equipo"), "drop", "stop"))
    lead = _("Para corregir un correo, retire el que está mal y designe el bueno.")
    page = replace(
        _page(call, _("Designar a quien evalúa, o retirarlo"), *buttons, lead=lead), template="hub/calls/sign.html",
        shown={"tables": [shown.team(call)]},
    )  # fmt: skip
    return _done(request, TeamForm(request.POST or None), page, call, act)


def _require_evaluator(email: str) -> None:
    """Raises CAL-012 for an address without an account, or whose account holds no role that evaluates."""
    held, may = roles_of_address(email), PERMISSIONS["calls_judge"]["POST"].roles
    if held is None:
        raise refused("CAL-012", _("No hay una cuenta activa con ese correo. Revíselo, o pida que la creen."))
    if not held & may:
        names = ", ".join(str(LABELS[Role(role)]) for role in sorted(may))
        raise refused("CAL-012", _("Esa cuenta no tiene un cargo que evalúe: %(roles)s.") % {"roles": names})


def requirement(request: HttpRequest, code: str) -> HttpResponse:
    """Add a requirement, change one or take one out, until the call opens; what nobody checked against the annex says
    so."""
    call = call_of(code)
    sent = request.method == "POST"
    if sent and request.POST.get("decision") == "drop":
        return _dropped(request, call)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        made = {
            "code": given["codigo"].strip().upper(), "component": given["componente"], "text": given["texto"],
            "norm": given["norma"], "proof": given["prueba"], "status": "unverified", "curable": given["subsanable"],
        }  # fmt: skip
        return setup.set_requirement(call, made)

    return _done(request, RequirementForm(request.POST or None), _requirement_page(call), call, act)


def _requirement_page(call: Call) -> FormPage:
    buttons = (Button(_("Guardar")), Button(_("Quitar el de ese código"), "drop", "stop"))
    page = _page(call, _("Agregar, cambiar o quitar un requisito"), *buttons)
    return replace(page, template="hub/calls/sign.html", shown={"tables": [shown.requirements(call)]})


def _dropped(request: HttpRequest, call: Call) -> HttpResponse:
    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return setup.drop_requirement(call, given["codigo"].strip().upper())

    return _done(request, DropForm(request.POST), _requirement_page(call), call, act)


def notice(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Record that an act was notified to a firm: how, which day, by which proof."""
    call = call_of(code)
    found = application_of(call, application)
    acts = [
        (str(each.place), f"{words.act_name(each.kind)} {each.number}, {each.day}")
        for each in reversed(notifiable(call, found))
    ]

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return authority.record_notice(
            call, found.id, of=int(given["acto"]), how=given["como"], on=given["dia"], proof=given["constancia"],
            at=call_now(),
        )  # fmt: skip

    page = page_of(call, found, _("Registrar una notificación"), Button(_("Registrar")))
    return done(request, NoticeForm(request.POST or None, acts=acts), page, call, act)


def answer_question(request: HttpRequest, code: str, question: UUID) -> HttpResponse:
    """Answer a question; question and answer become public."""
    call = call_of(code)
    asked = next((each for each in waiting_questions(call.id) if each.id == question), None)
    if asked is None:
        raise Http404
    buttons = (Button(_("Publicar")), Button(_("Descartar"), "drop", "stop"))
    lead = _("Descártela si no es una pregunta o trae datos personales: no se publica, y su texto se borra.")
    page = _page(call, _("Responder una pregunta"), *buttons, facts=((_("Pregunta"), asked.text),), lead=lead)
    form = TextForm(request.POST or None, label=_("Respuesta, o por qué se descarta"))
    done_with = questions.dismiss if request.POST.get("decision") == "drop" else questions.answer

    def act() -> None:
        done_with(call.id, question, form.cleaned_data["texto"], by=by(request), now=call_now())

    return _acted(request, form, page, call, act)


def act_over(request: HttpRequest, code: str, application: UUID, act: str) -> HttpResponse:
    """Propose an act over one firm; another person decides it."""
    call = call_of(code)
    found = application_of(call, application)
    if act not in words.ACTS or act == "appeal":
        raise Http404

    def draft(call: Call, given: dict[str, Any]) -> Drafted:
        said = {"number": given["numero"], "reason": given["motivo"], "norm": given["norma"]}
        if act == "operator":
            said |= {
                "code": given["codigo"], "since": given["desde"], "until": given["hasta"],
                "conditions": given["condiciones"],
            }  # fmt: skip
        return authority.propose_act(call, found.id, act, given=said, at=call_now())

    form = _enablement_form(request, call) if act == "operator" else ActForm(request.POST or None)
    page = page_of(call, found, str(words.ACTS[act]), Button(_("Proponer")), lead=_("Lo decide otra persona."))
    return done(request, form, page, call, draft)


def _enablement_form(request: HttpRequest, call: Call) -> forms.Form:
    """The enablement with the longest term that the call gives, from tomorrow."""
    since = bogota_date(call_now()) + timedelta(days=1)
    initial = {"desde": since.isoformat(), "hasta": authority.last_day(call, since).isoformat()}
    return EnablementForm(request.POST or None, initial=initial)


def appeal(request: HttpRequest, code: str, application: UUID, appeal: UUID) -> HttpResponse:
    """Propose how one appeal is decided, with its text in sight; another person decides it."""
    call = call_of(code)
    found = application_of(call, application)
    filed = next((each for each in found.appeals if each["id"] == str(appeal)), None)
    if filed is None:
        raise Http404

    def draft(call: Call, given: dict[str, Any]) -> Drafted:
        said = {
            "number": given["numero"], "reason": given["motivo"], "norm": given["norma"], "id": str(appeal),
            "upheld": given["concede"] == "yes",
        }  # fmt: skip
        return authority.propose_act(call, found.id, "appeal", given=said, at=call_now())

    title = str(words.ACTS["appeal"])
    page = page_of(
        call, found, title, Button(_("Proponer")), lead=_("Lo decide otra persona."), facts=_appeal_facts(filed)
    )
    return done(request, AppealForm(request.POST or None), page, call, draft)


def _appeal_facts(filed: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    against = words.STATES[filed["against"]][0]
    names = ", ".join(each["name"] for each in filed.get("documents", ()))
    papers = ((_("Documentos"), names),) if names else ()
    return (_("Recurso"), filed["text"]), (_("Contra"), str(against)), (_("Recibido"), filed["at"]), *papers


def settle(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Decide the act that another person proposed over one firm."""
    call = call_of(code)
    found = application_of(call, application)
    waiting = found.pending_act
    if not waiting:
        raise Http404
    initial = {"visto": waiting["place"], "cargo": call.act["signer"], "encargado": call.act["acting"]}
    form = SettleForm(request.POST or None, initial=initial)
    facts = (
        (_("Acto"), f"{words.ACTS[waiting['act']]}, {waiting['number']}"), (_("Propuso"), waiting["by"]),
        (_("Motivo"), waiting["reason"]), (_("Norma"), waiting["norm"]), *_effects(found, waiting),
    )  # fmt: skip
    buttons = (Button(_("Aprobar"), "approve"), Button(_("Rechazar"), "decline", "stop"))
    page = page_of(call, found, _("Decidir un acto"), *buttons, facts=facts)
    if form.is_valid():
        try:
            enablement.settle(
                call.id, found.id, approved=request.POST.get("decision") == "approve",
                reason=form.cleaned_data["texto"], signer=_signer(form.cleaned_data), by=by(request), now=call_now(),
                seen=form.cleaned_data["visto"],
            )  # fmt: skip
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("La decisión quedó registrada."))
            return redirect(page.back)
    return page.respond(request, form)


def _signer(given: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"role": given["cargo"], "acting": given["encargado"]} if given["cargo"] else None


def _effects(found: Application, waiting: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the act does beyond its name: the operator that it makes, or the appeal and how it is decided."""
    if waiting["act"] == "operator":
        return (
            (_("Código del operador"), waiting["code"]), (_("Vigencia"), f"{waiting['since']} – {waiting['until']}"),
            (_("Condiciones"), waiting["conditions"] or "—"),
        )  # fmt: skip
    if waiting["act"] != "appeal":
        return ()
    filed = next(each for each in found.appeals if each["id"] == waiting["id"])
    return *_appeal_facts(filed), (_("Decisión"), _("Se concede") if waiting["upheld"] else _("No se concede"))


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
    return _acted(
        request, form, page, call,
        lambda: perform(call.id, lambda now: act(now, form.cleaned_data), by=by(request), now=call_now()),
    )  # fmt: skip


def _acted(
    request: HttpRequest, form: forms.Form, page: FormPage, call: Call, act: Callable[[], object]
) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó registrado."))
            return redirect("calls_call", code=call.code)
    return page.respond(request, form)
