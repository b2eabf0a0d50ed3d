"""May's renewals: which registrations of traders, plants, consumers and exporters have no version since this May.

One is renewed, or ended, by the act of ANM that says so. A subsistence miner's is the mayor's (`hub.mayor`).
"""

from datetime import date, datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import bounds, today
from veta.hub.desk.people import Names
from veta.hub.desk.places import town_names
from veta.hub.desk.tables import Cell, Table, asked_for, columns, whole
from veta.hub.typed import DayInput
from veta.kernel.errors import DomainError
from veta.registry.domain import Act, RegistrationVersion
from veta.registry.queries import public_names_of, registration_history
from veta.registry.queries.desk import LAST, Renewal
from veta.registry.queries.desk import renewals as renewals_of
from veta.registry.services.registrations import end_registration, renew_registration
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage

NORM = "DUR 1073 de 2015 art. 2.2.5.6.1.4.1"
MAY = 5


class RenewalForm(forms.Form):
    """The act that renews a registration or ends it."""

    acto = forms.CharField(label=gettext_lazy("Acto de la ANM: número y fecha"), max_length=150)
    fuente = forms.CharField(label=gettext_lazy("Dónde se leyó"), max_length=200)
    desde = forms.DateField(label=gettext_lazy("Desde"), widget=DayInput())
    hasta = forms.DateField(
        label=gettext_lazy("Vigente hasta, si el acto lo dice"), widget=DayInput(), required=False,
        help_text=gettext_lazy("Solo al renovar."),
    )  # fmt: skip

    def act(self, by: str) -> Act:
        """The act as the registry keeps it."""
        return Act(reference=self.cleaned_data["acto"], source=self.cleaned_data["fuente"], recorded_by=by)


def renewals(request: HttpRequest) -> HttpResponseBase:
    """Those that lack this year's renewal, or those that have it."""
    renewed = request.GET.get("ver") == "renovadas"
    since, year = _since(today())

    def listed(part: HttpRequest, limit: int) -> Table:
        after = paging.id_after(part, LAST)
        found = renewals_of(since=since, on=today(), renewed=renewed, after=after, limit=limit + 1)
        return _table(part, found, limit=limit, renewed=renewed)

    if form := asked_for(request):
        return whole(request, listed, name=f"renovaciones-{year}", form=form)
    table = listed(request, paging.PAGE)
    may_decide = may(request, "desk_renewal", "POST")
    context = {"table": table, "year": year, "renewed": renewed, "norm": NORM, "may_decide": may_decide}
    return render(request, "hub/desk/renewals.html", context)


def _since(on: date) -> tuple[datetime, int]:
    """The start of the last May that began, and its year."""
    year = on.year if on.month >= MAY else on.year - 1
    return bounds(date(year, MAY, 1), date(year, MAY, 1))[0], year


def _table(request: HttpRequest, found: list[Renewal], *, limit: int, renewed: bool) -> Table:
    shown = found[:limit]
    names = Names((each.actor for each in shown), linked=may(request, "desk_actor"))
    acts = may(request, "desk_renewal", "POST")
    badge = Cell(_("renovada"), tone="ok") if renewed else Cell(_("sin renovar"), tone="wait")
    rows = [
        [
            names.cell(each.actor), _role(each, linked=acts), badge,
            Cell(words.instant(each.recorded_at)), Cell(f"{each.valid_from} – {each.valid_to or '…'}"),
        ]
        for each in shown
    ]  # fmt: skip
    more = paging.next_page(request, str(shown[-1].registration)) if len(found) > limit else ""
    heads = columns(_("Quién"), _("Papel"), _("Este año"), _("Última versión registrada"), _("Vigencia"))
    return Table(
        _("Comercializadores, plantas, consumidores y exportadores"), heads, rows, empty=_("Ninguna."), more=more,
        export=paging.as_file(request),
    )  # fmt: skip


def _role(each: Renewal, *, linked: bool) -> Cell:
    url = reverse("desk_renewal", args=[each.registration]) if linked else ""
    return Cell(words.ROLES.get(each.role, each.role), url=url)


def renewal(request: HttpRequest, registration: UUID) -> HttpResponse:
    """Renew a registration as it stands, or end it, by its act."""
    version = next(iter(registration_history(registration)), None)
    if version is None or version.role == "producer" or version.status != "active":
        raise Http404
    form = RenewalForm(request.POST or None, initial={"desde": today()})
    if form.is_valid():
        try:
            said = _recorded(version, form, request)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, said)
            return redirect("desk_renewals")
    page = FormPage(
        title=_("Renovar o terminar una inscripción"), back=reverse("desk_renewals"),
        back_label=_("Renovaciones de mayo"), facts=_facts(version),
        buttons=(Button(_("Renovar"), "renew"), Button(_("Terminar"), "end", "stop")),
        lead=_("Al renovar queda como está, desde el día que diga el acto. Al terminar, deja de contar desde ese día."),
    )  # fmt: skip
    return page.respond(request, form)


def _recorded(version: RegistrationVersion, form: RenewalForm, request: HttpRequest) -> str:
    given, act = form.cleaned_data, form.act(person_of(request).email)
    if request.POST.get("decision") == "end":
        end_registration(version, act, on=given["desde"])
        return _("La inscripción quedó terminada.")
    renew_registration(version, act, on=given["desde"], until=given["hasta"])
    return _("La inscripción quedó renovada.")


def _facts(version: RegistrationVersion) -> tuple[tuple[str, str], ...]:
    towns = town_names(version.municipalities)
    return (
        (_("Quién"), public_names_of([version.actor]).get(version.actor, "—")),
        (_("Papel"), str(words.ROLES.get(version.role, version.role))),
        (_("Minerales"), ", ".join(sorted(map(words.commodity_name, version.minerals))) or _("Todos")),
        (_("Municipios"), ", ".join(sorted(towns.values())) or _("Todos")),
        (_("Vigencia"), f"{version.valid_from} – {version.valid_to or '…'}"),
    )
