"""What anybody sees of a call: the act, the timetable, requirements, answers and lists; and how to ask and to enter."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.calls.domain.call import REGISTRATION, Call, Published
from veta.calls.domain.refusals import refused
from veta.calls.queries import calls, open_call, public_call
from veta.calls.services import questions
from veta.calls.services.clock import call_now, is_simulated
from veta.hub.calls import shown as shown_tables
from veta.hub.calls import words
from veta.hub.calls.paper import act_paper, act_workbook
from veta.hub.desk.tables import XLSX
from veta.hub.tasks import invite_applicant
from veta.hub.visitors import too_often, used_up
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date
from veta.operators.services.limits import EndpointClass
from veta.site.form_page import Button, FormPage

# Of one address, which an office may share.
QUESTIONS_A_DAY = 20


class AskForm(forms.Form):
    """A question; nobody is asked who they are."""

    pregunta = forms.CharField(
        label=gettext_lazy("Su pregunta"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("No escriba datos personales: la pregunta se publica con su respuesta."),
    )  # fmt: skip


class AccountForm(forms.Form):
    """The account with which a firm applies."""

    nombre = forms.CharField(
        label=gettext_lazy("Su nombre completo"), max_length=200,
        # It is the first line of a mail to an address that nobody has verified yet.
        validators=[RegexValidator(r"\A[^\x00-\x1f\x7f/:<>@]+\Z", gettext_lazy("Escriba solo su nombre."))],
    )  # fmt: skip
    correo = forms.EmailField(
        label=gettext_lazy("Su correo"), max_length=254,
        help_text=gettext_lazy("A este correo llega el enlace para fijar la contraseña, y después los avisos."),
    )  # fmt: skip


def listed(request: HttpRequest) -> HttpResponse:
    """The calls that were published, the newest first."""
    return render(request, "hub/calls/list.html", {"calls": [each for each in calls() if each.opened_at]})


def shown(request: HttpRequest, code: str) -> HttpResponse:
    """A call as it was published, in the order of its act."""
    call, now = _call(code), call_now()
    context = {
        "call": call, "timetable": shown_tables.timetable(call, now), "requirements": shown_tables.requirements(call),
        "addenda": [(each, shown_tables.days_of_addendum(each)) for each in call.timetable.addenda],
        "terms": shown_tables.terms_of(call),
        "acts": [(act, shown_tables.act_table(act.kind, act.rows)) for act in reversed(call.published)],
        "questions": call.questions,
        "may_ask": _questions_open(call, now), "simulated": words.instant(now) if is_simulated() else "",
        "registering": _registering(call, now),
    }  # fmt: skip
    return render(request, "hub/calls/public.html", context)


def data(request: HttpRequest, code: str) -> JsonResponse:
    """The same, for programs."""
    made = public_call(_call(code), now=call_now())
    return JsonResponse(made, json_dumps_params={"ensure_ascii": False, "indent": 2})


def act_pdf(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """An act as a paper."""
    if refused := too_often(request):
        return refused
    call = _call(code)
    act = _act(call, place)
    response = HttpResponse(act_paper(call, act), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{call.code}-{act.kind}-{place}.pdf"'
    return response


def act_annex(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """An act's annex: every firm and every requirement, as a workbook."""
    if refused := too_often(request):
        return refused
    call = _call(code)
    act = _act(call, place)
    response = HttpResponse(act_workbook(act), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{call.code}-{act.kind}-{place}.xlsx"'
    return response


def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a question of the authority, while they are taken; its answer is public."""
    if refused := too_often(request, _limit(request, "question")):
        return refused
    call = _call(code)
    form = AskForm(request.POST or None)
    if form.is_valid():
        try:
            _ask(request, call, form.cleaned_data["pregunta"])
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Recibimos su pregunta. La respuesta se publica en esta página."))
            return redirect("call_public", code=call.code)
    page = FormPage(
        title=_("Preguntar sobre la convocatoria"), back=reverse("call_public", args=[call.code]),
        back_label=call.code, buttons=(Button(_("Enviar la pregunta")),),
    )  # fmt: skip
    return page.respond(request, form)


@transaction.atomic
def _ask(request: HttpRequest, call: Call, text: str) -> None:
    """Keep a question, where its address did not send a day's worth already: one could crowd out everybody's."""
    if used_up(request, "question", on=bogota_date(call_now()), most=QUESTIONS_A_DAY):
        message = _("Desde su red ya se enviaron %(number)s preguntas hoy. Vuelva mañana.")
        raise refused("CAL-029", message % {"number": QUESTIONS_A_DAY})
    questions.ask(call.id, text, now=call_now())


def account(request: HttpRequest, code: str) -> HttpResponse:
    """An account for who will apply, while registration is open.

    The answer is the same, and takes the same, whether the address has an account already or not: a job makes it.
    """
    if refused := too_often(request, _limit(request, "account")):
        return refused
    call = _call(code)
    if not _registering(call, call_now()):
        messages.error(request, _("El registro no está abierto: la cuenta se crea mientras lo esté."))
        return redirect("call_public", code=call.code)
    form = AccountForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        invite_applicant.defer(email=given["correo"].strip().lower(), name=given["nombre"])
        messages.success(
            request,
            _("Le enviamos un correo con un enlace para fijar su contraseña. Si ya tenía cuenta, ingrese con ella."),
        )
        return redirect("call_public", code=call.code)
    page = FormPage(
        title=_("Crear una cuenta de solicitante"), back=reverse("call_public", args=[call.code]),
        back_label=call.code, buttons=(Button(_("Crear la cuenta")),),
        lead=_("Con ella registra su empresa y presenta la solicitud. Al ingresar configura un segundo factor."),
    )  # fmt: skip
    return page.respond(request, form)


def _limit(request: HttpRequest, limit: EndpointClass) -> EndpointClass:
    """What is sent and stays has a limit of its own, far below that of what is only read."""
    return limit if request.method == "POST" else "public"


def _registering(call: Call, now: datetime) -> bool:
    return call.timetable.activity(REGISTRATION, now).state_at(now) == "open"


def _questions_open(call: Call, now: Any) -> bool:
    try:
        call.timetable.require_questions(now)
    except DomainError:
        return False
    return True


def _call(code: str) -> Call:
    found = open_call(code)
    if found is None:
        raise Http404
    return found


def _act(call: Call, place: int) -> Published:
    found = next((act for act in call.published if act.place == place), None)
    if found is None:
        raise Http404
    return found
