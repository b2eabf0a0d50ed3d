"""The Vicepresidencia's desk of validations: a title's records side by side, the outcome and its reason."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.tables import Table, asked_for, exported, whole
from veta.hub.found import the_one
from veta.hub.obligation_tables import OUTCOMES, bound_table, case_table
from veta.hub.templatetags.figures import long_day
from veta.hub.typed import DayInput
from veta.hub.validations import outcome_of
from veta.kernel.errors import DomainError
from veta.oversight import services
from veta.oversight.domain.validation import ValidationCase
from veta.oversight.queries import cases, cases_standing, plan_histories, records_of, unlinked
from veta.registry.queries import public_names_of
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

AREA = forms.Textarea(attrs={"rows": 4})
CHOICES = [(outcome, name) for outcome, name in OUTCOMES.items() if outcome != "requirement"]


class OpenForm(forms.Form):
    """The title that an officer takes up, and why."""

    titulo = forms.CharField(label=gettext_lazy("Placa del título"), max_length=40)
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=services.LONGEST_REASON, widget=AREA)


class OutcomeForm(forms.Form):
    """The outcome and its reason."""

    resultado = forms.ChoiceField(label=gettext_lazy("Resultado"), choices=CHOICES, widget=forms.RadioSelect)
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=services.LONGEST_REASON, widget=AREA)
    acto = forms.CharField(label=gettext_lazy("Acto o concepto, si lo hay"), max_length=150, required=False)


class RequirementForm(forms.Form):
    """What is required of the holder, by which act and since when."""

    acto = forms.CharField(label=gettext_lazy("Acto que requiere: número y fecha"), max_length=150)
    desde = forms.DateField(
        label=gettext_lazy("Exigible desde"), widget=DayInput(),
        help_text=gettext_lazy("Desde ese día la producción bajo el rubro sin tipo se rechaza (PLA-003)."),
    )  # fmt: skip
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=services.LONGEST_REASON, widget=AREA)


class SecondForm(forms.Form):
    """The second person's decision on a requirement."""

    motivo = forms.CharField(
        label=gettext_lazy("Motivo, si lo rechaza"), max_length=services.LONGEST_REASON, required=False, widget=AREA
    )


def desk(request: HttpRequest) -> HttpResponseBase:
    """Every case, those that wait first."""
    if form := asked_for(request):
        return whole(request, _standing, name="validaciones", form=form, part=paging.COUNTED)
    context = {"table": _standing(request, paging.PAGE), "may_open": may(request, "validation_open")}
    return render(request, "hub/validations/desk.html", context)


def _standing(request: HttpRequest, limit: int) -> Table:
    start = paging.number_after(request)
    found = cases_standing(skip=start, limit=limit + 1)
    plans = plan_histories({case.title_code for case in found})
    rows = [(case, case.state(plans[case.title_code])) for case in found[:limit]]
    return case_table(rows, more=paging.next_number(request, start, len(found), limit=limit))


def case(request: HttpRequest, case: UUID) -> HttpResponse:
    """A case with every record of its title today, its steps and what may follow."""
    found = the_one(cases(id=case))
    records = records_of(found.title_code, on=today())
    holders = [actor for actor, _share in records.title.holders] if records else []
    pages = ("validation_decide", "validation_require", "validation_settle", "desk_enter_plan", "desk_title")
    context = {
        "case": found, "records": records, "holders": public_names_of(holders),
        "may": {page: may(request, page) for page in pages}, **outcome_of(found),
    }  # fmt: skip
    return render(request, "hub/validations/case.html", context)


def petition(request: HttpRequest, case: UUID) -> HttpResponse:
    """The draft of the petition that the title's records call for, as text to fill in."""
    found = the_one(cases(id=case))
    records = records_of(found.title_code, on=today())
    if records is None or not records.petition:
        raise Http404
    response = HttpResponse(records.petition, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="peticion-{found.code}.txt"'
    return response


def take_up(request: HttpRequest) -> HttpResponse:
    """Open a title's validation of one's own motion."""
    form = OpenForm(request.POST or None, initial={"titulo": request.GET.get("placa", "")[:40]})

    def act(given: dict[str, Any]) -> ValidationCase:
        opening = services.Opening(
            title=given["titulo"], opener="officer", reason=given["motivo"], by=person_of(request).email
        )
        return services.open_case(opening, on=today())

    page = FormPage(
        title=_("Abrir una validación"), back=reverse("validation_desk"), back_label=_("Validaciones"),
        buttons=(Button(_("Abrir")),),
    )  # fmt: skip
    return _done(request, form, page, act)


def decide(request: HttpRequest, case: UUID) -> HttpResponse:
    """Give the outcome with its reason."""
    found = the_one(cases(id=case))
    form = OutcomeForm(request.POST or None)

    def act(given: dict[str, Any]) -> ValidationCase:
        return services.decide(
            found.id,
            given["resultado"],
            reason=given["motivo"],
            act=given["acto"],
            by=person_of(request).email,
            on=today(),
        )

    lead = _("Lo que dicen hoy los registros queda guardado con el resultado.")
    return _done(request, form, _page(found, _("Dar el resultado"), Button(_("Guardar el resultado")), lead=lead), act)


def require(request: HttpRequest, case: UUID) -> HttpResponse:
    """Propose a requirement to the holder; another person approves it."""
    found = the_one(cases(id=case))
    form = RequirementForm(request.POST or None, initial={"desde": today()})

    def act(given: dict[str, Any]) -> ValidationCase:
        return services.propose_requirement(
            found.id, required_from=given["desde"], act=given["acto"], reason=given["motivo"],
            by=person_of(request).email, on=today(),
        )  # fmt: skip

    lead = _("No tiene efecto hasta que otra persona lo apruebe.")
    return _done(request, form, _page(found, _("Proponer un requerimiento"), Button(_("Proponer")), lead=lead), act)


def settle(request: HttpRequest, case: UUID) -> HttpResponse:
    """Approve the requirement that another person proposed, or decline it."""
    found = the_one(cases(id=case))
    if found.proposed is None:
        raise Http404
    form = SecondForm(request.POST or None)

    def act(given: dict[str, Any]) -> ValidationCase:
        approved = request.POST.get("decision") == "approve"
        return services.settle_requirement(
            found.id, approved=approved, reason=given["motivo"], by=person_of(request).email, on=today()
        )

    waiting = found.proposed
    facts = (
        (_("Propuso"), waiting.by), (_("Acto"), waiting.act), (_("Exigible desde"), long_day(waiting.required_from)),
        (_("Motivo"), waiting.reason),
    )  # fmt: skip
    buttons = (Button(_("Aprobar"), value="approve"), Button(_("Rechazar"), value="decline", tone="stop"))
    return _done(request, form, _page(found, _("Decidir el requerimiento"), *buttons, facts=facts), act)


def bound(request: HttpRequest) -> HttpResponse:
    """Who is bound to report today and is linked to no operator."""
    form, found = asked_for(request), unlinked(today())
    shown, more = (found, "") if form else paging.cut(request, found)
    names = public_names_of({row.actor for row in shown})
    table = bound_table(shown, names, linked=may(request, "desk_title"), more=more)
    if form:
        return exported(table, name="obligados-sin-operador", form=form)
    return render(request, "hub/validations/bound.html", {"table": table, "day": today()})


def _done(
    request: HttpRequest, form: forms.Form, page: FormPage, act: Callable[[dict[str, Any]], ValidationCase]
) -> HttpResponse:
    """The form, or what its act did: the case's page."""
    if form.is_valid():
        try:
            done = act(form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El paso quedó registrado."))
            return redirect("validation_case", case=done.id)
    return page.respond(request, form)


def _page(
    found: ValidationCase, title: str, *buttons: Button, lead: str = "", facts: tuple[tuple[str, str], ...] = ()
) -> FormPage:
    shown = ((_("Título"), found.title_code), (_("Caso"), found.code), *facts)
    back = reverse("validation_case", args=[found.id])
    return FormPage(title=title, back=back, back_label=found.title_code, buttons=buttons, facts=shown, lead=lead)
