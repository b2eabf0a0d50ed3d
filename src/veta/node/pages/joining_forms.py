"""The forms with which a client joins, and works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.identity import document
from veta.kernel.period import bogota_date
from veta.node.domain.clients import ClientKind
from veta.node.domain.papers import PAPERS
from veta.node.pages.towns import ChosenTown
from veta.node.roles import LABELS, OF_A_CLIENT

KIND_LABELS = {
    ClientKind.PRODUCER: gettext_lazy("Titular minero o explotador autorizado"),
    ClientKind.SUBSISTENCE: gettext_lazy("Minero de subsistencia"),
    ClientKind.TRADER: gettext_lazy("Comercializador"),
    ClientKind.PLANT: gettext_lazy("Planta de beneficio"),
    ClientKind.EXPORTER: gettext_lazy("Exportador"),
    ClientKind.CONSUMER: gettext_lazy("Consumidor"),
}
STATUS_LABELS = {
    "active": gettext_lazy("Vigente"),
    "suspended": gettext_lazy("Suspendida"),
    "cancelled": gettext_lazy("Cancelada"),
}
PAPER_LABELS = {
    "identity": (
        gettext_lazy("Documento de identidad de quien firma"),
        gettext_lazy("Para saber quién da el mandato."),
    ),
    "legal_existence": (
        gettext_lazy("Certificado de existencia y representación legal"),
        gettext_lazy("Si es una firma: prueba que quien firma la representa."),
    ),
    "title": (gettext_lazy("Placa del título, o código del área"), gettext_lazy("Da el derecho de extraer.")),
    "works_plan": (gettext_lazy("Acto que aprobó el plan de trabajos"), gettext_lazy("Dice cuánto puede producir.")),
    "mayor_record": (gettext_lazy("Certificación de la alcaldía"), gettext_lazy("Prueba la inscripción del minero.")),
    "rut": (gettext_lazy("RUT"), gettext_lazy("Se exige para metales y piedras preciosas.")),
    "rucom": (
        gettext_lazy("Certificado de inscripción en el RUCOM"),
        gettext_lazy("Sin él no puede comprar ni vender."),
    ),
}
HOW_LABELS = [
    ("paper", gettext_lazy("En papel firmado")),
    ("screen", gettext_lazy("En esta pantalla")),
    ("voice", gettext_lazy("De voz, con testigo")),
]
TYPES = [("NIT", "NIT"), ("CC", gettext_lazy("Cédula de ciudadanía")), ("CE", gettext_lazy("Cédula de extranjería")),
         ("PPT", gettext_lazy("Permiso por protección temporal")), ("PA", gettext_lazy("Pasaporte"))]  # fmt: skip
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class JoiningForm(forms.Form):
    """A new client of one kind, with the papers of that kind."""

    nombre = forms.CharField(label=gettext_lazy("Nombre o razón social"), max_length=200)
    tipo = forms.ChoiceField(label=gettext_lazy("Documento"), choices=TYPES)
    numero = forms.CharField(label=gettext_lazy("Número"), max_length=20)
    digito = forms.RegexField(
        label=gettext_lazy("Dígito de verificación"), regex=r"^[0-9]$", required=False,
        help_text=gettext_lazy("Solo del NIT: la cifra después del guion."),
        error_messages={"invalid": gettext_lazy("Es una sola cifra.")},
    )  # fmt: skip
    municipio = ChosenTown()
    contacto = forms.CharField(label=gettext_lazy("Teléfono o correo"), max_length=200)
    autorizacion = forms.ChoiceField(
        label=gettext_lazy("Cómo autorizó el tratamiento de sus datos"), choices=HOW_LABELS, widget=forms.RadioSelect
    )
    autorizada = forms.DateField(label=gettext_lazy("Fecha de la autorización"), widget=DATE)

    def __init__(self, *args: Any, kind: ClientKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for paper in PAPERS[kind]:
            label, why = PAPER_LABELS[paper.code]
            help_text = f"{why} {paper.norm}".strip()
            self.fields[f"papel_{paper.code}"] = forms.CharField(
                label=label, help_text=help_text, required=paper.due, max_length=120
            )

    def papers(self) -> dict[str, str]:
        """The numbers given, by the papers' codes."""
        return {
            name.removeprefix("papel_"): value for name, value in self.cleaned_data.items() if name.startswith("papel_")
        }

    def clean_autorizada(self) -> Any:
        if self.cleaned_data["autorizada"] > bogota_date(SystemClock().now()):
            raise forms.ValidationError(_("Esa fecha no ha llegado. Escriba la del día en que autorizó."))
        return self.cleaned_data["autorizada"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("tipo") and given.get("numero"):
            try:
                document(given["tipo"], given["numero"], given.get("digito") or None)
            except DomainError as refused:
                self.add_error("digito" if refused.code == "IDE-002" else "numero", refused.message)
        return given


class CorrectionForm(forms.Form):
    """What the operator wrote of a client, as it should be."""

    nombre = forms.CharField(label=gettext_lazy("Nombre o razón social"), max_length=200)
    contacto = forms.CharField(label=gettext_lazy("Contacto"), max_length=200, required=False)
    municipio = ChosenTown()


class CodeForm(forms.Form):
    """The code that the hub sent to the person."""

    consentimiento = forms.CharField(widget=forms.HiddenInput, max_length=40)
    codigo = forms.RegexField(
        label=gettext_lazy("Código que recibió el cliente"), regex=r"^[0-9]{4,8}$",
        error_messages={"invalid": gettext_lazy("Son solo cifras. Pida al cliente que lo lea de nuevo.")},
    )  # fmt: skip


class MemberForm(forms.Form):
    """A person who will work for the client."""

    nombre = forms.CharField(label=gettext_lazy("Nombre completo"), max_length=200)
    correo = forms.EmailField(label=gettext_lazy("Correo"), max_length=254)
    rol = forms.ChoiceField(label=gettext_lazy("Rol"), choices=[(role.value, LABELS[role]) for role in OF_A_CLIENT])


class RoleForm(forms.Form):
    """Another role for the same person."""

    rol = forms.ChoiceField(label=gettext_lazy("Rol"), choices=[(role.value, LABELS[role]) for role in OF_A_CLIENT])


class DeskForm(forms.Form):
    """A person who will work at the operator's desk."""

    nombre = forms.CharField(label=gettext_lazy("Nombre completo"), max_length=200)
    correo = forms.EmailField(label=gettext_lazy("Correo"), max_length=254)


def saved(form: forms.Form, save: Callable[[], Any]) -> Any:
    """What was saved, or None with the refusal written on the form."""
    try:
        return save()
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
