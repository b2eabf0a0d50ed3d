"""The authority's acts over lots: what a suspension would touch is seen first; one proposes, another decides."""

import json
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

from veta.hub.desk import paging, words
from veta.hub.desk.act_forms import AccreditForm, ActForm, FoundAnywhereForm, SeizureForm, SuspensionForm, read_lots
from veta.hub.desk.act_words import act_table, facts_of, gone_table, touched_table
from veta.hub.desk.allowed import may
from veta.hub.desk.people import Names
from veta.hub.desk.proposals import DecisionForm
from veta.hub.desk.tables import Table, asked_for, exported, whole
from veta.hub.desk.verdicts import explained
from veta.hub.templatetags.figures import figure
from veta.hub.typed import typed_number
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.identity import title_code
from veta.ledger.queries import lots as lots_of
from veta.movements.queries import acts, targets
from veta.movements.queries.acts import ActRow, Preview
from veta.movements.services import approve_act, propose_act, refuse_act
from veta.operators.services.hub_keys import hub_signer
from veta.registry.queries import titles_by_code
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.storage.connection import plain_cursor


def desk(request: HttpRequest) -> HttpResponseBase:
    """What waits for a second person, and what was decided."""
    if form := asked_for(request):
        return whole(request, _decided, name="actos", form=form, part=paging.COUNTED)
    decided = _decided(request, paging.PAGE)
    waiting = act_table(acts.waiting_acts(plain_cursor()), caption=_("Por decidir"))
    context = {"waiting": waiting, "decided": decided, "may_propose": may(request, "desk_suspend", "POST")}
    return render(request, "hub/desk/acts.html", context)


def _decided(request: HttpRequest, limit: int) -> Table:
    start = paging.number_after(request)
    found = acts.decided_acts(plain_cursor(), skip=start, limit=limit + 1)
    more = paging.next_number(request, start, len(found), limit=limit)
    return act_table(found[:limit], caption=_("Decididos, el último primero"), more=more, export="?formato=")


def suspend(request: HttpRequest) -> HttpResponse:
    """Name lots, see what suspending them would touch, and propose it."""
    if request.method == "POST":
        form = SuspensionForm(request.POST)
        if form.is_valid() and (done := _proposed(request, "suspension", form, form.words())):
            return done
        text = request.POST.get("lotes", "")
    else:
        text = request.GET.get("lotes", "")[:10_000]
        form = SuspensionForm(initial={"lotes": text})
    wrong, preview = _preview(text)
    context: dict[str, Any] = {"text": text, "form": form, "wrong": wrong, "preview": preview}
    if preview is not None:
        context |= _shown(request, preview)
        if wanted := asked_for(request):
            return exported(context["gone"], name="vista-previa-salidas", form=wanted)
    failed = bool(wrong) or (request.method == "POST" and bool(form.errors))
    return render(request, "hub/desk/suspend.html", context, status=422 if failed else 200)


def lift(request: HttpRequest, act: UUID) -> HttpResponse:
    """Propose that one suspension end, and only that one."""
    found = _found(act)
    if not found.open:
        raise Http404
    page = _page(_("Proponer el levantamiento"), reverse("desk_act", args=[act]), facts_of(found)[:4])
    return _form(request, ActForm(request.POST or None), page, "lift", lambda given: {"suspension": str(act)})


def seize(request: HttpRequest, lot: UUID) -> HttpResponse:
    """Propose the seizure of so much of a lot."""
    page = _page(_("Proponer el decomiso"), reverse("desk_lot", args=[lot]), _facts_of_lot(lot))
    form = SeizureForm(request.POST or None)

    def more(given: dict[str, Any]) -> dict[str, Any]:
        return {"items": [{"lot": str(lot), "quantity": typed_number(given["cantidad"])}]}

    return _form(request, form, page, "seizure", more)


def seize_found(request: HttpRequest) -> HttpResponse:
    """Propose the registration of mineral that was taken and that nobody had reported: it becomes a seized lot."""
    page = _page(_("Registrar un decomiso sin lote"), reverse("desk_acts"), ())
    return _form(request, FoundAnywhereForm(request.POST or None), page, "seizure", lambda given: {})


def accredit(request: HttpRequest, lot: UUID) -> HttpResponse:
    """Propose that a lot's accreditation change."""
    page = _page(_("Proponer otra acreditación"), reverse("desk_lot", args=[lot]), _facts_of_lot(lot))
    form = AccreditForm(request.POST or None)

    def more(given: dict[str, Any]) -> dict[str, Any]:
        named = {"lot": str(lot), "accreditation": given["acreditacion"]}
        return {**named, "origin": _origin(given["placa"])} if given["placa"] else named

    return _form(request, form, page, "accredit", more)


def undo(request: HttpRequest, movement: UUID) -> HttpResponse:
    """Propose that a movement be undone, with the certificates over what it made."""
    if not targets(plain_cursor(), [movement]):
        raise Http404
    page = _page(
        _("Proponer que se deshaga"), reverse("desk_movement", args=[movement]), ((_("Movimiento"), movement),)
    )
    return _form(request, ActForm(request.POST or None), page, "reversal", lambda given: {"movement": str(movement)})


def act(request: HttpRequest, act: UUID) -> HttpResponse:
    """An act with what it would touch, or what became of it; who did not propose it decides."""
    found = _found(act)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, found, form.cleaned_data["reason"])
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("desk_act", act=act)
    verdict = json.loads(found.verdict) if found.verdict else None
    context: dict[str, Any] = {
        "found": found, "form": form, "kind": words.kind_of(found.kind), "facts": facts_of(found),
        "mine": found.proposed_by.lower() == person_of(request).email, "may_decide": may(request, "desk_act", "POST"),
        "findings": explained(verdict["findings"]) if verdict else None,
        "state": words.badge(words.STATES, found.status) if found.status else None,
        "lots": _lots_of(found), "undoes": found.words.get("movement"),
        "reach": figure(str(acts.lots_suspended(plain_cursor(), act))) if found.kind == "suspension" else "",
        "may_lift": found.open and may(request, "desk_lift", "POST"),
    }  # fmt: skip
    if found.kind == "suspension" and found.decision is None:
        context |= _shown(
            request, acts.preview_suspension(plain_cursor(), [UUID(each) for each in found.words["lots"]])
        )
    return render(request, "hub/desk/act.html", context, status=422 if form.errors else 200)


def _lots_of(found: ActRow) -> list[str]:
    """The lots that an act names, and those that it made of what had none."""
    named = [*found.words.get("lots", ()), *(i["lot"] for i in found.words.get("items", ())), found.words.get("lot")]
    if found.verdict and "found" in found.words:
        named += [each["lot"] for each in json.loads(found.verdict)["lots"]]
    return [lot for lot in named if lot]


def _decide(request: HttpRequest, found: ActRow, reason: str) -> None:
    by = person_of(request).email
    if request.POST.get("decision") != "approve":
        refuse_act(found.id, by=by, reason=reason)
        messages.success(request, _("Quedó rechazado; sigue escrito, sin efecto."))
        return
    result = approve_act(found.id, by=by, clock=SystemClock(), signer=hub_signer())
    if json.loads(result.verdict)["status"] == "accepted":
        messages.success(request, _("Quedó aprobado y ya rige."))
    else:
        messages.warning(request, _("Quedó aprobado, pero las reglas lo rechazaron. Vea por qué."))


def _form(
    request: HttpRequest, form: ActForm, page: FormPage, kind: str, more: Callable[[dict[str, Any]], dict[str, Any]]
) -> HttpResponse:
    """The form of an act, or its proposal."""
    if form.is_valid():
        try:
            said = {**form.words(), **more(form.cleaned_data)}
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            if done := _proposed(request, kind, form, said):
                return done
    return page.respond(request, form)


def _proposed(request: HttpRequest, kind: str, form: forms.Form, said: dict[str, Any]) -> HttpResponse | None:
    """The way to the act that was proposed; None where it was refused, which the form then says."""
    try:
        made = propose_act(kind, said, by=person_of(request).email, clock=SystemClock())
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
    messages.success(request, _("Quedó propuesto: lo decide otra persona."))
    return redirect("desk_act", act=made)


def _preview(text: str) -> tuple[str, Preview | None]:
    """What is wrong with the lots that were named, or what suspending them would touch now."""
    if not text.strip():
        return "", None
    try:
        named = read_lots(text)
    except forms.ValidationError as wrong:
        return str(wrong.message), None
    unknown = set(named) - set(lots_of(plain_cursor(), named))
    if unknown:
        return _("No existe el lote %(lot)s. Cópielo de su página.") % {"lot": min(map(str, unknown))}, None
    return "", acts.preview_suspension(plain_cursor(), named)


def _shown(request: HttpRequest, preview: Preview) -> dict[str, Any]:
    names = Names(
        [*(each.holder for each in preview.touched), *(each.author for each in preview.gone)],
        linked=may(request, "desk_actor"),
    )
    countries = sorted({each.country for each in preview.exported if each.country})
    gone: Table = gone_table(preview, names)
    return {
        "preview": preview, "number": figure(str(preview.lots)), "holders": figure(str(preview.holders)),
        "exports": figure(str(len(preview.exported))), "countries": ", ".join(countries),
        "touched": touched_table(preview, names), "gone": gone,
    }  # fmt: skip


def _page(title: str, back: str, facts: Any) -> FormPage:
    return FormPage(
        title=title, back=back, back_label=_("Volver"), buttons=(Button(_("Proponer"), tone="stop"),), facts=facts,
        lead=_("No rige hasta que otra persona lo apruebe."),
    )  # fmt: skip


def _facts_of_lot(lot: UUID) -> tuple[tuple[str, str], ...]:
    row = lots_of(plain_cursor(), [lot]).get(lot)
    if row is None:
        raise Http404
    return (
        (_("Lote"), str(lot)), (_("Mineral"), words.commodity_name(row.commodity)),
        (_("Hoy"), str(words.badge(words.ACCREDITATIONS, row.accreditation).text)),
    )  # fmt: skip


def _origin(code: str) -> dict[str, str]:
    """The origin that a title is. Raises DomainError where it is not on record."""
    wanted = title_code(code)
    versions = titles_by_code([wanted]).get(wanted)
    if not versions:
        raise DomainError(_("Ese título no está en el registro. Revise la placa."))
    return {"kind": versions[0].kind, "code": wanted}


def _found(id: UUID) -> ActRow:
    found = acts.act(plain_cursor(), id)
    if found is None:
        raise Http404
    return found
