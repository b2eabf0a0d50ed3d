"""The mayor's forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk.act_forms import DATE, FoundForm, SeizureForm
from veta.hub.desk.days import today
from veta.hub.mayor.enrolment import CLASSES, Enrolment, asks_for_rut, rut_of
from veta.kernel.errors import DomainError
from veta.kernel.identity import document
from veta.norms.catalogue import catalogue

DOCUMENTS = [("CC", gettext_lazy("Cédula de ciudadanía")), ("CE", gettext_lazy("Cédula de extranjería")),
             ("PPT", gettext_lazy("Permiso por protección temporal")), ("PA", gettext_lazy("Pasaporte"))]  # fmt: skip
CLASS_NAMES = {
    "barequero": gettext_lazy("Barequero: lava arenas con batea"),
    "chatarrero": gettext_lazy("Chatarrero: recoge mineral en desechos de mina"),
    "subsistence": gettext_lazy("Otra minería de subsistencia"),
}


def minerals_of_subsistence() -> list[tuple[str, str]]:
    """The minerals that a subsistence miner may extract, by name."""
    found = [(m.code, m.name) for m in catalogue() if m.quota_group is not None and not m.is_heading]
    return sorted(found, key=lambda pair: pair[1])


class FindForm(forms.Form):
    """A person by its document."""

    tipo = forms.ChoiceField(label=gettext_lazy("Documento"), choices=DOCUMENTS)
    numero = forms.CharField(label=gettext_lazy("Número"), max_length=20)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("tipo") and given.get("numero"):
            try:
                given["documento"] = document(given["tipo"], given["numero"])
            except DomainError as refused:
                self.add_error("numero", refused.message)
        return given


def _not_ahead(day: date) -> date:
    if day > today():
        raise forms.ValidationError(_("Esa fecha no ha llegado. Escriba la del papel."))
    return day


class EnrolForm(FindForm):
    """A person who enrols in the municipality."""

    nombre = forms.CharField(label=gettext_lazy("Nombre completo, como en el documento"), max_length=200)
    telefono = forms.RegexField(
        label=gettext_lazy("Celular"), regex=r"^3[0-9]{9}$", required=False,
        help_text=gettext_lazy("Diez números. A él le avisa la plataforma cada venta a su nombre."),
        error_messages={"invalid": gettext_lazy("Escriba los diez números del celular, sin espacios.")},
    )  # fmt: skip
    rut = forms.CharField(
        label=gettext_lazy("NIT del RUT"), max_length=20, required=False,
        help_text=gettext_lazy("Con su dígito de verificación. Obligatorio para metales y piedras preciosas."),
    )  # fmt: skip
    clase = forms.ChoiceField(
        label=gettext_lazy("Clase"), choices=[(code, CLASS_NAMES[code]) for code in CLASSES], widget=forms.RadioSelect
    )
    minerales = forms.MultipleChoiceField(
        label=gettext_lazy("Minerales"),
        choices=lazy(minerals_of_subsistence, list),
        widget=forms.CheckboxSelectMultiple,
    )
    acto = forms.CharField(
        label=gettext_lazy("Número de la inscripción"), max_length=150,
        help_text=gettext_lazy("El de la certificación o planilla de la alcaldía."),
    )  # fmt: skip
    fecha = forms.DateField(label=gettext_lazy("Fecha de la inscripción"), widget=forms.DateInput(attrs=DATE))

    def clean_fecha(self) -> date:
        return _not_ahead(self.cleaned_data["fecha"])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("rut"):
            try:
                given["rut_leido"] = rut_of(given["rut"])
            except DomainError as refused:
                self.add_error("rut", refused.message)
        elif asks_for_rut(frozenset(given.get("minerales", ()))):
            self.add_error("rut", _("Para metales y piedras preciosas se exige el RUT. Escriba su NIT."))
        return given

    def enrolment(self) -> Enrolment:
        """What the valid form asks for."""
        given = self.cleaned_data
        phone = f"+57{given['telefono']}" if given["telefono"] else ""
        return Enrolment(
            document=given["documento"], name=given["nombre"], phone=phone, rut=given.get("rut_leido"),
            producer_class=given["clase"], minerals=frozenset(given["minerales"]), act=given["acto"], on=given["fecha"],
        )  # fmt: skip


class PaperForm(forms.Form):
    """The paper of a renewal or of an end."""

    acto = forms.CharField(label=gettext_lazy("Número del acto o planilla"), max_length=150)
    fecha = forms.DateField(label=gettext_lazy("Desde"), widget=forms.DateInput(attrs=DATE))

    def clean_fecha(self) -> date:
        return _not_ahead(self.cleaned_data["fecha"])


class SeizeForm(SeizureForm):
    """So much of a lot of the municipality."""

    lote = forms.UUIDField(
        label=gettext_lazy("Lote"), help_text=gettext_lazy("El identificador que está en el recibo o el certificado.")
    )
    field_order = ("lote", "cantidad")


class FoundHereForm(FoundForm):
    """Mineral without a lot, found in the account's own municipality."""

    def __init__(self, *given: Any, municipality: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self._town = municipality

    def town(self) -> str:
        return self._town


class SeatForm(forms.Form):
    """An account, and the municipality that it is to act for."""

    correo = forms.EmailField(label=gettext_lazy("Correo de la cuenta con rol de alcaldía"), max_length=254)
    municipio = forms.RegexField(
        label=gettext_lazy("Código DIVIPOLA del municipio"), regex=r"^[0-9]{5}$",
        error_messages={"invalid": gettext_lazy("Son cinco dígitos, como 05736.")},
    )  # fmt: skip
    acto = forms.CharField(
        label=gettext_lazy("Acto que lo sustenta"), max_length=200,
        help_text=gettext_lazy("Credencial, acta de posesión o poder."),
    )  # fmt: skip
