"""The form of «Calcular la póliza»: what a holder knows, as one types it, turned into the case of the API."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from veta.bonds.domain.reading import SHARED_FIELDS
from veta.hub.typed import DayInput, typed_number
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral

MAX_ROWS = 8
REGIMES = (
    ("ley_685", _("Contrato de concesión, Ley 685 de 2001")),
    ("decreto_2655", _("Contrato de concesión, Decreto 2655 de 1988")),
    ("contrato_virtud_aporte", _("Contrato en virtud de aporte")),
    ("licencia_explotacion", _("Licencia de explotación")),
    ("otra", _("Otra modalidad")),
)
STAGES = (
    ("exploracion", _("Exploración")),
    ("construccion_montaje", _("Construcción y montaje")),
    ("explotacion", _("Explotación")),
)
MARKETS = (("", _("No aplica o no sé")), ("interno", _("Consumo interno")), ("exportacion", _("Exportación")))
UNITS = (("", _("La del mineral")), ("t", "t"), ("m3", "m³"), ("g", "g"), ("kg", "kg"), ("ct", "ct"))
GROUP_NAMES = {
    "carbon": _("Carbón"), "metales_preciosos": _("Metales preciosos"),
    "materiales_construccion": _("Materiales de construcción"), "piedras_preciosas": _("Piedras preciosas"),
    "arcillas": _("Arcillas"), "calizas": _("Calizas"), "yesos": _("Yesos"), "metales": _("Otros metales"),
    "industriales": _("Industriales"), "rocas_ornamentales": _("Rocas ornamentales"),
    "arenas_industriales": _("Arenas industriales"),
}  # fmt: skip
# The field of the page that a field of the case came from; «{n}» is the row, from 1.
CASE_FIELD = {
    "regime": "titulo_clase", "modality": "titulo_clase", "stage": "etapa", "starts_on": "desde", "ends_on": "hasta",
    "investment_cop": "inversion", "production": "mineral_1", "plan_approved": "sin_plan", "title": "titulo",
    "contract_date": "contrato", "terminated_on": "terminado", "royalties_declared": "declarado",
    "stage_change.on": "cambio", "stage_change.stage": "cambio_etapa",
    "stage_change.investment_cop": "cambio_inversion",
}  # fmt: skip
LINE_FIELD = {
    "mineral": "mineral", "annual_volume": "volumen", "second_year_volume": "segundo", "unit": "unidad",
    "market": "mercado", "zone": "zona", "producer_class": "clase",
    "density": "densidad", "grade": "tenor", "recovery": "recuperacion",
}  # fmt: skip
RARE = ("unidad", "zona", "clase", "segundo", "densidad", "tenor", "recuperacion")
WORDS = frozenset({"mineral", "unit", *SHARED_FIELDS})


def mineral_choices() -> list[tuple[Any, Any]]:
    """Every mineral and heading by group, the commonest groups first, each with its unit."""
    by_group: dict[str, list[Mineral]] = {}
    for mineral in catalogue():
        by_group.setdefault(mineral.group, []).append(mineral)
    groups = [*(g for g in GROUP_NAMES if g in by_group), *sorted(g for g in by_group if g not in GROUP_NAMES)]
    listed: list[tuple[Any, Any]] = [("", _("Elija"))]
    for group in groups:
        minerals = sorted(by_group[group], key=lambda mineral: (mineral.is_heading, mineral.name))
        unit = {"m3": "m³"}
        listed.append(
            (GROUP_NAMES.get(group, group), [(m.code, f"{m.name} · {unit.get(m.unit, m.unit)}") for m in minerals])
        )
    return listed


class BondForm(forms.Form):
    """One case. `filas` says how many rows of minerals the page shows."""

    etapa = forms.ChoiceField(label=_("¿En qué etapa está el título?"), choices=STAGES, widget=forms.RadioSelect)
    desde = forms.DateField(
        label=_("¿Qué día empieza la póliza?"), widget=DayInput(),
        help_text=_("El precio es el del periodo en que empieza: trimestre para el carbón, mes para el oro."),
    )  # fmt: skip
    titulo_clase = forms.ChoiceField(label=_("Clase de título"), choices=REGIMES, initial="ley_685", required=False)
    inversion = forms.CharField(
        label=_("Inversión prevista para el año, en pesos"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    titulo = forms.CharField(
        label=_("Placa del título"), required=False, max_length=40,
        help_text=_("Con la placa se toman del registro la etapa, la anualidad y los volúmenes aprobados."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    sin_plan = forms.BooleanField(label=_("El plan de trabajos aún no está aprobado"), required=False)
    hasta = forms.DateField(
        label=_("Último día de la vigencia"), required=False, widget=DayInput(),
        help_text=_("Si no lo escribe, un año."),
    )  # fmt: skip
    contrato = forms.DateField(
        label=_("Fecha del contrato"), required=False, widget=DayInput(),
        help_text=_("Da la anualidad: si la póliza no empieza ese día, se muestran los dos valores."),
    )  # fmt: skip
    terminado = forms.DateField(label=_("Fecha en que terminó el título"), required=False, widget=DayInput())
    declarado = forms.MultipleChoiceField(
        label=_("Minerales de los que declara regalías"), required=False, choices=lambda: mineral_choices()[1:],
        help_text=_("Para ver si el plan los nombra."),
    )  # fmt: skip
    cambio = forms.DateField(label=_("Fecha en que cambia de etapa"), required=False, widget=DayInput())
    cambio_etapa = forms.ChoiceField(label=_("Etapa que empieza"), choices=(("", "—"), *STAGES), required=False)
    cambio_inversion = forms.CharField(
        label=_("Inversión de esa etapa, en pesos"), required=False, max_length=24,
        help_text=_("En explotación se usan los minerales de arriba."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, rows: int) -> None:
        super().__init__(data)
        self.rows = rows
        self.fields["etapa"].required = not (data and data.get("titulo"))
        for number in range(1, rows + 1):
            self._add_row(number)

    def _add_row(self, n: int) -> None:
        number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        text: dict[str, Any] = {"required": False, "max_length": 24, "widget": number}
        added = {
            "mineral": forms.ChoiceField(label=_("Mineral aprobado"), choices=mineral_choices, required=False),
            "volumen": forms.CharField(label=_("Volumen anual aprobado"), **text),
            "mercado": forms.ChoiceField(label=_("Mercado"), choices=MARKETS, required=False),
            "unidad": forms.ChoiceField(label=_("Unidad del volumen"), choices=UNITS, required=False),
            "zona": forms.CharField(label=_("Zona, si la resolución la distingue"), required=False, max_length=80),
            "clase": forms.CharField(
                label=_("Clase de productor, si la resolución la distingue"), required=False, max_length=80
            ),
            "segundo": forms.CharField(label=_("Volumen del segundo año"), **text),
            "densidad": forms.CharField(label=_("Densidad, t/m³"), **text),
            "tenor": forms.CharField(label=_("Tenor de la mena, g/t"), **text),
            "recuperacion": forms.CharField(label=_("Recuperación, entre 0 y 1"), **text),
        }
        self.fields |= {f"{name}_{n}": field for name, field in added.items()}

    def row_fields(self) -> Iterator[dict[str, Any]]:
        """The bound fields of each row, the usual ones apart from the rare ones."""
        usual, rare = ("mineral", "volumen", "mercado"), RARE
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
        kind = given.get("titulo_clase")
        decree = kind == "decreto_2655"
        # With the plate alone the registry says the regime.
        told = kind or not given.get("titulo")
        case: dict[str, Any] = {"regime": "decreto_2655" if decree else "ley_685"} if told else {}
        if kind and kind not in ("ley_685", "decreto_2655"):
            case["modality"] = kind
        dates = {"starts_on": "desde", "ends_on": "hasta", "contract_date": "contrato", "terminated_on": "terminado"}
        case |= {name: given[field].isoformat() for name, field in dates.items() if given.get(field)}
        case |= {name: given[field] for name, field in (("stage", "etapa"), ("title", "titulo")) if given.get(field)}
        lines = list(self._lines())
        if case.get("title") and lines and all(line.keys() <= {*SHARED_FIELDS} for line in lines):
            case |= lines[0]  # a market or zone without minerals: those of the title's plan
        elif case.get("stage") == "explotacion" or (case.get("title") and "stage" not in case and lines):
            case |= {"production": lines} if lines else {}
        elif given.get("inversion"):
            case["investment_cop"] = typed_number(given["inversion"])
        case |= {"plan_approved": False} if given.get("sin_plan") else {}
        case |= {"royalties_declared": given.get("declarado")} if given.get("declarado") else {}
        return case | ({"stage_change": self._change()} if given.get("cambio") else {})

    def _lines(self) -> Iterator[dict[str, str]]:
        for n in range(1, self.rows + 1):
            line = {
                name: value if name in WORDS else typed_number(value)
                for name, field in LINE_FIELD.items()
                if (value := self.cleaned_data.get(f"{field}_{n}"))
            }
            if line:
                mineral = catalogue().mineral(line.get("mineral", ""))
                yield line | ({"unit": mineral.unit} if mineral and "unit" not in line else {})

    def _change(self) -> dict[str, Any]:
        given = self.cleaned_data
        change: dict[str, Any] = {"on": given["cambio"].isoformat()}
        if given.get("cambio_etapa"):
            change["stage"] = given.get("cambio_etapa")
        if given.get("cambio_etapa") == "explotacion":
            return change | ({"production": lines} if (lines := list(self._lines())) else {})
        return change | (
            {"investment_cop": typed_number(given["cambio_inversion"])} if given.get("cambio_inversion") else {}
        )


def form_field(path: str, form: BondForm) -> str | None:
    """The page's field that a finding's path speaks of, None for the whole form."""
    found = CASE_FIELD.get(path)
    if found is None and "production[" in path:
        row, _, name = path.partition("production[")[2].partition("].")
        found = f"{LINE_FIELD.get(name, 'mineral')}_{int(row) + 1}"
    if found is None and path.startswith("royalties_declared"):
        found = "declarado"
    return found if found in form.fields else None
