"""Versions of titles and works plans: one person enters what the act says, another compares it and approves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.plan_forms import PlanForm, TitleForm
from veta.hub.desk.queue import ACTS
from veta.hub.desk.tables import Cell, Table, asked_for, columns, whole
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.movements.services import grant_differences
from veta.operators.services.hub_keys import hub_signer
from veta.registry.domain import version_on
from veta.registry.queries import plans_of, titles_by_code
from veta.registry.queries.desk import Proposed, proposal, proposals
from veta.registry.services.proposals import approve, propose_plan, propose_title_version, refuse_proposal
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ReasonForm

DECISIONS = {"approved": (gettext_lazy("Aprobada"), "ok"), "refused": (gettext_lazy("Rechazada"), "stop")}


class DecisionForm(ReasonForm):
    """The reason of a refusal; an approval needs none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = _("Motivo, si la rechaza")


def acts(request: HttpRequest) -> HttpResponseBase:
    """What waits and what was decided."""
    if form := asked_for(request):
        return whole(request, _decided, name="titulos-y-planes", form=form, part=paging.COUNTED)
    decided = _decided(request, paging.PAGE)
    waiting = _table(proposals(pending=True), caption=_("Por decidir"))
    return render(
        request,
        "hub/desk/proposals.html",
        {"waiting": waiting, "decided": decided, "may_enter": may(request, "desk_enter_plan", "POST")},
    )


def _decided(request: HttpRequest, limit: int) -> Table:
    start = paging.number_after(request)
    found = proposals(pending=False, skip=start, limit=limit + 1)
    more = paging.next_number(request, start, len(found), limit=limit)
    return _table(found[:limit], caption=_("Decididas, la última primero"), more=more, export="?formato=")


def enter_title(request: HttpRequest) -> HttpResponse:
    """Enter a version of a title that is on record."""
    form = TitleForm(request.POST or None, initial={"placa": request.GET.get("placa", "")})

    def act(by: str) -> UUID:
        return propose_title_version(form.record(), form.act(by))

    lead = _("No cuenta hasta que otra persona la apruebe. Lo que deje vacío queda como está en la versión vigente.")
    return _entered(request, form, _("Ingresar una versión de un título"), act, lead)


def enter_plan(request: HttpRequest) -> HttpResponse:
    """Enter an approved works plan."""
    form = PlanForm(request.POST or None, initial={"placa": request.GET.get("placa", "")})

    def act(by: str) -> UUID:
        return propose_plan(form.record(), form.act(by))

    lead = _("No cuenta hasta que otra persona lo apruebe. Copie los volúmenes del acto, año por año.")
    return _entered(request, form, _("Ingresar un plan de trabajos"), act, lead)


def decide(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Compare what was entered with what holds, and approve or refuse it."""
    found = _found(proposal)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _decide(found, request, form.cleaned_data["reason"])
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, said)
            return redirect("desk_proposals")
    context = {
        "found": found, "form": form, "what": ACTS.get(found.kind, found.kind), "changes": _changes(found),
        "may_decide": may(request, "desk_proposal", "POST"),
        "proposed": words.instant(found.proposed_at), "mine": found.proposed_by.lower() == person_of(request).email,
        "decision": words.badge(DECISIONS, found.decision) if found.decision else None,
    }  # fmt: skip
    return render(request, "hub/desk/proposal.html", context, status=422 if form.errors else 200)


def _decide(found: Proposed, request: HttpRequest, reason: str) -> str:
    by = person_of(request).email
    if request.POST.get("decision") != "approve":
        refuse_proposal(found.id, by=by, reason=reason)
        return _("Quedó rechazada; sigue en el registro, sin efecto.")
    with transaction.atomic():
        approved = approve(found.id, by=by)
        change = approved.change
        moved = grant_differences(change, clock=SystemClock(), signer=hub_signer()) if change is not None else []
    if moved:
        return _("Quedó aprobada; se ajustaron %(number)s cupos ya abiertos.") % {"number": len(moved)}
    return _("Quedó aprobada.")


def _entered(request: HttpRequest, form: forms.Form, title: str, act: Callable[[str], UUID], lead: str) -> HttpResponse:
    if form.is_valid():
        try:
            made = act(person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Quedó ingresada: la decide otra persona."))
            return redirect("desk_proposal", proposal=made)
    page = FormPage(
        title=title, back=reverse("desk_proposals"), back_label=_("Títulos y planes"), lead=lead,
        buttons=(Button(_("Ingresar")),),
    )  # fmt: skip
    return page.respond(request, form)


def _found(id: UUID) -> Proposed:
    found = proposal(id)
    if found is None:
        raise Http404
    return found


def _table(found: list[Proposed], *, caption: str, more: str = "", export: str = "") -> Table:
    rows = [
        [
            Cell(ACTS.get(each.kind, each.kind), url=reverse("desk_proposal", args=[each.id])), Cell(each.title_code),
            Cell(each.payload["act"]["reference"]), Cell(each.proposed_by, soft=words.instant(each.proposed_at)),
            Cell(each.decided_by or "—", soft=words.instant(each.decided_at) if each.decided_at else ""),
            words.badge(DECISIONS, each.decision) if each.decision
            else Cell(_("Por decidir"), tone="wait"),
        ]
        for each in found
    ]  # fmt: skip
    heads = columns(_("Qué"), _("Título"), _("Acto"), _("Ingresó"), _("Decidió"), _("Estado"))
    return Table(caption, heads, rows, empty=_("Ninguna."), more=more, export=export)


def _changes(found: Proposed) -> Table:
    """What is entered beside what holds today, line by line."""
    record = found.payload["record"]
    versions = titles_by_code([found.title_code]).get(found.title_code, [])
    now = today()
    current = version_on(versions, now) or (versions[0] if versions else None)
    if found.kind == "works_plan":
        plan = version_on(plans_of([current.title]).get(current.title, ()), now) if current else None
        return _volumes(record, plan)
    rows = [
        [Cell(label), Cell(_text(getattr(current, name, None))), Cell(_text(record.get(name)))]
        for name, label in _fields()
    ]
    changed = [row for row in rows if row[1].text != row[2].text]
    heads = columns(_("Campo"), _("Hoy"), _("Con esta versión"))
    return Table(_("Lo que cambia; compárelo con el acto"), heads, changed, empty=_("Nada cambia."))


def _fields() -> list[tuple[str, str]]:
    return [
        ("status", _("Estado")), ("stage", _("Etapa")), ("modality", _("Modalidad")), ("minerals", _("Minerales")),
        ("associated", _("Asociados")), ("municipalities", _("Municipios")), ("holders", _("Titulares")),
        ("contract_date", _("Fecha del contrato")), ("inscription_date", _("Inscripción")), ("end_date", _("Termina")),
        ("environmental_instrument", _("Instrumento ambiental")), ("scale", _("Escala")),
        ("valid_from", _("Vigente desde")), ("valid_to", _("Vigente hasta")),
    ]  # fmt: skip


def _text(value: Any) -> str:
    """A field as text; holders as their number and shares, without anybody's name."""
    if value in (None, "", [], (), frozenset()):
        return "—"
    if isinstance(value, list | tuple | set | frozenset):
        parts = [f"{str(each[0])[-8:]} {each[1]} %" if isinstance(each, list | tuple) else str(each) for each in value]
        return ", ".join(sorted(parts))
    return str(value)


def _volumes(record: Any, plan: Any) -> Table:
    before = {(line.mineral, start): n for line in (plan.lines if plan else ()) for start, n in line.volumes.items()}
    after = {(line["mineral"], start): n for line in record["lines"] for start, n in line["volumes"].items()}
    rows = [
        [
            Cell(words.commodity_name(mineral)), Cell(start),
            words.amount(before[mineral, start], mineral) if (mineral, start) in before else Cell("—"),
            words.amount(after[mineral, start], mineral) if (mineral, start) in after else Cell("—"),
            Cell(_("igual"), tone="note") if before.get((mineral, start)) == after.get((mineral, start))
            else Cell(_("cambia"), tone="wait"),
        ]
        for mineral, start in sorted(before.keys() | after.keys())
    ]  # fmt: skip
    heads = columns(
        _("Mineral"), _("Año que empieza el"), _("Hoy"), _("Con este plan"), _("Diferencia"), figures=[2, 3]
    )
    return Table(_("Volúmenes; compárelos con el acto"), heads, rows)
