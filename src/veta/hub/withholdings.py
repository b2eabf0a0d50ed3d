"""The desk of royalties withheld on precious metals: each buyer's monthly book, and its list by municipality."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import paging
from veta.hub.desk.allowed import may
from veta.hub.desk.tables import Table, asked_for, exported, whole
from veta.hub.obligation_tables import book_table, month_table
from veta.kernel.errors import DomainError
from veta.kernel.identity import document
from veta.kernel.period import Period, month_of
from veta.kernel.quantity import text_of
from veta.registry.queries import actors_of, kinds_of, municipalities, public_names_of
from veta.royalties.domain.due import due_after
from veta.royalties.queries import BookLine, withholding_book, withholding_months
from veta.royalties.services import withhold_month
from veta.site.caller import person_of


class WithholdForm(forms.Form):
    """The buyer and month whose purchases are withheld on. The document goes in the body, never in an address."""

    comprador = forms.CharField(
        label=gettext_lazy("NIT o documento del comprador"), max_length=24,
        help_text=gettext_lazy("Como «NIT 900500018». Debe estar en el registro."),
    )  # fmt: skip
    mes = forms.DateField(
        label=gettext_lazy("Mes"), input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"})
    )


def desk(request: HttpRequest) -> HttpResponseBase:
    """The months with something withheld; a post withholds on what the ledger counts in a buyer's month."""
    form = WithholdForm(request.POST or None)
    if form.is_valid():
        try:
            buyer = _buyer(form.cleaned_data["comprador"])
            month = form.cleaned_data["mes"]
            done = withhold_month(buyer, month_of(month), by=person_of(request).email)
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Compras con retención nueva: %(count)s.") % {"count": len(done)})
            return redirect("withholding_book", buyer=buyer, month=f"{month:%Y-%m}")
    if kind := asked_for(request):
        return whole(request, _months, name="retenciones", form=kind, part=paging.COUNTED)
    context = {
        "form": form, "table": _months(request, paging.PAGE),
        "may_withhold": may(request, "withholding_desk", "POST"),
    }  # fmt: skip
    return render(request, "hub/royalties/withholdings.html", context, status=422 if form.errors else 200)


def _months(request: HttpRequest, limit: int) -> Table:
    start = paging.number_after(request)
    found = withholding_months(skip=start, limit=limit + 1)
    rows, more = found[:limit], paging.next_number(request, start, len(found), limit=limit)
    return book_table(rows, public_names_of({row.buyer for row in rows}), more=more)


def book(request: HttpRequest, buyer: UUID, month: str) -> HttpResponse:
    """A buyer's month by municipality and metal, and until when it is deposited and reported; as a file too."""
    period = _month(month)
    if not kinds_of([buyer]):
        raise Http404
    lines = withholding_book(buyer, period)
    if form := asked_for(request):
        return exported(month_table(lines), name=f"retenciones-{month}", form=form)
    deposit, report = (due_after(period.end, kind) for kind in ("withholding_deposit", "withholding_list"))
    context = {
        "name": public_names_of([buyer]).get(buyer, ""), "month": month, "period": period, "deposit": deposit,
        "report": report, "rows": [_row(line) for line in lines],
        "total": _pesos(sum(line.withheld_centavos for line in lines)),
    }  # fmt: skip
    return render(request, "hub/royalties/book.html", context)


def _row(line: BookLine) -> dict[str, Any]:
    place = municipalities().get(line.municipality)
    return {
        "municipality": line.municipality, "town": place.name if place else "", "mineral": line.mineral,
        "purchases": line.purchases, "fine": _grams(line.fine_mg), "cop": _pesos(line.withheld_centavos),
    }  # fmt: skip


def _buyer(typed: str) -> UUID:
    kind, _sep, number = typed.strip().partition(" ")
    named = document(kind.upper(), number)
    found = actors_of([named]).get(named)
    if found is None:
        raise DomainError(_("El registro no tiene a nadie con ese documento. Revíselo."))
    return found


def _month(text: str) -> Period:
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise Http404 from None


def _grams(fine_mg: int) -> str:
    return text_of(fine_mg, factor=1000)


def _pesos(centavos: int) -> str:
    return text_of(centavos, factor=100)
