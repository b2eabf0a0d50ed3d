"""A call is made and, until it opens, written again: its act, its timetable and its terms, all of its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.calls.domain.call import Call
from veta.calls.domain.commands import setup
from veta.calls.domain.procedure import procedure_on
from veta.calls.domain.seed import call_of_2026
from veta.calls.domain.timetable import Activity
from veta.calls.services import create_call, perform
from veta.calls.services.clock import call_now
from veta.hub.calls.desk import call_of
from veta.hub.calls.evaluators import by
from veta.hub.calls.forms import AREA
from veta.hub.typed import DayInput
from veta.kernel.errors import DomainError
from veta.site.form_page import Button, FormPage

LINES = gettext_lazy("Uno por línea.")
LIMITS = {
    "liquidity": gettext_lazy("Liquidez, como mínimo"), "debt": gettext_lazy("Endeudamiento, como máximo"),
    "cover": gettext_lazy("Cobertura de intereses, como mínimo"),
}  # fmt: skip


class CallForm(forms.Form):
    """The act of a call, its timetable, and the terms that no text fixes."""

    titulo = forms.CharField(label=gettext_lazy("Título"), max_length=200)
    clase = forms.CharField(label=gettext_lazy("Clase de acto"), max_length=60)
    numero = forms.CharField(label=gettext_lazy("Número del acto"), max_length=60)
    fecha = forms.DateField(label=gettext_lazy("Fecha del acto"), widget=DayInput())
    fundamentos = forms.CharField(label=gettext_lazy("Fundamentos"), max_length=4000, widget=AREA, help_text=LINES)
    proyecto = forms.CharField(label=gettext_lazy("Proyectó, por cargo"), max_length=1000, widget=AREA, help_text=LINES)
    reviso = forms.CharField(label=gettext_lazy("Revisó, por cargo"), max_length=1000, widget=AREA, help_text=LINES)
    firma = forms.CharField(label=gettext_lazy("Firma, por cargo"), max_length=200)
    encargado = forms.BooleanField(label=gettext_lazy("Firma como encargado"), required=False)
    preguntas = forms.DateField(label=gettext_lazy("Preguntas hasta"), widget=DayInput())

    def __init__(self, *args: Any, activities: tuple[Activity, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in activities:
            days = {"order": each.order, "name": each.name}
            self.fields[f"desde_{each.order}"] = forms.DateField(
                label=_("%(order)s. %(name)s: primer día") % days, widget=DayInput(), required=each.opens is not None
            )
            self.fields[f"hasta_{each.order}"] = forms.DateField(
                label=_("%(order)s. %(name)s: último día") % days, widget=DayInput()
            )
        for round in ("1", "2"):
            self.fields[f"intentos_{round}"] = forms.IntegerField(
                label=_("Intentos en la ronda %(round)s") % {"round": round}, min_value=1, max_value=setup.MOST_ATTEMPTS
            )
        for name, label in LIMITS.items():
            self.fields[name] = forms.DecimalField(label=label, min_value=0, max_digits=8, decimal_places=4)
        self.fields["anios"] = forms.IntegerField(
            label=_("Vigencia de la habilitación, en años"), min_value=1, max_value=setup.MOST_YEARS
        )


class NewForm(CallForm):
    """The same, with the code under which it is known."""

    codigo = forms.SlugField(label=gettext_lazy("Código"), max_length=32)
    field_order = ("codigo",)


def _typed(given: Mapping[str, Any], activities: tuple[Activity, ...]) -> dict[str, Any]:
    """What a form says, as a call keeps it; its procedure is the one in force on the day of its act."""
    act = {
        "kind": given["clase"], "number": given["numero"], "date": given["fecha"].isoformat(),
        "legal_basis": _lines(given["fundamentos"]), "drafters": _lines(given["proyecto"]),
        "reviewers": _lines(given["reviso"]), "signer": given["firma"], "acting": given["encargado"],
    }  # fmt: skip
    timetable = [
        {
            "order": each.order, "stage": each.stage, "name": each.name, "responsible": each.responsible,
            "opens": _day(given[f"desde_{each.order}"]), "closes": _day(given[f"hasta_{each.order}"]),
            "last_minute": f"{each.last_minute:%H:%M}",
        }
        for each in activities
    ]  # fmt: skip
    terms = {
        "status": "unverified", "attempts": {round: given[f"intentos_{round}"] for round in ("1", "2")},
        "limits": {name: str(given[name]) for name in LIMITS}, "validity_years": given["anios"],
    }  # fmt: skip
    return {
        "title": given["titulo"], "act": act, "effective": procedure_on(given["fecha"]).effective.isoformat(),
        "questions_until": given["preguntas"].isoformat(), "timetable": timetable, "terms": terms,
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _initial(call: Call, *, days: bool) -> dict[str, Any]:
    """What a form begins with: of the circular, everything but its number and its days, which are its own."""
    act, terms = call.act, call.terms
    made = {
        "clase": act["kind"], "fundamentos": "\n".join(act["legal_basis"]), "proyecto": "\n".join(act["drafters"]),
        "reviso": "\n".join(act["reviewers"]), "firma": act["signer"], "encargado": act["acting"],
        "anios": terms["validity_years"], **terms["limits"],
        **{f"intentos_{round}": terms["attempts"][round] for round in ("1", "2")},
    }  # fmt: skip
    if days:
        made |= {
            "titulo": call.title, "numero": act["number"], "fecha": act["date"],
            "preguntas": call.timetable.questions_until.isoformat(),
        }  # fmt: skip
        for each in call.timetable.activities:
            made |= {f"desde_{each.order}": _day(each.opens), f"hasta_{each.order}": _day(each.closes)}
    return made


def new(request: HttpRequest) -> HttpResponse:
    """A call begins with its own act, days and terms, and the base set of requirements; nobody sees it until it is
    signed."""
    base = call_of_2026()
    circular = setup.call_from(base)
    activities = circular.timetable.activities
    form = NewForm(request.POST or None, activities=activities, initial=_initial(circular, days=False))
    if form.is_valid():
        given = form.cleaned_data
        try:
            data = {**base, **_typed(given, activities), "code": given["codigo"].strip().upper()}
            create_call(data, by=by(request), now=call_now())
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("calls_call", code=data["code"])
    page = FormPage(
        title=_("Preparar una convocatoria"), back=reverse("calls_desk"), back_label=_("Convocatorias"),
        buttons=(Button(_("Preparar")),),
        lead=_("Las actividades son las de la circular de 2026; el acto, las fechas y los términos son los suyos."),
    )  # fmt: skip
    return page.respond(request, form)


def revise(request: HttpRequest, code: str) -> HttpResponse:
    """Write act, timetable and terms again, until the call opens."""
    call = call_of(code)
    activities = call.timetable.activities
    form = CallForm(request.POST or None, activities=activities, initial=_initial(call, days=True))
    if form.is_valid():
        try:
            data, now = _typed(form.cleaned_data, activities), call_now()
            perform(call.id, lambda state: setup.revise(state, data, at=now), by=by(request), now=now)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó corregida."))
            return redirect("calls_call", code=call.code)
    page = FormPage(
        title=_("Corregir el acto y el cronograma"), back=reverse("calls_call", args=[call.code]),
        back_label=call.code, buttons=(Button(_("Guardar")),),
        lead=_("Hasta que se publique la invitación. Después, las fechas cambian por adendo."),
    )  # fmt: skip
    return page.respond(request, form)
