"""The forms of the authority's acts over lots, and the words of a proposal that come of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import words
from veta.hub.typed import typed_number
from veta.norms.catalogue import catalogue

DATE = {"type": "date"}
MOST_LOTS = 200


def read_lots(text: str) -> list[UUID]:
    """The lots of a text, one a line or parted by commas, each once. Raises ValidationError, quoting what is none."""
    found: dict[UUID, None] = {}
    for part in text.replace(",", "\n").split():
        try:
            found[UUID(part)] = None
        except ValueError as wrong:
            message = _("«%(part)s» no es el identificador de un lote. Cópielo de su página.")
            raise forms.ValidationError(message % {"part": part[:40]}) from wrong
    if not 0 < len(found) <= MOST_LOTS:
        raise forms.ValidationError(_("Escriba de 1 a 200 lotes; los hechos de ellos se alcanzan solos."))
    return list(found)


class ActForm(forms.Form):
    """Whose act it is, its number and date, and why."""

    autoridad = forms.CharField(label=gettext_lazy("Autoridad que lo expide"), max_length=200)
    acto = forms.CharField(label=gettext_lazy("Número del acto"), max_length=100)
    fecha = forms.DateField(label=gettext_lazy("Fecha del acto"), widget=forms.DateInput(attrs=DATE))
    motivo = forms.CharField(
        label=gettext_lazy("Motivo"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("La comprobación objetiva en que se apoya; nunca quién denunció."),
    )  # fmt: skip

    def words(self) -> dict[str, Any]:
        """The act's words, as its proposal fixes them."""
        given = self.cleaned_data
        return {
            "authority": given["autoridad"], "act": given["acto"], "issued_on": given["fecha"].isoformat(),
            "reason": given["motivo"],
        }  # fmt: skip


class SuspensionForm(ActForm):
    """Which lots; all that was and will be made of them follows."""

    lotes = forms.CharField(widget=forms.HiddenInput, max_length=10_000)
    hasta = forms.DateField(
        label=gettext_lazy("Término que fija el acto"), required=False, widget=forms.DateInput(attrs=DATE)
    )

    def clean_lotes(self) -> list[UUID]:
        """The lots named."""
        return read_lots(self.cleaned_data["lotes"])

    def words(self) -> dict[str, Any]:
        """The act's words with its lots, and its term where it gives one."""
        given = self.cleaned_data
        term = {"until": given["hasta"].isoformat()} if given["hasta"] else {}
        return {**super().words(), "lots": [str(lot) for lot in given["lotes"]], **term}


class SeizureForm(ActForm):
    """So much of a lot, by an act."""

    cantidad = forms.CharField(label=gettext_lazy("Cantidad, en la unidad del lote"), max_length=24)


def _types() -> list[tuple[str, str]]:
    """The minerals that a lot may be of, by name."""
    return sorted(((m.code, f"{m.name} ({m.unit})") for m in catalogue() if not m.is_heading), key=lambda pair: pair[1])


class FoundForm(ActForm):
    """Mineral that nobody had registered, taken at a place of the municipality that the form is given."""

    mineral = forms.ChoiceField(label=gettext_lazy("Mineral"), choices=lazy(_types, list))
    cantidad = forms.CharField(
        label=gettext_lazy("Cantidad"), max_length=24,
        help_text=gettext_lazy("En la unidad del mineral; de un metal precioso, el peso bruto."),
    )  # fmt: skip
    ley = forms.CharField(
        label=gettext_lazy("Ley, en milésimas"), max_length=12, required=False,
        help_text=gettext_lazy("Solo de metales preciosos. Sin ensayo todavía, la que declare quien lo pesó."),
    )  # fmt: skip
    ensayada = forms.BooleanField(label=gettext_lazy("La ley es de un laboratorio"), required=False)
    lugar = forms.CharField(
        label=gettext_lazy("Sitio"), max_length=120, required=False,
        help_text=gettext_lazy("Vereda, vía o puesto de control. Nunca el nombre de una persona."),
    )  # fmt: skip
    field_order: Sequence[str] = ("mineral", "cantidad", "ley", "ensayada", "lugar")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        known = catalogue().mineral(given.get("mineral", ""))
        if known is not None and known.precious != bool(given.get("ley")):
            said = _("De un metal precioso escriba la ley.") if known.precious else _("Ese mineral no lleva ley.")
            self.add_error("ley", said)
        return given

    def town(self) -> str:
        """The municipality where it was found."""
        return str(self.cleaned_data["municipio"])

    def words(self) -> dict[str, Any]:
        """The act's words with what was found, and where."""
        given = self.cleaned_data
        known = catalogue().mineral(given["mineral"])
        assert known is not None, "the field admits no other"
        found = {"mineral": known.code, "quantity": typed_number(given["cantidad"]), "unit": known.unit}
        if known.precious:
            found |= {
                "fineness": typed_number(given["ley"]),
                "assay": "laboratory" if given["ensayada"] else "declared",
            }
        place = {"municipality": self.town()} | ({"facility": given["lugar"]} if given["lugar"] else {})
        return {**super().words(), "place": place, "found": [found]}


class FoundAnywhereForm(FoundForm):
    """The same, of whatever municipality."""

    municipio = forms.RegexField(
        label=gettext_lazy("Código DIVIPOLA del municipio"), regex=r"^[0-9]{5}$",
        error_messages={"invalid": gettext_lazy("Son cinco dígitos, como 05736.")},
    )  # fmt: skip
    field_order = ("mineral", "cantidad", "ley", "ensayada", "municipio", "lugar")


class AccreditForm(ActForm):
    """Another accreditation of a lot."""

    acreditacion = forms.ChoiceField(
        label=gettext_lazy("Cómo queda"),
        choices=[(each, words.ACCREDITATIONS[each][0]) for each in ("accredited", "documented", "unproven")],
    )
    placa = forms.CharField(
        label=gettext_lazy("Título que lo cubre"), max_length=40, required=False,
        help_text=gettext_lazy("Si se acredita por un plan o un acta adicional de un título."),
    )  # fmt: skip
