"""What anybody sees of a call: the act, the timetable, requirements, answers and lists; and how to ask and to enter."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.calls.domain.call import REGISTRATION, Call, Published
from veta.calls.domain.commands.setup import ask as ask_question
from veta.calls.queries import calls, open_call, public_call
from veta.calls.services import perform
from veta.calls.services.clock import call_now, is_simulated
from veta.hub.calls import words
from veta.hub.calls.paper import act_paper, act_workbook
from veta.hub.desk.tables import XLSX, Cell, Table, columns
from veta.hub.visitors import too_often
from veta.kernel.errors import DomainError
from veta.site.form_page import Button, FormPage
from veta.site.invitation import send_invitation
from veta.site.models import User
from veta.site.services import create_account


class AskForm(forms.Form):
    """A question; nobody is asked who they are."""

    pregunta = forms.CharField(
        label=gettext_lazy("Su pregunta"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("No escriba datos personales: la pregunta se publica con su respuesta."),
    )  # fmt: skip


class AccountForm(forms.Form):
    """The account with which a firm applies."""

    nombre = forms.CharField(label=gettext_lazy("Su nombre completo"), max_length=200)
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
        "call": call, "timetable": _timetable(call, now), "requirements": _requirements(call),
        "addenda": call.timetable.addenda, "terms": call.terms,
        "acts": [(act, act_table(act)) for act in reversed(call.published)],
        "questions": [each for each in call.questions if each.answer],
        "may_ask": _questions_open(call, now), "simulated": words.instant(now) if is_simulated() else "",
        "registering": call.timetable.activity(REGISTRATION, now).state_at(now) == "open",
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
    """Ask a question of the authority; its answer is public."""
    if refused := too_often(request):
        return refused
    call = _call(code)
    form = AskForm(request.POST or None)
    if form.is_valid():
        now = call_now()
        try:
            perform(call.id, lambda c: ask_question(c, form.cleaned_data["pregunta"], at=now), by="público", now=now)
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


def account(request: HttpRequest, code: str) -> HttpResponse:
    """An account for who will apply: the answer is the same whether the address has one already or not."""
    if refused := too_often(request):
        return refused
    call = _call(code)
    form = AccountForm(request.POST or None)
    if form.is_valid():
        _invite(form.cleaned_data)
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


def _invite(given: Mapping[str, Any]) -> None:
    if not User.objects.filter(email=given["correo"].strip().lower()).exists():
        send_invitation(create_account(email=given["correo"], name=given["nombre"], created_by=None))


def operators(request: HttpRequest) -> HttpResponse:
    """The public register of operators: who, since when, until when, under which act, how it stands."""
    rows = operator_rows()
    if request.GET.get("formato") == "json":
        return JsonResponse({"operators": rows}, json_dumps_params={"ensure_ascii": False})
    table = Table(
        caption=_("Operadores registrados"), empty=_("Ninguna convocatoria ha registrado operadores todavía."),
        columns=columns(_("Operador"), _("NIT"), _("Código"), _("Desde"), _("Hasta"), _("Acto"), _("Estado")),
        rows=[
            [
                Cell(row["name"]), Cell(row["nit"]), Cell(row["code"], code=True), Cell(row["since"]),
                Cell(row["until"]), Cell(row["act"]), words.badge(words.STATES, row["state"]),
            ]
            for row in rows
        ],
    )  # fmt: skip
    return render(request, "hub/calls/operators.html", {"table": table})


def operator_rows() -> list[dict[str, str]]:
    """Each operator that a call made."""
    return [
        {
            "name": each.firm, "nit": each.nit, "code": each.enablement["code"], "since": each.enablement["since"],
            "until": each.enablement["until"], "act": each.enablement["number"], "state": each.state,
            "call": call.code, "term_status": each.enablement["status"],
        }
        for call in calls()
        for each in sorted(call.applications.values(), key=lambda each: each.firm)
        if each.enablement
    ]  # fmt: skip


def act_table(act: Published) -> Table:
    """What an act lists, without the ids that only the history needs."""
    rows = [
        [
            Cell(row["firm"]), Cell(row["nit"]), words.badge(words.OUTCOMES, row["outcome"]),
            Cell(row.get("answer", "") or _not_met(row)),
        ]
        for row in act.rows
    ]  # fmt: skip
    return Table(
        caption=words.KINDS[act.kind], columns=columns(_("Empresa"), _("NIT"), _("Resultado"), _("Detalle")),
        rows=rows, empty=_("Este acto no trae lista."),
    )  # fmt: skip


def _not_met(row: Mapping[str, Any]) -> str:
    found = [f"{item['item']}: {item['reason']}" for item in row.get("items", ()) if item["verdict"] != "meets"]
    return "; ".join(found)


def _timetable(call: Call, now: Any) -> Table:
    rows = [
        [
            Cell(f"{each.order}. {each.name}", soft=each.stage), Cell(words.days_of(each)),
            words.badge(words.WINDOWS, each.state_at(now)), Cell(each.responsible),
            Cell(words.left_of(each, now) or "—"),
        ]
        for each in call.timetable.at(now)
    ]  # fmt: skip
    return Table(
        caption=_("Cronograma"), rows=rows,
        columns=columns(_("Actividad"), _("Fecha"), _("Estado"), _("Responsable"), _("Le queda")),
    )  # fmt: skip


def _requirements(call: Call) -> Table:
    rows = [
        [
            Cell(code, code=True), Cell(words.COMPONENTS[each.component]), Cell(each.text), Cell(each.norm),
            Cell(words.STATUSES[each.status]),
        ]
        for code, each in sorted(call.requirements.items())
    ]  # fmt: skip
    return Table(
        caption=_("Requisitos"), rows=rows,
        columns=columns(_("Código"), _("Componente"), _("Requisito"), _("Norma"), _("Lectura de la norma")),
    )  # fmt: skip


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
