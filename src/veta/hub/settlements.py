"""The authority's desk of royalties: each title's quarter from draft to payment, with what falls due first."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.certificates.domain.royalties import differences
from veta.certificates.queries import certified_of_title
from veta.hub.bond_form import MARKETS
from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.tables import Table, asked_for, whole
from veta.hub.found import the_one
from veta.hub.obligation_tables import settlement_table
from veta.hub.royalties import royalty_paper
from veta.hub.royalty_form import DEPOSITS, quarter_choices
from veta.hub.templatetags.figures import figure, mineral_name
from veta.hub.typed import DayInput, typed_number
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.norms.catalogue import catalogue
from veta.prices.domain.figures import micros_of
from veta.registry.domain import TitleVersion, version_on
from veta.registry.queries import documents_of, kinds_of, municipalities, public_names_of, titles_by_code
from veta.royalties import services
from veta.royalties.domain.reading import read_quarter
from veta.royalties.queries import (
    SettlementEntry,
    case_from_ledger,
    payment_proof,
    settlements,
    settlements_standing,
)
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

NOTICE_DAYS = 5


class DeclareForm(forms.Form):
    """Which holder signs."""

    titular = forms.ChoiceField(label=gettext_lazy("Titular que firma"))

    def __init__(self, data: Any, *, holders: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["titular"] = forms.ChoiceField(label=gettext_lazy("Titular que firma"), choices=holders)


class PaymentForm(forms.Form):
    """A payment and its proof."""

    comprobante = forms.CharField(label=gettext_lazy("Número del comprobante"), max_length=80)
    pagado = forms.DateField(label=gettext_lazy("Fecha de pago"), widget=DayInput())
    valor = forms.CharField(label=gettext_lazy("Valor pagado, en pesos"), max_length=24)
    banco = forms.CharField(label=gettext_lazy("Banco"), max_length=120, required=False)


class DraftForm(forms.Form):
    """The title and quarter whose draft the ledger fills, and what no record holds of its lines."""

    titulo = forms.CharField(label=gettext_lazy("Placa del título"), max_length=40)
    trimestre = forms.ChoiceField(label=gettext_lazy("Trimestre"))
    mercado = forms.ChoiceField(
        label=gettext_lazy("Mercado, si la resolución lo distingue"), choices=MARKETS, required=False
    )
    zona = forms.CharField(label=gettext_lazy("Zona, si la resolución la distingue"), max_length=80, required=False)
    yacimiento = forms.ChoiceField(label=gettext_lazy("Yacimiento, en oro"), choices=DEPOSITS, required=False)
    carbon_anual = forms.CharField(
        label=gettext_lazy("Carbón del año, todos sus títulos, en t"), max_length=24, required=False
    )

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data)
        quarters = forms.ChoiceField(label=gettext_lazy("Trimestre"), choices=quarter_choices(on))
        self.fields["trimestre"] = quarters

    def said(self) -> dict[str, str]:
        """What was chosen for every line."""
        given = self.cleaned_data
        fields = {
            "market": given["mercado"], "zone": given["zona"], "deposit": given["yacimiento"],
            "holder_year_tonnes": typed_number(given["carbon_anual"]),
        }  # fmt: skip
        return {name: value for name, value in fields.items() if value}


def draft(request: HttpRequest) -> HttpResponse:
    """Keep a draft of a title's quarter with what the ledger counted as extracted."""
    form = DraftForm(request.POST or None, on=today())
    if form.is_valid():
        try:
            kept = _drafted(form, by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El borrador quedó guardado con lo que cuenta el libro."))
            return redirect("settlement", settlement=kept.id)
    page = FormPage(
        title=_("Llenar un borrador con el libro"), back=reverse("settlement_desk"),
        back_label=_("Liquidaciones de regalías"), buttons=(Button(_("Guardar el borrador")),),
        lead=_("Se toma lo que los movimientos cuentan como extraído, por mineral, municipio y mes."),
    )  # fmt: skip
    return page.respond(request, form)


def _drafted(form: DraftForm, *, by: str) -> SettlementEntry:
    code, quarter = title_code(form.cleaned_data["titulo"]), read_quarter(form.cleaned_data["trimestre"])
    if not titles_by_code([code]):
        raise DomainError(_("El registro no tiene ese título. Revise la placa."))
    if quarter is None:
        raise DomainError(_("Elija un trimestre de la lista."))
    case = case_from_ledger(code, quarter, said=form.said())
    if not case["lines"]:
        raise DomainError(_("El libro no cuenta nada extraído de ese título en ese trimestre."))
    return services.save_draft(case, by=by)


def desk(request: HttpRequest) -> HttpResponseBase:
    """Every settlement, those that fall due first before the others; overdue and near ones say so.

    `comprobante` looks a proof of payment up.
    """
    if form := asked_for(request):
        return whole(request, _listed, name="liquidaciones", form=form, part=paging.COUNTED)
    number = request.GET.get("comprobante", "").strip()[:80]
    rows, more = _standing(request, paging.PAGE)
    context = {
        "rows": rows, "number": number, "proof": payment_proof(number) if number else None,
        "more": more, "may_draft": may(request, "settlement_draft", "POST"),
    }  # fmt: skip
    return render(request, "hub/royalties/desk.html", context, status=404 if number and not context["proof"] else 200)


def _standing(request: HttpRequest, limit: int) -> tuple[list[dict[str, Any]], str]:
    start = paging.number_after(request)
    found = settlements_standing(skip=start, limit=limit + 1)
    rows = [{"entry": entry, **due_of(entry, today())} for entry in found[:limit]]
    return rows, paging.next_number(request, start, len(found), limit=limit)


def _listed(request: HttpRequest, limit: int) -> Table:
    rows, more = _standing(request, limit)
    return replace(settlement_table((row["entry"], row["due"]) for row in rows), more=more)


def settlement(request: HttpRequest, settlement: UUID) -> HttpResponse:
    """A quarter: its last answer, its steps, what may follow."""
    entry = the_one(settlements(id=settlement))
    signed = [event["signed_by"] for event in entry.events if event["signed_by"]]
    context = {
        "entry": entry, "answer": entry.answer, "names": public_names_of(signed), "certificates": _certificates(entry),
        "may_write": may(request, "settlement_declare", "POST"),
        **due_of(entry, today()),
    }  # fmt: skip
    return render(request, "hub/royalties/settlement.html", context)


def _certificates(entry: SettlementEntry) -> list[Finding]:
    """Where the quarter's certificates of origin and what it declares differ (CER-001); a title without any says
    nothing. A line in another unit than the mineral's is left out."""
    quarter = entry.quarter
    certified = certified_of_title(entry.title_code, start=quarter.start, end=quarter.end)
    declared: dict[str, int] = {}
    for line in entry.answer.get("lines", []):
        mineral = catalogue().mineral(line["mineral"])
        if mineral is not None and mineral.unit == line["unit"]:
            micros = micros_of(line["quantity"]) or 0
            declared[line["mineral"]] = declared.get(line["mineral"], 0) + micros * mineral.factor // 10**6
    return differences(certified, declared) if certified else []


def paper(request: HttpRequest, settlement: UUID) -> HttpResponse:
    """The settlement's form as PDF, with who signed it."""
    entry = the_one(settlements(id=settlement))
    signed = next((event["signed_by"] for event in reversed(entry.events) if event["signed_by"]), None)
    signer = public_names_of([signed]).get(signed, "") if signed else ""
    made = royalty_paper(entry.answer, signer=signer, declarant=_declarant(entry), destinations=_destinations(entry))
    response = HttpResponse(made, content_type="application/pdf")
    name = f"regalias-{entry.title_code}-{entry.quarter_name}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def declare(request: HttpRequest, settlement: UUID) -> HttpResponse:
    """Record the declaration that a holder signed."""
    entry = the_one(settlements(id=settlement))
    form = DeclareForm(request.POST or None, holders=_holders(entry))
    if form.is_valid():
        try:
            services.declare(entry.id, signer=UUID(form.cleaned_data["titular"]), by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("La declaración quedó registrada."))
            return redirect("settlement", settlement=entry.id)
    lead = entry.answer.get("truth", "")
    return _page(entry, _("Registrar la declaración"), Button(_("Declarar")), lead=lead).respond(request, form)


def pay(request: HttpRequest, settlement: UUID) -> HttpResponse:
    """Record a payment; its number then stands as proof before an export."""
    entry = the_one(settlements(id=settlement))
    form = PaymentForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            _paid, findings = services.pay(
                entry.id, proof_number=given["comprobante"], paid_on=given["pagado"], bank=given["banco"],
                paid_cop=typed_number(given["valor"]), by=person_of(request).email,
            )  # fmt: skip
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            for finding in findings:
                messages.warning(request, f"{finding.code} · {finding.message}")
            messages.success(request, _("El pago quedó registrado."))
            return redirect("settlement", settlement=entry.id)
    return _page(entry, _("Registrar el pago"), Button(_("Registrar"))).respond(request, form)


def _page(entry: SettlementEntry, title: str, *buttons: Button, lead: str = "") -> FormPage:
    facts = ((_("Título"), entry.title_code), (_("Trimestre"), entry.quarter_name))
    back = reverse("settlement", args=[entry.id])
    return FormPage(title=title, back=back, back_label=entry.title_code, buttons=buttons, facts=facts, lead=lead)


def _title(entry: SettlementEntry) -> TitleVersion | None:
    return version_on(titles_by_code([entry.title_code]).get(entry.title_code, []), entry.quarter.end)


def _holders(entry: SettlementEntry) -> list[tuple[str, str]]:
    title = _title(entry)
    actors = [actor for actor, _share in title.holders] if title else []
    names = public_names_of(actors)
    return [(str(actor), names.get(actor, str(actor))) for actor in actors]


def _declarant(entry: SettlementEntry) -> list[tuple[str, str]]:
    """Who declares and where the mine is; a firm with its NIT, a natural person by initials alone."""
    title = _title(entry)
    if title is None:
        return []
    actors = [actor for actor, _share in title.holders]
    names, kinds = public_names_of(actors), kinds_of(actors)
    numbers = documents_of([actor for actor in actors if kinds.get(actor) == "firm"])
    told = [
        f"{names.get(actor, '')}{''.join(f', {d.type} {d.number}' for d in numbers.get(actor, ()))}" for actor in actors
    ]
    places = municipalities()
    towns = ", ".join(places[code].name if code in places else code for code in sorted(title.municipalities))
    return [("Declarante", "; ".join(told)), ("Mina", f"Título {entry.title_code}{f', en {towns}' if towns else ''}")]


def _destinations(entry: SettlementEntry) -> list[tuple[str, str, str]]:
    listed = entry.case.get("destinations", [])
    names = public_names_of([UUID(found["actor"]) for found in listed])
    rows = []
    for found in listed:
        quantity = f"{figure(found['quantity'])} {found['unit']}"
        rows.append((names.get(UUID(found["actor"]), ""), mineral_name(found["mineral"]), quantity))
    return rows


def due_of(entry: SettlementEntry, day: date) -> dict[str, Any]:
    """The due day by the earliest reading, and how an unpaid quarter stands against it."""
    told = entry.answer.get("due")
    if told is None or entry.state == "paid":
        return {"due": None, "left": None, "near": False}
    due = date.fromisoformat(told["earliest"])
    left = (due - day).days
    return {"due": due, "left": left, "near": left <= NOTICE_DAYS}
