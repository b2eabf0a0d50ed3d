"""«Calcular la póliza»: a public page that anyone finishes on a phone, its paper, and the check by title and code."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.bonds.domain.case import STAGE_ES, CaseRefused
from veta.bonds.domain.trace import BASIS_ES
from veta.bonds.queries import Quotation, find_quotation, quotation
from veta.bonds.services import answer_to, save_quotation
from veta.hub.bond_form import MAX_ROWS, BondForm, form_field
from veta.hub.bond_paper import bond_paper
from veta.hub.drawing import range_drawing
from veta.hub.visitors import too_often
from veta.registry.queries import titles_by_code

DEMO_TITLES = tuple(f"DEMO-{n:03d}" for n in range(1, 6))


def calculate(request: HttpRequest) -> HttpResponse:
    """The form, and the answer where it was filled. The address of the page is the case: it reopens it."""
    if refused := too_often(request):
        return refused
    rows = _rows(request.GET)
    asked = "calcular" in request.GET
    form = BondForm(request.GET if request.GET else None, rows=rows)
    answer = _answer(form) if asked else None
    if not asked:
        form.errors.clear() if form.is_bound else None
    context = {
        "form": form, "rows": rows, "more": rows < MAX_ROWS, "demo_titles": _demo_titles(), "asked": asked,
        **(_shown(answer) | {"link": _link(request)} if answer else {}),
    }  # fmt: skip
    return render(request, "hub/bonds/calculate.html", context, status=422 if asked and form.errors else 200)


def save(request: HttpRequest) -> HttpResponse:
    """Keep the case of the form under a code, and go to its page."""
    if refused := too_often(request):
        return refused
    form = BondForm(request.POST, rows=_rows(request.POST))
    if not form.is_valid():
        return redirect("bond_calculate")
    try:
        kept = save_quotation(form.case())
    except CaseRefused:
        return redirect(f"{reverse('bond_calculate')}?{_query(request.POST)}")
    return redirect("bond_saved", code=kept.code)


def saved(request: HttpRequest, code: str) -> HttpResponse:
    """A quotation as it was given, with what the same case gives today."""
    kept = _kept(code)
    return render(request, "hub/bonds/saved.html", {"kept": kept, **_shown(kept.answer), **_today(kept)})


def paper(request: HttpRequest, code: str) -> HttpResponse:
    """The quotation's PDF."""
    if refused := too_often(request):
        return refused
    kept = _kept(code)
    check = f"{settings.PUBLIC_ORIGIN}{reverse('bond_check')}"
    response = HttpResponse(bond_paper(kept, check=check), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="poliza-{kept.code}.pdf"'
    return response


def petition(request: HttpRequest, code: str) -> HttpResponse:
    """The draft of the petition, as text to fill in."""
    kept = _kept(code)
    if not kept.answer.get("petition"):
        raise Http404
    response = HttpResponse(kept.answer["petition"], content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="peticion-{kept.code}.txt"'
    return response


def check(request: HttpRequest) -> HttpResponse:
    """The insurer's page: whether a value with its code is what the calculator gave for that title."""
    if refused := too_often(request):
        return refused
    code, title = request.GET.get("codigo", ""), request.GET.get("placa", "")
    kept = find_quotation(code, title) if code else None
    context: dict[str, Any] = {"code": code[:20], "title": title[:40], "asked": bool(code), "kept": kept}
    if kept is not None:
        context |= {**_shown(kept.answer), **_today(kept)}
    return render(request, "hub/bonds/check.html", context, status=404 if code and kept is None else 200)


def _kept(code: str) -> Quotation:
    found = quotation(code)
    if found is None:
        raise Http404
    return found


def _rows(given: QueryDict) -> int:
    """How many rows of minerals: those filled, and one more where the button asked for it."""
    filled = max((n for n in range(1, MAX_ROWS + 1) if given.get(f"mineral_{n}")), default=1)
    shown = given.get("filas", "1")
    asked = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 3 else 1
    return max(1, min(MAX_ROWS, max(filled, asked) + ("agregar" in given)))


def _answer(form: BondForm) -> dict[str, Any] | None:
    """The answer, or None with every fault in the form: those of its fields and those of the case, once each."""
    valid = form.is_valid()
    try:
        answer = answer_to(form.case())
    except CaseRefused as refused:
        wrong = set(form.errors)
        for finding in refused.findings:
            field = form_field(finding.field, form)
            if field not in wrong:
                form.add_error(field, finding.message.removeprefix(f"{finding.field}: «{finding.params['value']}». "))
        return None
    return answer if valid else None


def _shown(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the answer's templates draw beside its own values."""
    return {
        "answer": answer, "drawing": range_drawing(answer), "stage_name": STAGE_ES.get(answer["stage"], ""),
        "basis_names": {key: text.capitalize() for key, text in BASIS_ES.items()},
    }  # fmt: skip


def _today(kept: Quotation) -> dict[str, Any]:
    """Whether the same case gives another value now: a price or a plan may have changed since."""
    try:
        now = answer_to(kept.case)
    except CaseRefused:
        return {"changed": _("Hoy el mismo caso no se puede calcular: cambiaron los datos del título.")}
    same = now["insured_value_cop"] == kept.answer["insured_value_cop"] and now["range_cop"] == kept.answer["range_cop"]
    return {"changed": "" if same else _("Hoy el mismo caso da otro resultado."), "now": now}


def _link(request: HttpRequest) -> str:
    return f"{settings.PUBLIC_ORIGIN}{reverse('bond_calculate')}?{_query(request.GET)}"


def _query(given: QueryDict) -> str:
    """The case alone: what is empty, and what only moved the form, is left out."""
    kept = [
        (key, value)
        for key, values in given.lists()
        for value in values
        if value and key not in ("csrfmiddlewaretoken", "agregar", "filas", "calcular")
    ]
    return urlencode([*kept, ("calcular", "1")])


def _demo_titles() -> list[str]:
    return sorted(titles_by_code(DEMO_TITLES))
