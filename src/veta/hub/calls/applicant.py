"""An applicant's own pages: register, fill each requirement, submit, cure, observe, take the services; receipts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from veta.calls.domain.application import Application
from veta.calls.domain.call import (
    CURING,
    HANDING_OVER,
    LAST_OBSERVING,
    OBSERVING,
    REGISTRATION,
    ROUND_1,
    ROUND_2,
    Call,
)
from veta.calls.domain.commands.applicant import GONE, missing, observes
from veta.calls.domain.curing import window_of
from veta.calls.domain.document import JSON
from veta.calls.domain.indicators import figures_of, indicators_of
from veta.calls.domain.lists import last_said, published_answer
from veta.calls.domain.timetable import Activity
from veta.calls.queries import act_over, document_bytes, open_call, receipts_of
from veta.calls.services import applicants
from veta.calls.services.clock import call_now
from veta.calls.services.receipts import ArrivedLate
from veta.conformance.queries import FORMS, report_as
from veta.hub.calls import words
from veta.hub.calls.forms import (
    LABELS,
    FiguresForm,
    ObserveForm,
    RegisterForm,
    SupportedForm,
    TextForm,
    UploadForm,
    figures_typed,
    uploads_of,
)
from veta.hub.calls.paper import own_act_paper
from veta.kernel.errors import DomainError
from veta.site.caller import caller_of, person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm

PAPERS = "hub/calls/papers.html"
WINDOW_OF: Mapping[str, int] = {
    "borrador": REGISTRATION, "evaluada": OBSERVING, "por_subsanar": CURING, "cumple": LAST_OBSERVING,
    "no_cumple": LAST_OBSERVING, "elegible": HANDING_OVER, "con_servicios": ROUND_1, "ronda_1_superada": ROUND_2,
}  # fmt: skip


def mine(request: HttpRequest, code: str) -> HttpResponse:
    """One's application: how it stands, what is missing, what is left of the window, its receipts."""
    call = _call(code)
    found = own(request, call)
    if found is None:
        return redirect("call_register", code=call.code)
    now = call_now()
    window = _window(call, found, now)
    context = {
        "call": call, "application": found, "state": words.badge(words.STATES, found.state),
        "items": items(call, found),
        "missing": missing(call, found) if found.state == "borrador" else (), "window": window,
        "left": words.left_of(window, now) if window else "", "receipts": _receipts(call, found),
        "names": words.ACTS, "own": True, "notices": words.notices(found),
        "observations": [(each, published_answer(call, found, each)) for each in found.observations],
        "may": _may(call, found, now), **financial(call, found),
        "steps": [(words.STATES[state][0], words.instant(at)) for _step, state, at in found.steps],
    }  # fmt: skip
    return render(request, "hub/calls/mine.html", context)


def register(request: HttpRequest, code: str) -> HttpResponse:
    """Register the firm and who represents it."""
    call = _call(code)
    if standing(call, owner_of(request)):
        return redirect("call_mine", code=call.code)
    form = RegisterForm(request.POST or None, initial={"correo": person_of(request).email})
    if caller_of(request).roles:
        form = RegisterForm(None)
        messages.error(request, _("Su cuenta tiene un cargo en la plataforma: no puede presentar solicitudes."))
    if form.is_valid():
        try:
            _register(request, call, form.cleaned_data)
        except ArrivedLate as late:
            form.add_error(None, _late(call, late))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Su empresa quedó registrada. Complete ahora cada requisito."))
            return redirect("call_mine", code=call.code)
    page = FormPage(
        title=_("Registrar la empresa"), back=reverse("call_public", args=[call.code]), back_label=call.code,
        buttons=(Button(_("Registrar")),),
        lead=_("Los datos de quien representa se guardan cifrados y no se publican."),
    )  # fmt: skip
    return page.respond(request, form)


def _register(request: HttpRequest, call: Call, given: Mapping[str, Any]) -> None:
    person = applicants.Person(given["representante"], given["documento"], given["correo"], given["telefono"])
    applicants.register(
        call.id, owner=owner_of(request), firm=given["empresa"], nit=given["nit"], check=given["digito"], person=person,
        now=call_now(),
    )  # fmt: skip


def item(request: HttpRequest, code: str, item: str) -> HttpResponse:
    """A requirement's documents: add one while the dossier is prepared, or cure it, once."""
    call, found = own_of(request, code)
    requirement = call.requirements.get(item)
    if requirement is None:
        raise Http404
    held, curing = found.item(item), found.item(item).uncured
    figures = requirement.proof == "figures"
    form = _item_form(request, found, figures=figures)

    def act(given: dict[str, Any]) -> str:
        typed = figures_typed(given) if figures else None
        uploads = [] if figures else uploads_of(given)
        if curing:
            applicants.cure(call.id, found.id, item, uploads, figures=typed, owner=owner_of(request), now=call_now())
            return _("Su subsanación quedó recibida. El recibo está abajo.")
        if typed is not None:
            applicants.give_figures(call.id, found.id, typed, owner=owner_of(request), now=call_now())
        else:
            applicants.add_documents(call.id, found.id, item, uploads, owner=owner_of(request), now=call_now())
        return _("Guardado.")

    lead = held.cure.text if curing and held.cure else requirement.text
    facts = [(_("Documento"), f"{each.name} ({each.size} bytes)") for each in held.documents]
    label = _("Subsanar, una sola vez") if curing else _("Guardar")
    page = page_of(call, f"{item}. {requirement.text[:80]}", Button(label), lead=lead, facts=tuple(facts))
    return done(request, form, replace(page, template=PAPERS), call, act)


def _item_form(request: HttpRequest, found: Application, *, figures: bool) -> forms.Form:
    if figures:
        return FiguresForm(request.POST or None, initial=dict(found.figures))
    return UploadForm(*_sent(request))


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form with files was sent."""
    sent = request.method == "POST"
    return (request.POST, request.FILES) if sent else (None, None)


def remove(request: HttpRequest, code: str, item: str, digest: str) -> HttpResponse:
    """Take a document out of the dossier."""
    call, found = own_of(request, code)
    try:
        applicants.remove_document(call.id, found.id, item, digest, owner=owner_of(request), now=call_now())
    except ArrivedLate as late:
        messages.error(request, _late(call, late))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("call_mine", code=call.code)


def submit(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the application in; the receipt is signed."""
    call, found = own_of(request, code)

    def act(given: dict[str, Any]) -> str:
        receipt = applicants.submit(call.id, found.id, owner=owner_of(request), now=call_now())
        return _("Solicitud presentada. Hora del servidor: %(hour)s.") % {"hour": receipt.body["at_bogota"]}

    lead = _("Después de presentarla no se cambia. Recibe un recibo firmado con la hora del servidor.")
    page = page_of(call, _("Presentar la solicitud"), Button(_("Presentar")), lead=lead)
    return done(request, confirm(request), page, call, act)


def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Leave the call."""
    call, found = own_of(request, code)

    def act(given: dict[str, Any]) -> str:
        applicants.withdraw(call.id, found.id, reason=given["texto"], owner=owner_of(request), now=call_now())
        return _("Su solicitud quedó retirada.")

    page = page_of(call, _("Retirar la solicitud"), Button(_("Retirar"), tone="stop"), lead=_("No se deshace."))
    return done(request, TextForm(request.POST or None, label=_("Motivo")), page, call, act)


def observe(request: HttpRequest, code: str) -> HttpResponse:
    """Observe the list that was last published."""
    call, found = own_of(request, code)

    def act(given: dict[str, Any]) -> str:
        applicants.observe(
            call.id, found.id, given["texto"], uploads_of(given), item=given["requisito"], owner=owner_of(request),
            now=call_now(),
        )  # fmt: skip
        return _("Su observación quedó recibida. La respuesta se publica con las demás.")

    form = ObserveForm(*_sent(request), codes=sorted(call.requirements))
    page = page_of(call, _("Observar la lista publicada"), Button(_("Enviar")))
    return done(request, form, replace(page, template=PAPERS), call, act)


def appeal(request: HttpRequest, code: str) -> HttpResponse:
    """File an appeal against the decision that left the firm out."""
    call, found = own_of(request, code)

    def act(given: dict[str, Any]) -> str:
        uploads = uploads_of(given)
        applicants.appeal(call.id, found.id, given["texto"], uploads, owner=owner_of(request), now=call_now())
        return _("Su recurso quedó recibido.")

    page = page_of(call, _("Presentar un recurso"), Button(_("Presentar")))
    return done(request, SupportedForm(*_sent(request), label=_("Recurso")), replace(page, template=PAPERS), call, act)


def receipt(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """A receipt as it was signed, to keep and to check; that of who came late to register too."""
    call = _call(code)
    found = own(request, call)
    given = receipts_of(call.id, found.id) if found else []
    given += receipts_of(call.id, None, by=owner_of(request))
    made = next((each for each in given if each["place"] == place), None)
    if made is None:
        raise Http404
    response = JsonResponse(made, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="recibo-{call.code}-{place}.json"'
    return response


def act(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """An act over one's own firm, as a paper."""
    call, found = own_of(request, code)
    return own_act(call, found, place)


def own_act(call: Call, found: Application, place: int) -> HttpResponse:
    """The paper of an act over a firm. Http404 where that place holds none over it."""
    event = act_over(call.id, found.id, place)
    if event is None:
        raise Http404
    response = HttpResponse(own_act_paper(call, found, event), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{call.code}-{event.data["act"]}-{place}.pdf"'
    return response


def own_document(request: HttpRequest, code: str, digest: str) -> HttpResponse:
    """A document of one's own dossier."""
    _call_found, found = own_of(request, code)
    return document_response(digest if _holds(found, digest) else "", form=request.GET.get("formato", ""))


def _holds(found: Application, digest: str) -> bool:
    given = {each["digest"] for each in found.delivered.get("documents", ())}
    runs = {run.report for run in found.attempts} | {run.report for run in found.runs if run.report}
    return digest in given | runs | {each.digest for each in found.documents()}


def document_response(digest: str, *, form: str = "") -> HttpResponse:
    """A document's bytes, always as a download under a name of ours: nothing of it runs in this origin.

    `form`: of a report of the suite, another of its forms, made anew from what is kept.
    """
    found = document_bytes(digest) if digest else None
    if found is None:
        raise Http404
    kind, content = found
    if form:
        made = report_as(content, form) if kind == JSON else None
        if made is None:
            raise Http404
        kind, content = FORMS[form], made
    suffix = form or {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", JSON: "json"}[kind]
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{digest[:16]}.{suffix}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def items(call: Call, found: Application) -> list[dict[str, Any]]:
    """Each requirement with what was handed in for it and what the last act published of it: no verdict before that."""
    said = last_said(call, found)
    return [
        {
            "code": code, "requirement": requirement, "component": words.COMPONENTS[requirement.component],
            "item": (held := found.item(code)), "answered": bool(held.documents) or _figured(requirement, found),
            "verdict": words.badge(words.OUTCOMES, said[code]["verdict"]) if code in said else None,
            "reason": said[code]["reason"] if code in said else "",
        }
        for code, requirement in sorted(call.requirements.items())
    ]  # fmt: skip


def _figured(requirement: Any, found: Application) -> bool:
    return requirement.proof == "figures" and bool(found.figures)


def financial(call: Call, found: Application) -> dict[str, Any]:
    """What a firm's finances are judged by: its figures in pesos by their names, the indicators that they make (name,
    value, sense, limit, whether it is met), and the documents that they come from."""
    if not found.figures:
        return {}
    made = indicators_of(figures_of(found.figures), call.limits)
    held = [found.item(each.code) for each in call.of_component("financiero")]
    return {
        "indicators": [(each.name, each.shown, each.sense, str(each.limit), each.meets) for each in made],
        "figures": [(LABELS[name], found.figures[name]) for name in LABELS],
        "statements": [
            (item.code, paper)
            for item in held
            for paper in (*item.documents, *(item.cure.documents if item.cure else ()))
        ],
    }  # fmt: skip


def _receipts(call: Call, found: Application) -> list[dict[str, Any]]:
    return [{**each, "name": words.RECEIPTS.get(each["kind"], each["kind"])} for each in receipts_of(call.id, found.id)]


def _window(call: Call, found: Application, now: Any) -> Activity | None:
    order = WINDOW_OF.get(found.state)
    if found.state in {"cumple", "no_cumple"} and not call.has("results"):
        order = None
    if order == CURING:
        return window_of(call, found, now)
    return call.timetable.activity(order, now) if order else None


def _may(call: Call, found: Application, now: Any) -> dict[str, bool]:
    admits = call.procedure.admits
    on = observes(call, found)
    observing = call.timetable.activity(LAST_OBSERVING if on == "results" else OBSERVING, now)
    return {
        "fill": found.state == "borrador", "submit": admits(found.state, "submit"),
        "contacts": found.state not in GONE, "withdraw": admits(found.state, "withdraw"), "cure": bool(found.to_cure()),
        "observe": bool(on) and observing.state_at(now) == "open",
        "receive": admits(found.state, "receive_services") and bool(found.delivered),
        "appeal": admits(found.state, "uphold_appeal") and found.open_appeal is None,
        "keys": found.state == "habilitado" and bool(found.enablement),
        "again": found.state in GONE and call.timetable.activity(REGISTRATION, now).state_at(now) == "open",
    }  # fmt: skip


def owner_of(request: HttpRequest) -> str:
    """The account that owns an application."""
    return str(person_of(request).id)


def own(request: HttpRequest, call: Call) -> Application | None:
    """This account's application in a call: the one that stands, or else the last that ended."""
    owned = [each for each in call.applications.values() if each.owner == owner_of(request)]
    return next(iter(reversed(standing(call, owner_of(request)) or owned)), None)


def standing(call: Call, owner: str) -> list[Application]:
    """An account's applications that neither were withdrawn nor lapsed: one at most."""
    return [each for each in call.applications.values() if each.owner == owner and each.state not in GONE]


def own_of(request: HttpRequest, code: str) -> tuple[Call, Application]:
    """A call and this account's application in it. Http404 where it has none."""
    call = _call(code)
    found = own(request, call)
    if found is None:
        raise Http404
    return call, found


def _call(code: str) -> Call:
    found = open_call(code)
    if found is None:
        raise Http404
    return found


def confirm(request: HttpRequest) -> forms.Form:
    """A form that needs no more than to be sent."""
    return ConfirmForm(request.POST if request.method == "POST" else None)


def page_of(
    call: Call, title: str, button: Button, *, lead: str = "", facts: tuple[tuple[str, str], ...] = ()
) -> FormPage:
    """The frame of an applicant's form."""
    return FormPage(
        title=title, back=reverse("call_mine", args=[call.code]), back_label=_("Mi solicitud"), buttons=(button,),
        lead=lead, facts=facts,
    )  # fmt: skip


def _late(call: Call, late: ArrivedLate) -> str:
    """Why, and the receipt that says it."""
    place = late.receipt.body["place"]
    said = _("El recibo es el %(place)s.") % {"place": place}
    return format_html('{} <a href="{}">{}</a>', late.message, reverse("call_receipt", args=[call.code, place]), said)


def done(
    request: HttpRequest, form: forms.Form, page: FormPage, call: Call, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """The form, or what its act did; what came late names its receipt."""
    if form.is_valid():
        try:
            said = act(form.cleaned_data)
        except ArrivedLate as late:
            form.add_error(None, _late(call, late))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, said)
            return redirect("call_mine", code=call.code)
    return page.respond(request, form)
