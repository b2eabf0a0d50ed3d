"""«Calcular regalías»: the public page of a quarter, its paper, and what was paid before, by mineral and year."""

import csv
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from veta.hub.chart import implied_chart
from veta.hub.paper import paper as made_paper
from veta.hub.royalty_form import MAX_ROWS, RoyaltyForm, form_field
from veta.hub.templatetags.figures import figure, long_day, market_name, mineral_name, percent
from veta.hub.visitors import too_often
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.royalties.domain.reading import SettlementRefused
from veta.royalties.queries import paid_by_year
from veta.royalties.services import answer_to


def calculate(request: HttpRequest) -> HttpResponse:
    """The form, and the settlement where it was filled. The address of the page is the case: it reopens it."""
    if refused := too_often(request):
        return refused
    rows = _rows(request.GET)
    asked = "calcular" in request.GET
    form = _form(request.GET, rows)
    answer = _answer(form) if asked else None
    if not asked and form.is_bound:
        form.errors.clear()
    link = f"{settings.PUBLIC_ORIGIN}{reverse('royalty_calculate')}?{_query(request.GET)}"
    context = {
        "form": form, "rows": rows, "more": rows < MAX_ROWS, "answer": answer, "link": link,
        "paper": f"{reverse('royalty_paper')}?{_query(request.GET)}",
    }  # fmt: skip
    return render(request, "hub/royalties/calculate.html", context, status=422 if asked and form.errors else 200)


def paper(request: HttpRequest) -> HttpResponse:
    """The same settlement as a PDF; a case that cannot be read goes back to the form."""
    if refused := too_often(request):
        return refused
    answer = _answer(_form(request.GET, _rows(request.GET)))
    if answer is None:
        return redirect(f"{reverse('royalty_calculate')}?{_query(request.GET)}")
    response = HttpResponse(royalty_paper(answer), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="regalias-{answer["quarter"]}.pdf"'
    return response


def royalty_paper(
    answer: dict[str, Any],
    *,
    signer: str = "",
    declarant: Sequence[tuple[str, str]] = (),
    destinations: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """The PDF of a settlement's answer; of a stored one, with who declares it and to whom the mineral went."""
    facts = [["Trimestre", answer["quarter"]], ["Título", answer["title"] or "sin placa"]]
    facts += [[name, text] for name, text in declarant]
    if answer["payable_cop"]:
        facts += [["A pagar", f"{figure(answer['payable_cop'])} COP"], ["Exacto", f"{figure(answer['exact_cop'])} COP"]]
    if answer["due"]:
        due = answer["due"]
        facts += [["Vence", f"{long_day(due['earliest'])} (otra lectura: {long_day(due['latest'])})"]]
    if answer["late"] and answer["late"]["days"] != "0":
        late = answer["late"]
        facts += [["Mora", f"{late['days']} días: {figure(late['interest_cop'])} COP ({late['norm']}, sin verificar)"]]
    return made_paper(
        "royalty.typ",
        {
            "heading": "Declaración de producción y liquidación de regalías",
            "foot": answer["notice"],
            "demo": answer["demo"],
            "facts": facts,
            "lines": [_line(line) for line in answer["lines"]],
            "municipalities": [
                [entry["municipality"] or "sin municipio", figure(entry["value_cop"])]
                for entry in answer["by_municipality"]
            ],
            "findings": answer["findings"],
            "trace": answer["trace"],
            "truth": answer["truth"],
            "signer": signer,
            "destinations": [list(row) for row in destinations],
        },
    )


def history(request: HttpRequest) -> HttpResponse:
    """What was paid for a unit of a mineral by year, drawn and as a table; `formato=csv` gives it to a spreadsheet."""
    mineral = request.GET.get("mineral", "oro")
    everything = paid_by_year()
    rows = [row for row in everything if row.mineral == mineral]
    if request.GET.get("formato") == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"regalias-{mineral}" if rows else "regalias"  # what was asked for names a file only where it is known
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        writer = csv.writer(response)
        writer.writerow(["mineral", "anio", "unidad", "pagado_cop", "producido", "implicito_cop_por_unidad"])
        writer.writerows([r.mineral, r.year, r.unit, r.value_pesos, r.quantity, r.implied or ""] for r in rows)
        return response
    minerals = sorted({row.mineral for row in everything}, key=mineral_name)
    context = {"rows": rows, "minerals": minerals, "mineral": mineral}
    return render(request, "hub/royalties/history.html", context)


def chart(request: HttpRequest) -> HttpResponse:
    """The drawing of that table."""
    if refused := too_often(request):
        return refused
    mineral = request.GET.get("mineral", "oro")
    response = HttpResponse(implied_chart(paid_by_year(mineral)), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=300"
    return response


def _form(given: QueryDict, rows: int) -> RoyaltyForm:
    return RoyaltyForm(given if given else None, rows=rows, today=bogota_date(SystemClock().now()))


def _rows(given: QueryDict) -> int:
    filled = max((n for n in range(1, MAX_ROWS + 1) if given.get(f"mineral_{n}")), default=1)
    shown = given.get("filas", "1")
    asked = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 3 else 1
    return max(1, min(MAX_ROWS, max(filled, asked) + ("agregar" in given)))


def _answer(form: RoyaltyForm) -> dict[str, Any] | None:
    """The answer, or None with every fault in the form: those of its fields and those of the case, once each."""
    valid = form.is_valid()
    try:
        answer = answer_to(form.case())
    except SettlementRefused as refused:
        wrong = set(form.errors)
        for finding in refused.findings:
            field = form_field(finding.field, form)
            if field not in wrong:
                form.add_error(field, finding.message.removeprefix(f"{finding.field}: «{finding.params['value']}». "))
        return None
    return answer if valid else None


def _query(given: QueryDict) -> str:
    moved = ("csrfmiddlewaretoken", "agregar", "filas", "calcular")
    kept = [(key, value) for key, values in given.lists() for value in values if value and key not in moved]
    return urlencode([*kept, ("calcular", "1")])


def _line(line: dict[str, Any]) -> list[str]:
    market = f" ({market_name(line['market'])})" if line.get("market") else ""
    return [
        f"{mineral_name(line['mineral'])}{market}", line["municipality"] or "—",
        f"{figure(line['quantity'])} {line['unit']}", figure(line["price_cop"]), line["resolution"],
        percent(line["rate"]), figure(line["value_cop"]),
    ]  # fmt: skip
