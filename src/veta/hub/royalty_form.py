"""The form of «Calcular regalías»: a quarter and what was mined in it, turned into the case of the API."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from veta.hub.bond_form import MARKETS, UNITS, mineral_choices
from veta.hub.typed import DayInput, typed_number
from veta.kernel.period import quarter_of
from veta.norms.catalogue import catalogue
from veta.royalties.domain.reading import quarter_name

MAX_ROWS = 12
QUARTERS = 16
SUBSOILS = (("estado", _("Del Estado (lo usual)")), ("privado", _("Propiedad privada del subsuelo")))
MODALITIES = (("contrato_concesion", _("Contrato de concesión")), ("otra", _("Otra modalidad")))
DEPOSITS = (("", _("No aplica o no sé")), ("veta", _("Veta o filón")), ("aluvion", _("Aluvión")))
CASE_FIELD = {
    "quarter": "trimestre", "title": "titulo", "contract_date": "contrato", "modality": "modalidad",
    "subsoil": "subsuelo", "paid_on": "pagado", "lines": "mineral_1",
}  # fmt: skip
LINE_FIELD = {
    "mineral": "mineral", "quantity": "cantidad", "unit": "unidad", "municipality": "municipio", "month": "mes",
    "market": "mercado", "fineness": "ley", "deposit": "yacimiento", "holder_year_tonnes": "carbon_anual",
    "density": "densidad", "zone": "zona", "producer_class": "clase",
}  # fmt: skip
NUMBERS = frozenset({"quantity", "fineness", "holder_year_tonnes", "density"})


def quarter_choices(today: date) -> list[tuple[str, str]]:
    """The quarter of today and those before it, the last first."""
    found, day = [], today
    for _n in range(QUARTERS):
        period = quarter_of(day)
        ordinal = ("primer", "segundo", "tercer", "cuarto")[(period.start.month - 1) // 3]
        found.append((quarter_name(period), f"{ordinal} trimestre de {period.start.year}"))
        day = date.fromordinal(period.start.toordinal() - 1)
    return found


class RoyaltyForm(forms.Form):
    """One quarter."""

    trimestre = forms.ChoiceField(label=_("Trimestre"))
    contrato = forms.DateField(
        label=_("Fecha del contrato"), required=False, widget=DayInput(),
        help_text=_("La tarifa se congela ese día."),
    )  # fmt: skip
    titulo = forms.CharField(
        label=_("Placa del título"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    modalidad = forms.ChoiceField(label=_("Modalidad"), choices=MODALITIES, required=False)
    subsuelo = forms.ChoiceField(label=_("Subsuelo"), choices=SUBSOILS, required=False)
    pagado = forms.DateField(
        label=_("Fecha de pago"), required=False, widget=DayInput(),
        help_text=_("Para calcular la mora, si ya venció."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, rows: int, today: date) -> None:
        super().__init__(data)
        self.rows = rows
        choices = quarter_choices(today)
        given = (data or {}).get("trimestre")
        if given and given not in dict(choices):
            choices.append((given, given))
        self.fields["trimestre"] = forms.ChoiceField(label=_("Trimestre"), choices=choices)
        for number in range(1, rows + 1):
            self._add_row(number)

    def _add_row(self, n: int) -> None:
        number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        text: dict[str, Any] = {"required": False, "max_length": 24, "widget": number}
        month = forms.TextInput(attrs={"placeholder": "2025-08", "autocomplete": "off"})
        added = {
            "mineral": forms.ChoiceField(label=_("Mineral extraído"), choices=mineral_choices, required=False),
            "cantidad": forms.CharField(label=_("Cantidad extraída"), **text),
            "municipio": forms.CharField(
                label=_("Municipio (código DIVIPOLA)"), required=False, max_length=5,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            ),
            "mercado": forms.ChoiceField(label=_("Mercado"), choices=MARKETS, required=False),
            "mes": forms.CharField(label=_("Mes, en metales preciosos"), required=False, max_length=7, widget=month),
            "yacimiento": forms.ChoiceField(label=_("Yacimiento, en oro"), choices=DEPOSITS, required=False),
            "ley": forms.CharField(label=_("Ley en milésimas, si el peso es bruto"), **text),
            "carbon_anual": forms.CharField(label=_("Carbón del año, todos sus títulos, en t"), **text),
            "zona": forms.CharField(label=_("Zona, si la resolución la distingue"), required=False, max_length=80),
            "clase": forms.CharField(
                label=_("Clase de productor, si la resolución la distingue"), required=False, max_length=80
            ),
            "unidad": forms.ChoiceField(label=_("Unidad de la cantidad"), choices=UNITS, required=False),
            "densidad": forms.CharField(label=_("Densidad, t/m³"), **text),
        }  # fmt: skip
        self.fields |= {f"{name}_{n}": field for name, field in added.items()}

    def row_fields(self) -> Iterator[dict[str, Any]]:
        """The bound fields of each row, the usual ones apart from the rare ones."""
        usual = ("mineral", "cantidad", "mercado", "mes")
        rare = ("municipio", "yacimiento", "ley", "carbon_anual", "zona", "clase", "unidad", "densidad")
        for n in range(1, self.rows + 1):
            yield {
                "number": n,
                "usual": [self[f"{name}_{n}"] for name in usual],
                "rare": [self[f"{name}_{n}"] for name in rare],
                "open": any(self.data.get(f"{name}_{n}") for name in rare),
            }

    def case(self) -> dict[str, Any]:
        """What was typed as the API's case; only what was given, numbers in canonical form."""
        given = self.cleaned_data
        case: dict[str, Any] = {"quarter": given.get("trimestre")}
        case |= {"contract_date": given["contrato"].isoformat()} if given.get("contrato") else {}
        case |= {"paid_on": given["pagado"].isoformat()} if given.get("pagado") else {}
        case |= {"title": given.get("titulo")} if given.get("titulo") else {}
        case |= {"modality": "otra"} if given.get("modalidad") == "otra" else {}
        case |= {"subsoil": "privado"} if given.get("subsuelo") == "privado" else {}
        lines = list(self._lines())
        return case | ({"lines": lines} if lines else {})

    def _lines(self) -> Iterator[dict[str, str]]:
        for n in range(1, self.rows + 1):
            line = {
                name: typed_number(value) if name in NUMBERS else value
                for name, field in LINE_FIELD.items()
                if (value := self.cleaned_data.get(f"{field}_{n}"))
            }
            if line:
                mineral = catalogue().mineral(line.get("mineral", ""))
                yield line | ({"unit": mineral.unit} if mineral and "unit" not in line else {})


def form_field(path: str, form: RoyaltyForm) -> str | None:
    """The page's field that a finding's path speaks of, None for the whole form."""
    found = CASE_FIELD.get(path)
    if found is None and path.startswith("lines["):
        row, _sep, name = path.removeprefix("lines[").partition("].")
        found = f"{LINE_FIELD.get(name, 'mineral')}_{int(row) + 1}"
    return found if found in form.fields else None
