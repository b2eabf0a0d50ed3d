"""What evaluators do: declare interest, judge each item two by two, ask for cures, answer, record the tests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.domain.application import VERDICTS, Application, Attempt
from veta.calls.domain.call import Call
from veta.calls.domain.commands import evaluator
from veta.calls.domain.commands.handover import remove_document
from veta.calls.domain.history import Drafted
from veta.calls.services import handover, perform
from veta.calls.services.clock import call_now
from veta.conformance.queries import whole
from veta.hub.calls.desk import application_of, call_of, is_its_own
from veta.hub.calls.forms import (
    AnswerForm,
    AttemptForm,
    DeliverForm,
    InterestForm,
    SecondForm,
    ServiceForm,
    TextForm,
    VerdictForm,
)
from veta.kernel.errors import DomainError
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm

Act = Callable[[Call, dict[str, Any]], Drafted]


def interest(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Say whether one has a conflict of interest with an applicant, before looking at anything of it."""
    call, found = _both(request, code, application)

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return evaluator.declare_interest(
            call, found.id, conflict=given["conflicto"] == "yes", reason=given["motivo"], by=by(request)
        )

    page = page_of(call, found, _("Declarar interés"), Button(_("Declarar")))
    return done(request, InterestForm(request.POST or None), page, call, act)


def judge(request: HttpRequest, code: str, application: UUID, item: str) -> HttpResponse:
    """Give an item its verdict, or second the one that a colleague gave."""
    call, found = _both(request, code, application)
    if kept := _kept_from(request, call, found):
        return kept
    if item not in call.requirements:
        raise Http404
    held = found.item(item)
    if held.proposed is not None:
        return _second(request, call, found, item)
    form = VerdictForm(request.POST or None, initial={"visto": held.seen, "norma": call.requirements[item].norm})

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return evaluator.propose_verdict(
            call, found.id, item, given["resultado"], reason=given["motivo"], norm=given["norma"],
            seen=given["visto"], by=by(request), at=call_now(),
        )  # fmt: skip

    lead = _("Cuenta cuando otra persona del mismo componente la confirme.")
    page = page_of(call, found, f"{item}. {call.requirements[item].text}", Button(_("Proponer")), lead=lead)
    return done(request, form, page, call, act)


def _second(request: HttpRequest, call: Call, found: Application, item: str) -> HttpResponse:
    """The second person's page. A first verdict that was sent while this one was written is told here."""
    held = found.item(item)
    waiting = held.proposed
    if waiting is None:
        raise Http404
    sent = request.method == "POST"
    overtaken = sent and "resultado" in request.POST
    form = SecondForm(request.POST if sent and not overtaken else None, initial={"visto": held.seen})
    if overtaken:
        messages.error(
            request,
            _("%(who)s guardó antes que usted. Lo suyo no se guardó: lea lo propuesto y confírmelo o devuélvalo.")
            % {"who": waiting.proposed_by},
        )

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        if request.POST.get("decision") == "confirm":
            return evaluator.confirm_verdict(call, found.id, item, seen=given["visto"], by=by(request), at=call_now())
        return evaluator.return_verdict(
            call, found.id, item, reason=given["motivo"], seen=given["visto"], by=by(request)
        )

    facts = (
        (_("Propuso"), waiting.proposed_by), (_("Resultado"), VERDICTS[waiting.verdict]), (_("Motivo"), waiting.reason),
        (_("Norma"), waiting.norm),
    )  # fmt: skip
    buttons = (Button(_("Confirmar"), "confirm"), Button(_("Devolver"), "return", "stop"))
    page = page_of(call, found, f"{item}. {call.requirements[item].text}", *buttons, facts=facts)
    return done(request, form, page, call, act, status=409 if overtaken else 0)


def cures(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Ask the applicant to cure every item whose verdict says so."""
    call, found = _both(request, code, application)
    if kept := _kept_from(request, call, found):
        return kept

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return evaluator.request_cures(call, found.id, by=by(request), at=call_now())

    facts = tuple(
        (item, held.verdict.reason)
        for item, held in sorted(found.items.items())
        if held.verdict and held.verdict.verdict == "cure"
    )
    lead = _("Se pide una sola vez, con todos los requisitos por subsanar.")
    page = page_of(call, found, _("Pedir la subsanación"), Button(_("Pedir")), lead=lead, facts=facts)
    return done(request, confirm(request), page, call, act)


def answer(request: HttpRequest, code: str, application: UUID, observation: UUID) -> HttpResponse:
    """Answer an observation; the answer is published with the others."""
    call, found = _both(request, code, application)
    if kept := _kept_from(request, call, found):
        return kept
    seen = next((each for each in found.observations if each.id == str(observation)), None)
    if seen is None:
        raise Http404

    def act(call: Call, given: dict[str, Any]) -> Drafted:
        return evaluator.answer_observation(
            call, found.id, str(observation), given["texto"], upheld=given["acoge"] == "yes", by=by(request)
        )

    facts = ((_("Observación"), seen.text), (_("Requisito"), seen.item or _("Toda la evaluación")))
    page = page_of(call, found, _("Responder una observación"), Button(_("Responder")), facts=facts)
    return done(request, AnswerForm(request.POST or None), page, call, act)


def attempt(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Record a run of the test format, or second the one that was recorded."""
    call, found = _both(request, code, application)
    if kept := _kept_from(request, call, found):
        return kept
    waiting = found.pending_attempt
    if waiting is None:

        def record(given: dict[str, Any]) -> object:
            return handover.record_attempt(
                call.id, found.id, round=int(given["ronda"]), passed=given["supera"] == "yes",
                present=given["presentes"], report=(given["reporte"].name, given["reporte"].read()), whole=whole(),
                by=by(request), now=call_now(),
            )  # fmt: skip

        lead = _("El reporte es el de la suite de pruebas; otra persona confirma el resultado.")
        page = page_of(call, found, _("Registrar una prueba"), Button(_("Registrar")), lead=lead)
        return acted(request, with_file(request, AttemptForm), page, record)

    def second(call: Call, given: dict[str, Any]) -> Drafted:
        if request.POST.get("decision") == "confirm":
            return evaluator.confirm_attempt(call, found.id, seen=given.get("visto", ""), by=by(request))
        return evaluator.return_attempt(call, found.id, given.get("texto", ""), by=by(request))

    may, why = _decides(call, found, waiting, by(request))
    facts = (
        (_("Ronda"), str(waiting.round)), (_("Resultado"), _("La supera") if waiting.passed else _("No la supera")),
        (_("Escenarios superados, según el reporte"), waiting.said or "—"),
        (_("Por la empresa"), waiting.present or "—"), (_("SHA-256 del reporte"), waiting.report),
        (_("Registró"), waiting.proposed_by),
    )  # fmt: skip
    buttons = {"confirm": Button(_("Confirmar"), "confirm"), "return": Button(_("Devolver"), "return", "stop")}
    page = page_of(call, found, _("Confirmar una prueba"), *(buttons[each] for each in may), lead=why, facts=facts)
    report = reverse("calls_document", args=[call.code, found.id, waiting.report])
    page = replace(page, template="hub/calls/report.html", shown={"report": report, "suite": bool(waiting.said)})
    form = TextForm(request.POST or None, label=_("Si la devuelve, por qué"))
    form.fields["texto"].required = False
    form.fields["visto"] = forms.CharField(widget=forms.HiddenInput, initial=waiting.at.isoformat())
    if not may:
        form.fields.clear()
    return done(request, form, page, call, second)


def _decides(call: Call, found: Application, waiting: Attempt, me: str) -> tuple[tuple[str, ...], str]:
    """What this person may do with the attempt that waits, and why not more."""
    if me not in {waiting.proposed_by, *waiting.hands}:
        return ("confirm", "return"), ""
    others = ", ".join(evaluator.who_decides(call, found)) or _("nadie más del equipo: que se designe a otra persona")
    if not waiting.hands:
        return ("return",), _("Usted la registró: la confirma otra persona. Puede hacerlo: %(people)s.") % {
            "people": others
        }
    return (), _(
        "Usted abrió esta prueba, o respondió en ella: la confirma o devuelve otra persona. Puede hacerlo: %(people)s."
    ) % {"people": others}


def deliver(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Hand the services over to an eligible firm, which signs for them."""
    call, found = _both(request, code, application)

    def act(given: dict[str, Any]) -> object:
        return handover.deliver(
            call.id, found.id, version=given["version"], credentials=given["credenciales"], by=by(request),
            now=call_now(),
        )  # fmt: skip

    facts = tuple((_("Documento"), each.name) for each in call.services)
    lead = _("La empresa descarga estos documentos, abre las credenciales una sola vez y firma el recibo.")
    page = page_of(call, found, _("Entregar los servicios"), Button(_("Entregar")), facts=facts, lead=lead)
    return acted(request, DeliverForm(request.POST or None), page, act)


def services(request: HttpRequest, code: str) -> HttpResponse:
    """The documents of the services, which every firm is handed."""
    call = call_of(code)

    def act(given: dict[str, Any]) -> object:
        if request.POST.get("decision", "").startswith("drop-"):
            digest = request.POST["decision"].removeprefix("drop-")
            return perform(call.id, lambda now: remove_document(now, digest), by=by(request), now=call_now())
        file = given["archivo"]
        return handover.add_document(call.id, (file.name, file.read()), by=by(request), now=call_now())

    drops = tuple(
        Button(_("Quitar %(name)s") % {"name": each.name}, f"drop-{each.digest}", "quiet") for each in call.services
    )
    back = reverse("calls_call", args=[call.code])
    facts = tuple((each.name, f"{each.type}, {each.size} bytes, {each.digest[:16]}") for each in call.services)
    page = FormPage(
        title=_("Documentos de los servicios"), back=back, back_label=call.code, facts=facts,
        buttons=(Button(_("Agregar"), "add"), *drops),
    )  # fmt: skip
    form = with_file(request, ServiceForm)
    if request.POST.get("decision", "").startswith("drop-"):
        form = confirm(request)
    return acted(request, form, page, act)


def with_file(request: HttpRequest, form: type[forms.Form]) -> forms.Form:
    """A form that takes a file."""
    sent = request.method == "POST"
    return form(request.POST if sent else None, request.FILES if sent else None)


def by(request: HttpRequest) -> str:
    """Who acts."""
    return person_of(request).email


def confirm(request: HttpRequest) -> forms.Form:
    """A form that needs no more than to be sent."""
    return ConfirmForm(request.POST if request.method == "POST" else None)


def _kept_from(request: HttpRequest, call: Call, found: Application) -> HttpResponse | None:
    """Where who has not declared the interest, or has a conflict, is sent instead of reading a page of the dossier."""
    me = by(request)
    if request.method == "POST" or me not in call.evaluators or found.conflicts.get(me) is False:
        return None
    return redirect("calls_application", code=call.code, application=found.id)


def _both(request: HttpRequest, code: str, application: UUID) -> tuple[Call, Application]:
    call = call_of(code)
    found = application_of(call, application)
    if is_its_own(request, found):
        raise Http404
    return call, found


def page_of(
    call: Call,
    found: Application,
    title: str,
    *buttons: Button,
    lead: str = "",
    facts: tuple[tuple[str, str], ...] = (),
) -> FormPage:
    """The frame of a form about one application."""
    back = reverse("calls_application", args=[call.code, found.id])
    shown = ((_("Empresa"), f"{found.firm}, NIT {found.nit}"), *facts)
    return FormPage(title=title, back=back, back_label=found.firm, buttons=buttons, lead=lead, facts=shown)


def done(
    request: HttpRequest, form: forms.Form, page: FormPage, call: Call, act: Act, *, status: int = 0
) -> HttpResponse:
    """The form, or what its act did: the application's page."""

    def write(given: dict[str, Any]) -> object:
        return perform(call.id, lambda now: act(now, given), by=by(request), now=call_now())

    return acted(request, form, page, write, status=status)


def acted(
    request: HttpRequest, form: forms.Form, page: FormPage, act: Callable[[dict[str, Any]], object], *, status: int = 0
) -> HttpResponse:
    """The form, or where it goes back to once its act is done."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó registrado."))
            return redirect(page.back)
    response = page.respond(request, form)
    response.status_code = status or response.status_code
    return response
