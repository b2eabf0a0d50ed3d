"""The forms of the authority's acts over lots, and the words of a proposal that come of them."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import words

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
