"""The forms of a client's branches and scales."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.domain.scales import AccuracyClass
from veta.node.models import Branch
from veta.node.pages.joining_forms import DATE
from veta.node.pages.towns import ChosenTown
from veta.node.services.scales import Certified, Weighs

CLASSES = [
    (AccuracyClass.I.value, gettext_lazy("I, especial")), (AccuracyClass.II.value, gettext_lazy("II, fina")),
    (AccuracyClass.III.value, gettext_lazy("III, media")), (AccuracyClass.IIII.value, gettext_lazy("IIII, ordinaria")),
]  # fmt: skip
FACILITY_HELP = gettext_lazy("Su nombre, si el municipio no basta: va con el lugar de cada movimiento.")


class BranchForm(forms.Form):
    """A place of the client."""

    nombre = forms.CharField(label=gettext_lazy("Nombre de la sede"), max_length=120)
    municipio = ChosenTown()
    instalacion = forms.CharField(
        label=gettext_lazy("Planta, bodega o mina"), max_length=60, required=False, help_text=FACILITY_HELP
    )


class FacilityForm(forms.Form):
    """Which plant, store or mine a branch has now."""

    instalacion = forms.CharField(
        label=gettext_lazy("Planta, bodega o mina"), max_length=60, required=False,
        help_text=gettext_lazy("Vacío, la sede queda sin ella."),
    )  # fmt: skip


class CloseForm(forms.Form):
    """The last day of a branch."""

    ultimo = forms.DateField(label=gettext_lazy("Último día que abrió"), widget=DATE)


class ScaleForm(forms.Form):
    """A scale as its plate says, with its last calibration."""

    sede = forms.ModelChoiceField(label=gettext_lazy("Sede"), queryset=Branch.objects.none())
    serie = forms.CharField(label=gettext_lazy("Serie"), max_length=60)
    clase = forms.ChoiceField(
        label=gettext_lazy("Clase de exactitud (OIML R 76)"), choices=CLASSES,
        help_text=gettext_lazy("Está en la placa de la báscula, en un óvalo."),
    )  # fmt: skip
    unidad = forms.ChoiceField(label=gettext_lazy("Unidad"), choices=[(u, u) for u in ("g", "kg", "t")])
    maximo = forms.DecimalField(
        label=gettext_lazy("Carga máxima"), min_value=0, max_digits=14, decimal_places=6,
        help_text=gettext_lazy("«Máx» en la placa, en esa unidad."),
    )  # fmt: skip
    division = forms.DecimalField(
        label=gettext_lazy("División de verificación (e)"), min_value=0, max_digits=14, decimal_places=6,
        help_text=gettext_lazy("«e» en la placa, en esa unidad."),
    )  # fmt: skip
    certificado = forms.CharField(label=gettext_lazy("Certificado de calibración"), max_length=80)
    calibrada = forms.DateField(label=gettext_lazy("Fecha de calibración"), widget=DATE)
    vence = forms.DateField(label=gettext_lazy("Sirve hasta"), widget=DATE)
    incertidumbre = forms.DecimalField(
        label=gettext_lazy("Incertidumbre del certificado"), min_value=0, max_digits=14, decimal_places=6,
        required=False,
        help_text=gettext_lazy(
            "La expandida (k = 2), en esa unidad. Vacía, se toma el error máximo en servicio de la clase."
        ),
    )  # fmt: skip
    papel = forms.FileField(
        label=gettext_lazy("El certificado, escaneado"), required=False,
        help_text=gettext_lazy("PDF o imagen, hasta 5 MB."),
    )  # fmt: skip

    def __init__(self, *args: Any, branches: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sede"]
        field.queryset = branches
        field.label_from_instance = lambda branch: branch.name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("maximo", "division", "incertidumbre"):
            if given.get(name) is not None and given[name] <= Decimal():
                self.add_error(name, _("Escriba un valor mayor que cero."))
        if given.get("calibrada") and given.get("vence") and given["vence"] < given["calibrada"]:
            self.add_error("vence", _("Es anterior a la calibración. Revise las dos fechas."))
        return given

    def said(self) -> tuple[Weighs, Certified]:
        """The scale and its calibration, of a form without errors."""
        given = self.cleaned_data
        scale = Weighs(
            branch=given["sede"], serial=given["serie"], accuracy_class=AccuracyClass(given["clase"]),
            unit=given["unidad"], largest=given["maximo"], e=given["division"],
        )  # fmt: skip
        return scale, Certified(
            certificate=given["certificado"], on=given["calibrada"], until=given["vence"],
            uncertainty=given["incertidumbre"], paper=given["papel"].read() if given["papel"] else b"",
        )  # fmt: skip
