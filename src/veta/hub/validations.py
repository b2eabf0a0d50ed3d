"""«Pedir una validación»: the public page of who holds or insures a title, and how its case goes."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.visitors import too_often
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.identity import DOCUMENT_TYPES, document
from veta.kernel.period import bogota_date
from veta.oversight.domain.validation import ValidationCase
from veta.oversight.queries import find_case, plan_history
from veta.oversight.services import LONGEST_REASON, Opening, open_case
from veta.site.form_page import Button, FormPage


class AskForm(forms.Form):
    """Who asks for a title's validation. The document travels in the body, never in an address."""

    titulo = forms.CharField(label=gettext_lazy("Placa del título"), max_length=40)
    quien = forms.ChoiceField(
        label=gettext_lazy("¿Quién pide la validación?"),
        choices=(("holder", gettext_lazy("El titular")), ("insurer", gettext_lazy("La aseguradora"))),
    )
    tipo = forms.ChoiceField(
        label=gettext_lazy("Tipo de documento"), choices=[(kind, kind) for kind in DOCUMENT_TYPES], initial="NIT"
    )
    numero = forms.CharField(
        label=gettext_lazy("Número de documento"), max_length=24, required=False,
        help_text=gettext_lazy("El del titular según el registro; de la aseguradora, su NIT."),
    )  # fmt: skip
    calculo = forms.CharField(
        label=gettext_lazy("Código de un cálculo de la póliza"), max_length=20, required=False,
        help_text=gettext_lazy("El que trae el papel. A la aseguradora le basta si es del mismo título."),
    )  # fmt: skip
    motivo = forms.CharField(
        label=gettext_lazy("¿Qué debe validarse?"), max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def opening(self) -> Opening:
        """What was typed. Raises IdentityError for a document that cannot be."""
        given = self.cleaned_data
        named = document(given["tipo"], given["numero"]) if given["numero"] else None
        return Opening(
            title=given["titulo"], opener=given["quien"], reason=given["motivo"], document=named,
            quotation=given["calculo"],
        )  # fmt: skip


def ask(request: HttpRequest) -> HttpResponse:
    """Open the validation of a title, or join the one that is open, and go to its page."""
    if refused := too_often(request):
        return refused
    asked = request.GET
    initial = {"titulo": asked.get("placa", "")[:40], "calculo": asked.get("calculo", "")[:20],
               "quien": asked.get("quien", "")[:10]}  # fmt: skip
    form = AskForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            case = open_case(form.opening(), on=bogota_date(SystemClock().now()))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("validation_status", code=case.code)
    page = FormPage(
        title=_("Pedir la validación de un título"), back=reverse("bond_calculate"),
        back_label=_("Calcular la póliza"), buttons=(Button(_("Pedir la validación")),),
        lead=_(
            "La Vicepresidencia de Seguimiento, Control y Seguridad Minera valida, con la placa, qué mineral aprobó el"
            " plan. La póliza y las regalías se calculan después sobre lo que ella diga."
        ),
    )  # fmt: skip
    return page.respond(request, form)


def status(request: HttpRequest, code: str) -> HttpResponse:
    """How a case goes, for whoever holds its code: its steps and outcome, and nothing of the title's records."""
    if refused := too_often(request):
        return refused
    case = find_case(code)
    if case is None:
        raise Http404
    return render(request, "hub/validations/status.html", {"case": case, **outcome_of(case)})


def outcome_of(case: ValidationCase) -> dict[str, object]:
    """Where a case stands, its outcome, and the plan that superseded the one it was about."""
    plans = plan_history(case.title_code)
    return {"state": case.state(plans), "ended": case.ended, "new_plan": case.superseding(plans)}
