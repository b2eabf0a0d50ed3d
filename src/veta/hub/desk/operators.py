"""Operators and their keys: two officers approve a first or recovery key; one is enough to revoke."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.calls.domain.refusals import refused
from veta.calls.queries import enabled_as
from veta.hub.desk import words
from veta.hub.desk.allowed import may
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.operators.queries import KeyState, KeyStep, OperatorNow, key_states, key_steps, operators_now
from veta.operators.services import keys
from veta.operators.services.enrolment import record_status
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm

PURPOSES = {"signing": gettext_lazy("Firma de movimientos"), "recovery": gettext_lazy("Recuperación")}
STEPS = {
    "approved": gettext_lazy("la aprobó"),
    "revoked": gettext_lazy("la revocó"),
    "compromised": gettext_lazy("la revocó por comprometida"),
}


class RevokeForm(forms.Form):
    """Why a key stops counting, and whether somebody else may have it."""

    comprometida = forms.BooleanField(
        label=gettext_lazy("Está comprometida: otra persona pudo tenerla"), required=False,
        help_text=gettext_lazy("Caen con ella las llaves que pidió, y las que estas pidieron."),
    )  # fmt: skip
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class StatusForm(forms.Form):
    """The act that enables, suspends or ends an operator."""

    estado = forms.ChoiceField(
        label=gettext_lazy("Estado"),
        choices=[("active", gettext_lazy("Habilitado")), ("suspended", gettext_lazy("Suspendido")),
                 ("ended", gettext_lazy("Terminado"))],
    )  # fmt: skip
    desde = forms.DateField(label=gettext_lazy("Desde"), widget=forms.DateInput(attrs={"type": "date"}))
    acto = forms.CharField(label=gettext_lazy("Acto: número y fecha"), max_length=200)


def operators(request: HttpRequest) -> HttpResponse:
    """Every operator with its state and how many of its keys count."""
    states = key_states(now=SystemClock().now())
    rows = [_row(each, [key for key in states if key.operator == each.id]) for each in operators_now()]
    heads = columns(_("Operador"), _("Nombre"), _("Estado"), _("Desde"), _("Llaves vigentes"), _("En espera"),
                    figures=[4, 5])  # fmt: skip
    table = Table(_("Por código"), heads, rows, empty=_("No hay operadores."), export="?formato=")
    if form := asked_for(request):
        return exported(table, name="operadores", form=form)
    context = {"table": table, "may_enrol": may(request, "desk_operator_enrol", "POST")}
    return render(request, "hub/desk/operators.html", context)


def _row(each: OperatorNow, its: list[KeyState]) -> list[Cell]:
    live, waiting = (sum(key.state == state for key in its) for state in ("live", "waiting"))
    return [
        Cell(each.code, url=reverse("desk_operator", args=[each.id])), Cell(each.name),
        words.badge(words.STATUSES, each.status), Cell(str(each.enabled_on)), Cell(str(live), number=str(live)),
        Cell(str(waiting), number=str(waiting)),
    ]  # fmt: skip


def operator(request: HttpRequest, operator: UUID) -> HttpResponse:
    """An operator, its act, and the life of each key."""
    found = operator_of(operator)
    steps = key_steps()
    states = key_states(now=SystemClock().now(), operator=operator)
    context = {
        "operator": found, "status": words.badge(words.STATUSES, found.status),
        "keys": [_key(request, key, steps.get(key.id, [])) for key in reversed(states)],
        "may_status": may(request, "desk_operator_status", "POST"),
        "may_record": may(request, "desk_key_record", "POST"),
    }  # fmt: skip
    return render(request, "hub/desk/operator.html", context)


def _key(request: HttpRequest, key: KeyState, steps: list[KeyStep]) -> dict[str, Any]:
    approvals = [step for step in steps if step.kind == "approved"]
    return {
        "key": key, "purpose": PURPOSES.get(key.purpose, key.purpose), "state": words.badge(words.STATUSES, key.state),
        "asked": key.proposed_by or "", "since": words.instant(key.proposed_at),
        "from": words.instant(key.active_from) if key.active_from else "", "lacks": _lacks(key, len(approvals)),
        "steps": [{"what": STEPS[step.kind], "step": step, "at": words.instant(step.at)} for step in steps],
        "may_approve": key.lacks_approval and may(request, "desk_key_approve", "POST"),
        "may_revoke": key.state in {"live", "waiting", "inactive"} and may(request, "desk_key_revoke", "POST"),
    }  # fmt: skip


def _lacks(key: KeyState, approvals: int) -> str:
    if not key.lacks_approval:
        return ""
    if key.proposed_by:
        return _("Cuenta por sí sola a las 24 horas, o cuando una persona la apruebe.")
    return _("Falta una aprobación.") if approvals else _("Faltan dos aprobaciones.")


def approve(request: HttpRequest, key: str) -> HttpResponse:
    """One officer's approval; the second is another officer's."""
    state, owner = _key_of(key)

    def act(given: dict[str, Any]) -> str:
        keys.approve_key(key, officer=person_of(request).email)
        return _("Su aprobación quedó registrada.")

    lead = _("Compruebe con el operador, por otro canal, que el id de la llave es el suyo.")
    page = _page(_("Aprobar una llave"), state, owner, Button(_("Aprobar")), lead=lead)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    return done(request, form, page, owner, act)


def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """A key stops counting in every process within seconds."""
    state, owner = _key_of(key)

    def act(given: dict[str, Any]) -> str:
        fallen = keys.revoke_key(
            key, by=person_of(request).email, compromised=given["comprometida"], reason=given["motivo"]
        )
        return _("Llaves que ya no cuentan: %(number)s.") % {"number": len(fallen)}

    button = Button(_("Revocar"), tone="stop")
    page = _page(_("Revocar una llave"), state, owner, button, lead=_("No se deshace: el operador pide otra."))
    return done(request, RevokeForm(request.POST or None), page, owner, act)


def status(request: HttpRequest, operator: UUID) -> HttpResponse:
    """Record that an operator is enabled, suspended or ended, by an act."""
    owner = operator_of(operator)

    def act(given: dict[str, Any]) -> str:
        _require_no_act_of_a_call(owner, given["estado"])
        record_status(
            operator=operator, status=given["estado"], enabled_on=given["desde"], act=given["acto"],
            officer=person_of(request).email,
        )  # fmt: skip
        return _("El estado quedó registrado; sus llaves lo siguen en segundos.")

    page = FormPage(
        title=_("Estado del operador"), back=reverse("desk_operator", args=[operator]), back_label=owner.code,
        buttons=(Button(_("Registrar")),), facts=((_("Operador"), owner.name),),
    )  # fmt: skip
    return done(request, StatusForm(request.POST or None), page, owner, act)


def _require_no_act_of_a_call(owner: OperatorNow, status: str) -> None:
    """One person does not enable again whom two suspended, revoked or ended by an act of a call. Raises CAL-028."""
    made = enabled_as(owner.code)
    if status == "active" and made is not None and made[1].state != "habilitado":
        message = _("Dos personas cambiaron su habilitación por un acto de %(call)s: se cambia allí, con otro acto.")
        raise refused("CAL-028", message % {"call": made[0].code})


def done(
    request: HttpRequest, form: forms.Form, page: FormPage, owner: OperatorNow, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """The page with its form, or the operator's page saying what the act did."""
    if form.is_valid():
        try:
            said = act(form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, said)
            return redirect("desk_operator", operator=owner.id)
    return page.respond(request, form)


def _page(title: str, key: KeyState, owner: OperatorNow, button: Button, *, lead: str) -> FormPage:
    facts = (
        (_("Operador"), f"{owner.code} · {owner.name}"), (_("Llave"), key.id),
        (_("Para qué"), str(PURPOSES.get(key.purpose, key.purpose))), (_("Registrada"), words.instant(key.proposed_at)),
    )  # fmt: skip
    back = reverse("desk_operator", args=[owner.id])
    return FormPage(title=title, back=back, back_label=owner.code, buttons=(button,), facts=facts, lead=lead)


def operator_of(operator: UUID) -> OperatorNow:
    """An operator as it stands. Http404 where there is none."""
    found = next((each for each in operators_now() if each.id == operator), None)
    if found is None:
        raise Http404
    return found


def _key_of(key: str) -> tuple[KeyState, OperatorNow]:
    state = next((each for each in key_states(now=SystemClock().now()) if each.id == key), None)
    if state is None:
        raise Http404
    return state, operator_of(state.operator)
