"""The desk that reads «No fui yo»: one role, a purpose said and kept at each look, and no count anywhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.miner import answers
from veta.hub.miner.checks import checks_of
from veta.hub.miner.shown import sale_of
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.queries.purchases import purchases_named
from veta.registry.queries import contacts_of, names_of
from veta.site.caller import person_of
from veta.site.purpose import purpose_required
from veta.storage.connection import plain_cursor


class CheckForm(forms.Form):
    """The objective check that a measure will cite."""

    comprobacion = forms.ChoiceField(label=gettext_lazy("Comprobación que cita la medida"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comprobacion"].choices = choices  # type: ignore[attr-defined]


@purpose_required("desk")
def reports(request: HttpRequest, desk: UUID) -> HttpResponse:
    """What was denied, newest first: the sale and its day, nobody's name."""
    found = answers.reports(today=bogota_date(SystemClock().now()))
    sales = purchases_named(plain_cursor(), [report.movement for report in found])
    rows = [(report, sale_of(sales[report.movement], "")) for report in found if report.movement in sales]
    return render(request, "miner/reports.html", {"rows": rows})


@purpose_required("report")
def report(request: HttpRequest, report: UUID) -> HttpResponse:
    """One report, and the objective checks of the buyer that hold today; what is cited is kept, sealed."""
    now = SystemClock().now()
    found = answers.report_of(report, today=bogota_date(now))
    if found is None:
        raise Http404
    purchase = purchases_named(plain_cursor(), [found.movement])[found.movement]
    checks = checks_of(purchase.buyer, now=now)
    choices = [(check.code, check.text) for check in checks]
    form = CheckForm(request.POST or None, choices=choices)
    if form.is_valid():
        text = dict(choices)[form.cleaned_data["comprobacion"]]
        answers.note(found, text=text, by=person_of(request).email, now=now)
        messages.success(request, _("Quedó anotado. Cite en la medida solo esa comprobación."))
        return redirect("miner_report", report=report)
    names = names_of([purchase.buyer, found.actor])
    context = {
        "report": found, "sale": sale_of(purchase, names.get(purchase.buyer, "")), "person": names.get(found.actor, ""),
        "contact": contacts_of([found.actor]).get(found.actor), "form": form, "checks": checks,
        "done": answers.done_about(found, today=bogota_date(now)),
    }  # fmt: skip
    return render(request, "miner/report.html", context, status=422 if form.errors else 200)
