"""Who works in this node, at the operator's desk and for each client: let in, given another role, let go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from veta.node.domain.spoken import moment
from veta.node.models import Membership
from veta.node.pages.joining_forms import DeskForm, MemberForm, RoleForm, saved
from veta.node.queries.members import client_for
from veta.node.roles import LABELS, NodeRole
from veta.node.services import members
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage, Text
from veta.site.forms import ConfirmForm
from veta.site.models import User

PAST = 50


def people(request: HttpRequest, client: UUID) -> HttpResponse:
    """Who works for the client and who did, and a form for one more."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    form = MemberForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        made = saved(
            form,
            lambda: members.add_member(
                email=given["correo"], name=given["nombre"], role=NodeRole(given["rol"]), client=found,
                by=person_of(request),
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(
                request, _("Quedó con ese rol. Si la cuenta es nueva, entra por «¿Olvidó su contraseña?».")
            )
            return redirect("node_people", client=found.id)
    held = Membership.objects.filter(client=found)
    context = {"client": found, "rows": _rows(_now(held)), "past": _rows(_past(held)), "form": form}
    return render(request, "node/people.html", context, status=422 if form.errors else 200)


def leave(request: HttpRequest, client: UUID, membership: UUID) -> HttpResponse:
    """Take a person's role away."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    held = get_object_or_404(_now(Membership.objects.filter(client=found)), pk=membership)
    return _leave(request, held, reverse("node_people", args=[found.id]), found.name)


def change(request: HttpRequest, client: UUID, membership: UUID) -> HttpResponse:
    """Give a person of the client another role in place of the one held."""
    found = client_for(person_of(request).id, client, NodeRole.OWNER)
    held = get_object_or_404(_now(Membership.objects.filter(client=found)), pk=membership)
    back, form = reverse("node_people", args=[found.id]), RoleForm(request.POST or None, initial={"rol": held.role})
    if form.is_valid():
        given = NodeRole(form.cleaned_data["rol"])
        if saved(form, lambda: members.change_role(held, given, by=person_of(request))) is not None:
            if held.user_id == person_of(request).pk:
                messages.success(request, _("Quedó con el rol nuevo."))
                return redirect("node_client", client=found.id)
            messages.success(request, _("Quedó con el rol nuevo. Sus sesiones abiertas terminaron."))
            return redirect(back)
    page = FormPage(
        title=_("Cambiar el rol"), back=back, back_label=found.name, buttons=(Button(_("Cambiar")),),
        facts=tuple(_facts(held)),
    )  # fmt: skip
    return page.respond(request, form)


def desk(request: HttpRequest) -> HttpResponse:
    """Who works at the operator's desk, who did, and who let them in and out."""
    held = Membership.objects.filter(role=NodeRole.DESK.value)
    rows = _rows(_now(held))
    context = {"rows": rows, "past": _rows(_past(held)), "last": len(rows) == 1}
    return render(request, "node/desk.html", context)


def desk_add(request: HttpRequest) -> HttpResponse:
    """Let a person into the desk."""
    form = DeskForm(request.POST or None)
    if form.is_valid():
        given, by = form.cleaned_data, person_of(request)
        made = saved(form, lambda: _into_desk(given["correo"], given["nombre"], by))
        if made is not None:
            messages.success(
                request,
                _("Quedó en la mesa. Si la cuenta es nueva, entra por «¿Olvidó su contraseña?» y activa su segundo "
                  "factor: sin él no ve nada."),
            )  # fmt: skip
            return redirect("node_desk")
    page = FormPage(
        title=_("Agregar a la mesa"), back=reverse("node_desk"), back_label=_("Mesa del operador"),
        buttons=(Button(_("Agregar")),), lead=_("Quien está en la mesa ve y maneja a todos los clientes."),
    )  # fmt: skip
    return page.respond(request, form)


def desk_leave(request: HttpRequest, membership: UUID) -> HttpResponse:
    """Let a person of the desk go; never the last one."""
    held = get_object_or_404(_now(Membership.objects.filter(role=NodeRole.DESK.value)), pk=membership)
    return _leave(request, held, reverse("node_desk"), _("Mesa del operador"))


def _into_desk(email: str, name: str, by: User) -> User:
    return members.add_member(email=email, name=name, role=NodeRole.DESK, client=None, by=by)


def _leave(request: HttpRequest, held: Membership, back: str, back_label: str) -> HttpResponse:
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and saved(form, lambda: _ended(held, person_of(request))):
        messages.success(request, _("El rol quedó retirado."))
        return redirect("home" if held.user_id == person_of(request).pk else back)
    page = FormPage(
        title=_("Retirar el rol"), back=back, back_label=back_label, buttons=(Button(_("Retirar"), tone="stop"),),
        lead=_("Desde ahora no entra con ese rol y sus sesiones abiertas terminan. Lo que hizo queda a su nombre."),
        facts=tuple(_facts(held)),
    )  # fmt: skip
    return page.respond(request, form)


def _ended(held: Membership, by: User) -> bool:
    members.end_membership(held, by=by)
    return True


def _facts(held: Membership) -> Iterable[tuple[Text, Text]]:
    yield _("Persona"), f"{held.user.name} · {held.user.email}"
    yield _("Rol"), LABELS[NodeRole(held.role)]
    yield _("Desde"), moment(held.granted_at)


def _now(held: QuerySet[Membership]) -> QuerySet[Membership]:
    return held.filter(end__isnull=True).select_related("user", "client", "granted_by").order_by("user__name", "id")


def _past(held: QuerySet[Membership]) -> QuerySet[Membership]:
    ended = held.filter(end__isnull=False).select_related("user", "granted_by", "end__ended_by")
    return ended.order_by("-end__ended_at")[:PAST]


def _rows(held: Iterable[Membership]) -> list[tuple[Membership, Promise]]:
    """Each with its role in words."""
    found: Any = [(each, LABELS[NodeRole(each.role)]) for each in held]
    return list(found)
