"""The administrator's pages: accounts, and the roles that two persons grant."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.kernel.errors import DomainError
from veta.site import queries, services
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import ConfirmForm, InvitationForm, ReasonForm, RoleForm
from veta.site.invitation import send_invitation
from veta.site.models import User
from veta.site.queries import RoleEntry
from veta.site.roles import Role

PEOPLE = 25


def people(request: HttpRequest) -> HttpResponse:
    found = Paginator(queries.people(), PEOPLE).get_page(request.GET.get("pagina"))
    return render(request, "site/people.html", {"people": found})


def person(request: HttpRequest, user: UUID) -> HttpResponse:
    found = get_object_or_404(User.objects.select_related("created_by"), pk=user)
    context = {
        "person": found,
        "grants": queries.role_entries(found.id),
        "enrolled": queries.has_second_factor(found.id),
    }
    return render(request, "site/person.html", context)


def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            user = services.create_account(**form.cleaned_data, created_by=person_of(request))
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            send_invitation(user)
            messages.success(request, _("Se creó la cuenta y se envió la invitación. Ahora pida sus roles."))
            return redirect("person", user=user.id)
    page = FormPage(
        title=_("Crear una cuenta"), back=reverse("people"), back_label=_("Personas"),
        lead=_("La cuenta nace sin roles. Cada rol se pide aparte y lo aprueba otra persona."),
        buttons=(Button(_("Crear y enviar la invitación")),),
    )  # fmt: skip
    return page.respond(request, form)


def invite_again(request: HttpRequest, user: UUID) -> HttpResponse:
    found = get_object_or_404(User, pk=user, is_active=True)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST":
        send_invitation(found)
        messages.success(request, _("Se envió otro enlace para fijar la contraseña."))
        return redirect("person", user=found.id)
    page = _page_of(found, title=_("Enviar otra invitación"), button=Button(_("Enviar")))
    return page.respond(request, form)


def state(request: HttpRequest, user: UUID) -> HttpResponse:
    found = get_object_or_404(User, pk=user)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.set_active(found, active=not found.is_active, by=person_of(request))
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El estado de la cuenta quedó guardado."))
            return redirect("person", user=found.id)
    button = Button(_("Desactivar"), tone="stop") if found.is_active else Button(_("Reactivar"))
    title = _("Desactivar la cuenta") if found.is_active else _("Reactivar la cuenta")
    return _page_of(found, title=title, button=button).respond(request, form)


def propose(request: HttpRequest, user: UUID) -> HttpResponse:
    found = get_object_or_404(User, pk=user)
    form = RoleForm(request.POST or None)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            services.propose_role(
                user=found, role=role, reason=form.cleaned_data["reason"], proposed_by=person_of(request)
            )
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("La petición espera la aprobación de otra persona administradora."))
            return redirect("person", user=found.id)
    page = _page_of(found, title=_("Pedir un rol"), button=Button(_("Pedir el rol")))
    return page.respond(request, form)


def role_queue(request: HttpRequest) -> HttpResponse:
    return render(request, "site/role_queue.html", {"proposals": queries.pending_entries()})


def decide(request: HttpRequest, proposal: UUID) -> HttpResponse:
    entry = _entry_of(proposal)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        granted = request.POST.get("decision") == "grant"
        try:
            services.decide_role(
                proposal, granted=granted, reason=form.cleaned_data["reason"], decided_by=person_of(request)
            )
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El rol quedó concedido.") if granted else _("La petición quedó negada."))
            return redirect("role_queue")
    return _decision_page(entry, person_of(request)).respond(request, form)


def revoke(request: HttpRequest, proposal: UUID) -> HttpResponse:
    entry = _entry_of(proposal)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            services.revoke_role(proposal, reason=form.cleaned_data["reason"], revoked_by=person_of(request))
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("El rol quedó retirado."))
            return redirect("person", user=entry.user)
    page = FormPage(
        title=_("Retirar un rol"), back=reverse("person", args=[entry.user]), back_label=entry.user_name,
        facts=_facts(entry), buttons=(Button(_("Retirar el rol"), tone="stop"),),
    )  # fmt: skip
    return page.respond(request, form)


def _decision_page(entry: RoleEntry, person: User) -> FormPage:
    refuse = Button(_("Negar"), "refuse", "stop")
    lead, buttons = "", [Button(_("Conceder el rol"), "grant"), refuse]
    if entry.proposer == person.id:
        lead = _("Usted pidió este rol: lo aprueba otra persona. Puede retirar la petición.")
        buttons = [Button(_("Retirar la petición"), "refuse", "stop")]
    elif entry.user == person.id:
        lead, buttons = _("El rol es para usted: lo aprueba otra persona."), [refuse]
    return FormPage(
        title=_("Decidir un rol"), back=reverse("role_queue"), back_label=_("Roles por decidir"), lead=lead,
        facts=_facts(entry), buttons=tuple(buttons),
    )  # fmt: skip


def _entry_of(proposal: UUID) -> RoleEntry:
    entry = queries.role_entry(proposal)
    if entry is None:
        raise Http404
    return entry


def _facts(entry: RoleEntry) -> tuple[tuple[str, str], ...]:
    return (
        (_("Persona"), entry.user_name),
        (_("Rol"), str(entry.role_label)),
        (_("Lo pidió"), entry.proposed_by),
        (_("Motivo"), entry.reason),
    )


def _page_of(user: User, *, title: str, button: Button) -> FormPage:
    return FormPage(
        title=title, back=reverse("person", args=[user.id]), back_label=user.name, buttons=(button,),
        facts=((_("Persona"), f"{user.name} · {user.email}"),),
    )  # fmt: skip
