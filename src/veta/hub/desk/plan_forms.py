"""The forms of a title's version and of a works plan, and how what was typed becomes a record."""

from datetime import date
from typing import Any, get_args
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk import words
from veta.hub.typed import typed_number
from veta.kernel.errors import DomainError
from veta.kernel.identity import document, title_code
from veta.kernel.quantity import amount_of
from veta.norms.catalogue import catalogue
from veta.registry.domain import Act, PlanKind, PlanLine, Stage, TitleStatus, TitleVersion, version_on
from veta.registry.queries import actors_of, titles_by_code
from veta.registry.services.plans import PlanRecord
from veta.registry.services.titles import TitleRecord

DATE = {"type": "date"}
STAGES = {
    "exploration": gettext_lazy("Exploración"),
    "construction": gettext_lazy("Construcción y montaje"),
    "exploitation": gettext_lazy("Explotación"),
    "closure": gettext_lazy("Cierre"),
}
KEEP = ("", gettext_lazy("Como está"))


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs=DATE))


class ActForm(forms.Form):
    """The act that a record rests on, and the title it is about."""

    placa = forms.CharField(label=gettext_lazy("Placa del título"), max_length=40)
    acto = forms.CharField(label=gettext_lazy("Acto: clase, número y fecha"), max_length=200)
    fuente = forms.CharField(
        label=gettext_lazy("Dónde se leyó el acto"),
        max_length=200,
        help_text=gettext_lazy("Expediente, radicado o enlace."),
    )

    def act(self, by: str) -> Act:
        """The act, proposed by whoever enters it."""
        return Act(reference=self.cleaned_data["acto"], source=self.cleaned_data["fuente"], recorded_by=by)

    def clean_placa(self) -> str:
        """The code as normalised, of a title on record."""
        try:
            code = title_code(self.cleaned_data["placa"])
        except DomainError as refused:
            raise forms.ValidationError(refused.message) from refused
        self.versions: list[TitleVersion] = titles_by_code([code]).get(code, [])
        if not self.versions:
            raise forms.ValidationError(_("Ese título no está en el registro. Revise la placa."))
        return code


class TitleForm(ActForm):
    """A version of a title; what is left empty stays as the version in force has it."""

    desde = _day(gettext_lazy("Vigente desde"), required=True)
    estado = forms.ChoiceField(
        label=gettext_lazy("Estado"), required=False,
        choices=[KEEP, *((each, words.STATUSES[each][0]) for each in get_args(TitleStatus))],
    )  # fmt: skip
    etapa = forms.ChoiceField(
        label=gettext_lazy("Etapa"), required=False, choices=[KEEP, *((each, STAGES[each]) for each in get_args(Stage))]
    )
    titulares = forms.CharField(
        label=gettext_lazy("Titulares"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000,
        help_text=gettext_lazy("Uno por línea, con su parte: «NIT 900500018; 60,5». Todos, si cambia alguno."),
    )  # fmt: skip
    minerales = forms.CharField(
        label=gettext_lazy("Minerales otorgados"), required=False, max_length=1000,
        help_text=gettext_lazy("Códigos del catálogo separados por comas, como «oro, plata»."),
    )  # fmt: skip
    municipios = forms.CharField(
        label=gettext_lazy("Municipios"), required=False, max_length=1000,
        help_text=gettext_lazy("Códigos DIVIPOLA separados por comas, como «05604»."),
    )  # fmt: skip
    termina = _day(gettext_lazy("Fecha en que termina el título"))
    ambiental = forms.CharField(label=gettext_lazy("Instrumento ambiental"), required=False, max_length=200)

    def clean_titulares(self) -> tuple[tuple[UUID, str], ...]:
        """The holders by their documents, each with its share."""
        return tuple(_holder(line) for line in self.cleaned_data["titulares"].splitlines() if line.strip())

    def record(self) -> TitleRecord:
        """The version in force with what was typed in place."""
        given = self.cleaned_data
        now = version_on(self.versions, given["desde"]) or self.versions[0]
        return TitleRecord(
            code=now.code, kind=now.kind, modality=now.modality, stage=given["etapa"] or now.stage,
            status=given["estado"] or now.status, holders=given["titulares"] or now.holders,
            minerals=_codes(given["minerales"]) or now.minerals, associated=now.associated,
            municipalities=_codes(given["municipios"]) or now.municipalities, contract_date=now.contract_date,
            inscription_date=now.inscription_date, end_date=given["termina"] or now.end_date,
            environmental_instrument=given["ambiental"] or now.environmental_instrument, scale=now.scale,
            scale_act=now.scale_act, valid_from=given["desde"], valid_to=None,
        )  # fmt: skip


class PlanForm(ActForm):
    """An approved works plan: its volumes by mineral and contract year."""

    clase = forms.ChoiceField(label=gettext_lazy("Clase"), choices=[(each, each) for each in get_args(PlanKind)])
    aprobado = _day(gettext_lazy("Fecha de aprobación"), required=True)
    desde = _day(gettext_lazy("Vigente desde"), required=True)
    volumenes = forms.CharField(
        label=gettext_lazy("Volúmenes"), widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000,
        help_text=gettext_lazy(
            "Uno por línea: mineral; inicio del año del contrato; cantidad. Como «oro; 2026-03-01; 12.500,5»."
        ),
    )  # fmt: skip
    escala = forms.CharField(label=gettext_lazy("Escala"), required=False, max_length=20)
    duracion = forms.IntegerField(label=gettext_lazy("Duración, en años"), required=False, min_value=1, max_value=99)
    caracteristicas = forms.CharField(
        label=gettext_lazy("Características"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean_volumenes(self) -> tuple[PlanLine, ...]:
        """The lines by mineral, their amounts in smallest units."""
        volumes: dict[str, dict[str, int]] = {}
        for line in self.cleaned_data["volumenes"].splitlines():
            if line.strip():
                mineral, start, amount = _volume(line)
                volumes.setdefault(mineral, {})[start] = amount
        return tuple(PlanLine(mineral, years) for mineral, years in volumes.items())

    def record(self) -> PlanRecord:
        """The plan as typed."""
        given = self.cleaned_data
        return PlanRecord(
            title_code=given["placa"], kind=given["clase"], approved_on=given["aprobado"], lines=given["volumenes"],
            valid_from=given["desde"], scale=given["escala"] or None, duration_years=given["duracion"],
            characteristics=given["caracteristicas"],
        )  # fmt: skip


def _codes(text: str) -> frozenset[str]:
    return frozenset(code.strip() for code in text.split(",") if code.strip())


def _holder(line: str) -> tuple[UUID, str]:
    said, _sep, share = line.partition(";")
    type_, _sep, number = said.strip().partition(" ")
    try:
        wanted = document(type_.upper(), number)
    except DomainError as refused:
        raise forms.ValidationError(f"«{line.strip()[:60]}»: {refused.message}") from refused
    found = actors_of([wanted]).get(wanted)
    if found is None:
        message = _("«%(line)s»: ese documento no está en el registro. Inscríbalo primero.")
        raise forms.ValidationError(message % {"line": line.strip()[:60]})
    return found, typed_number(share) if share.strip() else ""


def _volume(line: str) -> tuple[str, str, int]:
    """One line of volumes. Raises ValidationError, which quotes it."""
    parts = [part.strip() for part in line.split(";")]
    quoted = {"line": line.strip()[:60]}
    if len(parts) != 3:
        raise forms.ValidationError(_("«%(line)s»: escriba mineral; fecha; cantidad.") % quoted)
    mineral = catalogue().mineral(parts[0])
    if mineral is None:
        raise forms.ValidationError(_("«%(line)s»: ese mineral no está en el catálogo. Use su código.") % quoted)
    try:
        start = date.fromisoformat(parts[1]).isoformat()
        return mineral.code, start, amount_of(typed_number(parts[2]), factor=mineral.factor)
    except ValueError as wrong:
        raise forms.ValidationError(_("«%(line)s»: la fecha va como AAAA-MM-DD.") % quoted) from wrong
    except DomainError as refused:
        raise forms.ValidationError(f"«{quoted['line']}»: {refused.message}") from refused
