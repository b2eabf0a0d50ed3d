"""A client's branches and scales: recorded, given another facility, calibrated, closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.node.domain.spoken import moment
from veta.node.models import Branch, Calibration, CalibrationPaper, Client, Device, Scale
from veta.node.pages.joining_forms import saved
from veta.node.pages.places_forms import BranchForm, CloseForm, FacilityForm, ScaleForm
from veta.node.pages.towns import ask_where_none
from veta.node.queries.branches import branches_of, facilities, open_branches
from veta.node.queries.devices import phones_of
from veta.node.queries.members import client_for
from veta.node.queries.named import town_name
from veta.node.roles import NodeRole
from veta.node.services import branches as services
from veta.node.services.phones import retire
from veta.node.services.scales import record_calibration
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage, Text
from veta.site.forms import ConfirmForm


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """A scale with the calibration that counts; `lapsed`: it serves no more, or there is none."""

    scale: Scale
    last: Calibration | None
    lapsed: bool


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch as it stands."""

    branch: Branch
    town: str
    facility: str
    scales: list[ScaleLine]
    devices: list[Device]

    @property
    def closed(self) -> bool:
        return hasattr(self.branch, "closing")


def places(request: HttpRequest, client: UUID) -> HttpResponse:
    """The client's branches with their scales and devices, and a form for each."""
    found = _managed(request, client)
    which = request.POST.get("acto")
    branch = BranchForm(request.POST if which == "sede" else None, prefix="sede")
    given = (request.POST, request.FILES) if which == "bascula" else ()
    scale = ScaleForm(*given, prefix="bascula", branches=open_branches(found.id))
    if branch.is_valid():
        said = branch.cleaned_data
        services.open_branch(found, name=said["nombre"], municipality=said["municipio"], facility=said["instalacion"])
        return redirect("node_places", client=found.id)
    if scale.is_valid() and saved(scale, lambda: record_calibration(*scale.said(), by=person_of(request))) is not None:
        return redirect("node_places", client=found.id)
    ask_where_none()
    context = {
        "client": found, "lines": list(lines_of(found)), "phones": phones_of(found.id), "branch_form": branch,
        "scale_form": scale, "refused": bool(branch.errors or scale.errors),
    }  # fmt: skip
    return render(request, "node/places.html", context, status=422 if context["refused"] else 200)


def lines_of(client: Client) -> Iterator[BranchLine]:
    """Each branch, the open ones first."""
    every = sorted(branches_of(client.id), key=lambda branch: hasattr(branch, "closing"))
    has, today = facilities(every), bogota_date(SystemClock().now())
    dated = Calibration.objects.filter(scale__branch__in=every).select_related("paper").defer("paper__content")
    last = {each.scale_id: each for each in dated.order_by("calibrated_on", "id")}
    for branch in every:
        scales = [_line(each, last.get(each.id), today) for each in branch.scales.order_by("serial")]
        yield BranchLine(branch, town_name(branch.municipality), has[branch.id], scales, list(branch.devices.all()))


def _line(scale: Scale, last: Calibration | None, today: date) -> ScaleLine:
    return ScaleLine(scale, last, last is None or last.due_on < today)


def facility(request: HttpRequest, client: UUID, branch: UUID) -> HttpResponse:
    """Give a branch another plant, store or mine, or take it away."""
    found = _managed(request, client)
    held = get_object_or_404(open_branches(found.id), pk=branch)
    form = FacilityForm(request.POST or None, initial={"instalacion": facilities([held])[held.id]})
    if request.method == "POST" and form.is_valid():
        services.change_facility(held, form.cleaned_data["instalacion"], by=person_of(request))
        messages.success(request, _("Quedó anotado. Lo ya capturado no cambia."))
        return redirect("node_places", client=found.id)
    return _page(found, held, _("Cambiar la instalación"), Button(_("Guardar"))).respond(request, form)


def close(request: HttpRequest, client: UUID, branch: UUID) -> HttpResponse:
    """Close a branch: what follows, and what stays in it, is said before."""
    found, today = _managed(request, client), bogota_date(SystemClock().now())
    held = get_object_or_404(open_branches(found.id), pk=branch)
    form = CloseForm(request.POST or None, initial={"ultimo": today})
    if form.is_valid() and saved(
        form,
        lambda: services.close_branch(held, last_day=form.cleaned_data["ultimo"], today=today, by=person_of(request)),
    ):
        messages.success(request, _("La sede quedó cerrada; su historia sigue en los libros."))
        return redirect("node_places", client=found.id)
    line = next(each for each in lines_of(found) if each.branch == held)
    page = _page(found, held, _("Cerrar la sede"), Button(_("Cerrar la sede"), tone="stop"), facts=tuple(_left(line)))
    return page.respond(request, form)


def retire_phone(request: HttpRequest, client: UUID, device: UUID) -> HttpResponse:
    """Take a phone out of use: lost, given away, or no more at the counter."""
    found = _managed(request, client)
    held = get_object_or_404(phones_of(found.id).filter(end__isnull=True), pk=device)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        retire(held, by=person_of(request))
        messages.success(request, _("El teléfono quedó retirado: se borra solo en su próximo contacto."))
        return redirect("node_places", client=found.id)
    page = FormPage(
        title=_("Retirar el teléfono"), back=reverse("node_places", args=[found.id]), back_label=_("Sedes y básculas"),
        buttons=(Button(_("Retirar"), tone="stop"),),
        lead=_(
            "En su próximo contacto entrega lo que tenga sin enviar y borra lo que guarda del cliente. Mientras quien"
            " lo usaba conserve su rol, puede abrir la página en él y se inscribe de nuevo: si está perdido o ya no"
            " debe usarse, retire también ese rol en Personas."
        ),
        facts=((_("Teléfono"), held.name), (_("Desde"), moment(held.enrolled_at))),
    )  # fmt: skip
    return page.respond(request, form)


def calibration_paper(request: HttpRequest, client: UUID, calibration: UUID) -> HttpResponse:
    """The certificate of a calibration, as it was brought."""
    found = _managed(request, client)
    kept = CalibrationPaper.objects.filter(calibration=calibration, calibration__scale__branch__client=found).first()
    if kept is None:
        raise Http404
    response = HttpResponse(kept.content, content_type=kept.media_type)
    response["Content-Disposition"] = f'attachment; filename="calibracion-{calibration}.{kept.media_type[-3:]}"'
    return response


def _managed(request: HttpRequest, client: UUID) -> Client:
    return client_for(person_of(request).id, client, NodeRole.OWNER)


def _page(
    client: Client, branch: Branch, title: str, button: Button, facts: tuple[tuple[Text, Text], ...] = ()
) -> FormPage:
    return FormPage(
        title=title, back=reverse("node_places", args=[client.id]), back_label=_("Sedes y básculas"), buttons=(button,),
        lead=f"{branch.name} · {town_name(branch.municipality)}", facts=facts,
    )  # fmt: skip


def _left(line: BranchLine) -> Iterator[tuple[Text, Text]]:
    """What closing a branch does, and to what."""
    yield _("Desde entonces"), _("No se captura nada nuevo allí. No se deshace: si vuelve a abrir, agréguela de nuevo.")
    yield _("Lo ya capturado"), _("Sigue en pie, en los libros y ante la PTM.")
    if line.scales:
        names = ", ".join(each.scale.serial for each in line.scales)
        yield (
            _("Sus básculas"),
            _("%(names)s. Dejan de ofrecerse; si pesan en otra sede, anótelas allí.") % {"names": names},
        )
    if line.devices:
        names = ", ".join(each.name for each in line.devices)
        yield (
            _("Sus teléfonos"),
            _("%(names)s. Envíe antes lo que tengan por enviar; lo que llegue después se guarda.") % {"names": names},
        )
