"""The authority's desk of bonds: what is required of each title, what it presented, what does not fit."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.bonds import services
from veta.bonds.domain.life import COVERS, Life, alerts, required_until
from veta.bonds.queries import BondEntry, bonds, bonds_standing
from veta.hub.bond_form import MARKETS
from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.tables import asked_for, exported, unfinished
from veta.hub.found import the_one
from veta.hub.obligation_tables import bond_table, unrequired_table, year_table
from veta.hub.typed import DayInput, typed_number
from veta.kernel.errors import DomainError
from veta.oversight.queries import year_of
from veta.registry.queries import public_names_of, titles_by_code
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage


class RequireForm(forms.Form):
    """The title and day whose annuity's bond is required."""

    titulo = forms.CharField(label=gettext_lazy("Placa del título"), max_length=40)
    dia = forms.DateField(label=gettext_lazy("Un día de la anualidad"), widget=DayInput())
    inversion = forms.CharField(
        label=gettext_lazy("Inversión del año, en exploración o montaje"), required=False, max_length=24
    )
    mercado = forms.ChoiceField(
        label=gettext_lazy("Mercado, si la resolución lo distingue"), choices=MARKETS, required=False
    )
    zona = forms.CharField(label=gettext_lazy("Zona, si la resolución la distingue"), max_length=80, required=False)

    def case(self) -> dict[str, Any]:
        """What the registry does not hold of the title, as fields of the case."""
        given = self.cleaned_data
        said = {"investment_cop": typed_number(given["inversion"]), "market": given["mercado"], "zone": given["zona"]}
        return {name: value for name, value in said.items() if value}


class PolicyForm(forms.Form):
    """A policy as the paper says it."""

    aseguradora = forms.CharField(label=gettext_lazy("Aseguradora"), max_length=120)
    nit = forms.CharField(label=gettext_lazy("NIT de la aseguradora, con su dígito"), max_length=16)
    numero = forms.CharField(label=gettext_lazy("Número de la póliza"), max_length=60)
    anexo = forms.CharField(label=gettext_lazy("Anexo"), max_length=40, required=False)
    tomador = forms.CharField(
        label=gettext_lazy("NIT o documento del tomador"), max_length=24,
        help_text=gettext_lazy("Como «NIT 900500018». Debe estar en el registro."),
    )  # fmt: skip
    beneficiario = forms.CharField(label=gettext_lazy("Beneficiario"), max_length=120)
    amparos = forms.MultipleChoiceField(
        label=gettext_lazy("Amparos"), choices=tuple(COVERS.items()), widget=forms.CheckboxSelectMultiple
    )
    desde = forms.DateField(label=gettext_lazy("Vigente desde"), widget=DayInput())
    hasta = forms.DateField(label=gettext_lazy("Vigente hasta"), widget=DayInput())
    valor = forms.CharField(label=gettext_lazy("Valor asegurado, en pesos"), max_length=24)

    def policy(self) -> dict[str, Any]:
        """What was typed as the policy's JSON."""
        given = self.cleaned_data
        kind, _sep, number = given["tomador"].strip().partition(" ")
        return {
            "insurer": given["aseguradora"], "insurer_nit": given["nit"], "number": given["numero"],
            "annex": given["anexo"], "beneficiary": given["beneficiario"], "covers": given["amparos"],
            "policyholder": {"type": kind.upper(), "number": number}, "insured_cop": typed_number(given["valor"]),
            "valid_from": given["desde"].isoformat(), "valid_to": given["hasta"].isoformat(),
        }  # fmt: skip


class DecideForm(forms.Form):
    """The authority's act on what was presented."""

    acto = forms.CharField(label=gettext_lazy("Acto de la autoridad: número y fecha"), max_length=200)
    motivo = forms.CharField(
        label=gettext_lazy("Motivo, si la objeta"), max_length=400, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class DrawForm(forms.Form):
    """What was made effective, by which act."""

    acto = forms.CharField(label=gettext_lazy("Acto que la hace efectiva: número y fecha"), max_length=200)
    valor = forms.CharField(label=gettext_lazy("Valor, en pesos"), max_length=24)


def desk(request: HttpRequest) -> HttpResponse:
    """The bonds with their state and warnings, those that ask for something first; the annuities with none required."""
    day, form = today(), asked_for(request)
    missing = services.unrequired(day)
    if form and paging.table_asked(request) == "faltan":
        return exported(unrequired_table(missing), name="anualidades-sin-poliza", form=form)
    start, limit = paging.number_after(request), paging.WORKED_OUT if form else paging.PAGE
    found = bonds_standing(on=day, skip=start, limit=limit + 1)
    rows = [_row(entry, day) for entry in found[:limit]]
    if form:
        table = bond_table((row["entry"], row["alerts"]) for row in rows)
        cut = paging.next_number(request, start, len(found), limit=limit)
        name = f"polizas-{start + 1}-{start + len(rows)}" if start or cut else "polizas"
        says = _(
            "Hay más: este archivo llega a la %(last)s. Descargue el siguiente desde la página donde sigue la lista."
        )
        return exported(unfinished(table, says % {"last": start + limit}) if cut else table, name=name, form=form)
    shown, more_missing = paging.cut(request, missing, key="faltan")
    context = {
        "rows": rows, "start": start, "most": paging.WORKED_OUT,
        "more": paging.next_number(request, start, len(found)), "missing": shown,
        "missing_count": len(missing), "more_missing": more_missing,
        "may_require": may(request, "bond_require", "POST"),
    }  # fmt: skip
    return render(request, "hub/bonds/desk.html", context)


def life(request: HttpRequest, bond: UUID) -> HttpResponse:
    """A bond's whole life, and the steps that may follow."""
    entry = the_one(bonds(id=bond))
    policies = [event.policy.policyholder for event in entry.life.events if event.policy]
    title = next(iter(titles_by_code([entry.title_code]).get(entry.title_code, [])), None)
    until = required_until(title.end_date) if title and title.end_date else None
    steps = [step for step in _steps(entry.life) if may(request, step[0], "POST")]
    context = {**_row(entry, today()), "until": until, "names": public_names_of(policies), "steps": steps}
    return render(request, "hub/bonds/life.html", context)


def require(request: HttpRequest) -> HttpResponse:
    """Require the bond of an annuity at the value that plan and prices give."""
    form = RequireForm(request.POST or None, initial={"dia": today(), "titulo": request.GET.get("placa", "")[:40]})

    def act(given: dict[str, Any]) -> BondEntry:
        return services.require(given["titulo"], starts_on=given["dia"], by=person_of(request).email, case=form.case())

    page = FormPage(
        title=_("Exigir una póliza"), back=reverse("bond_desk"), back_label=_("Pólizas"),
        buttons=(Button(_("Exigir")),),
        lead=_("El valor sale del plan aprobado y del precio base del periodo en que empieza la anualidad."),
    )  # fmt: skip
    return _done(request, form, page, act)


def present(request: HttpRequest, bond: UUID) -> HttpResponse:
    """Record the policy presented, or the one that restores what was drawn."""
    entry = the_one(bonds(id=bond))
    form = PolicyForm(request.POST or None)

    def act(given: dict[str, Any]) -> BondEntry:
        step = services.restore if entry.life.state == "drawn" else services.present
        return step(entry.id, services.read_policy(form.policy()), on=today(), by=person_of(request).email)

    return _done(request, form, _page(entry, _("Registrar la póliza presentada"), Button(_("Registrar"))), act)


def decide(request: HttpRequest, bond: UUID) -> HttpResponse:
    """Approve or object what was presented."""
    entry = the_one(bonds(id=bond))
    form = DecideForm(request.POST or None)

    def act(given: dict[str, Any]) -> BondEntry:
        approved = request.POST.get("decision") == "approve"
        return services.decide(
            entry.id,
            approved=approved,
            act=given["acto"],
            reason=given["motivo"],
            on=today(),
            by=person_of(request).email,
        )

    buttons = (Button(_("Aprobar"), value="approve"), Button(_("Objetar"), value="object", tone="stop"))
    return _done(request, form, _page(entry, _("Aprobar u objetar la póliza"), *buttons), act)


def draw(request: HttpRequest, bond: UUID) -> HttpResponse:
    """Record that the policy was made effective."""
    entry = the_one(bonds(id=bond))
    form = DrawForm(request.POST or None)

    def act(given: dict[str, Any]) -> BondEntry:
        typed = typed_number(given["valor"])
        pesos = int(typed) if typed.isascii() and typed.isdigit() else 0
        return services.draw(entry.id, pesos=pesos, act=given["acto"], on=today(), by=person_of(request).email)

    button = Button(_("Registrar"), tone="stop")
    return _done(request, form, _page(entry, _("Registrar que se hizo efectiva"), button), act)


def coherence(request: HttpRequest) -> HttpResponse:
    """A title's year side by side, each difference with its amount."""
    title, typed = request.GET.get("placa", ""), request.GET.get("dia", "")
    context: dict[str, Any] = {
        "may_open": may(request, "validation_open"), "title": title[:40], "day": typed or today().isoformat(),
        "found": None, "refused": "",
    }  # fmt: skip
    if title:
        try:
            context["found"] = year_of(title, on=date.fromisoformat(typed) if typed else today())
        except DomainError as refused:
            context["refused"] = refused.message
        except ValueError:
            context["refused"] = _("Esa fecha no existe. Escríbala como AAAA-MM-DD.")
    if context["found"] and (form := asked_for(request)):
        return exported(year_table(context["found"]), name="ano-del-titulo", form=form)
    return render(request, "hub/bonds/coherence.html", context, status=422 if context["refused"] else 200)


def _done(
    request: HttpRequest, form: forms.Form, page: FormPage, act: Callable[[dict[str, Any]], BondEntry]
) -> HttpResponse:
    """The form, or what its act did: the bond's page with what the policy lacks."""
    if form.is_valid():
        try:
            entry = act(form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            for finding in entry.life.events[-1].findings:
                messages.warning(request, f"{finding.code} · {finding.message}")
            messages.success(request, _("El paso quedó registrado."))
            return redirect("bond_life", bond=entry.id)
    return page.respond(request, form)


def _page(entry: BondEntry, title: str, *buttons: Button) -> FormPage:
    facts = (
        (_("Título"), entry.title_code),
        (_("Anualidad"), f"{entry.life.annuity.start} – {entry.life.annuity.end}"),
    )
    back = reverse("bond_life", args=[entry.id])
    return FormPage(title=title, back=back, back_label=entry.title_code, buttons=buttons, facts=facts)


def _row(entry: BondEntry, day: date) -> dict[str, Any]:
    found = list(alerts(entry.life, on=day, needed=services.needed_now(entry)))
    return {"entry": entry, "alerts": found, "policy": entry.life.policy, "answer": entry.answer}


def _steps(life: Life) -> list[tuple[str, str]]:
    named = {
        "presented": ("bond_present", _("Registrar la póliza presentada")),
        "restored": ("bond_present", _("Registrar la que la repone")),
        "approved": ("bond_decide", _("Aprobar u objetar")),
        "drawn": ("bond_draw", _("Registrar que se hizo efectiva")),
    }
    return [step for kind, step in named.items() if life.admits(kind)]  # type: ignore[arg-type]
