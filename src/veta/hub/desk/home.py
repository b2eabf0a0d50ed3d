"""The desk's first page, for each role: what entered today, what the verdicts found, what waits for whoever asks."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.chart import days_chart
from veta.hub.desk import words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today, typed_day
from veta.hub.desk.due import due_for
from veta.hub.desk.queue import waiting_for
from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.hub.templatetags.figures import figure
from veta.movements.queries import tally
from veta.storage.connection import plain_cursor

CHART_DAYS = 14
# In this order; only those that the table opens to who asks are shown.
DESKS = (
    ("desk_search", gettext_lazy("Buscar"),
     gettext_lazy("Un título, un lote, un movimiento, un operador, una persona.")),
    ("desk_movements", gettext_lazy("Movimientos"), gettext_lazy("Los de un día o de varios, por clase y estado.")),
    ("desk_places", gettext_lazy("De dónde sale el mineral"), gettext_lazy("El mapa, y lo mismo por municipio.")),
    ("desk_queue", gettext_lazy("Por decidir"), gettext_lazy("Todo lo que espera una segunda persona.")),
    ("desk_acts", gettext_lazy("Actos sobre lotes"), gettext_lazy("Suspender, levantar, decomisar, acreditar.")),
    ("desk_excesses", gettext_lazy("Excesos de cupo"), gettext_lazy("Por trimestre, con el expediente de cada quien.")),
    ("desk_operators", gettext_lazy("Operadores"), gettext_lazy("Su habilitación y sus llaves.")),
    ("desk_proposals", gettext_lazy("Títulos y planes"),
     gettext_lazy("Versiones que ingresa una persona y aprueba otra.")),
    ("desk_imports", gettext_lazy("Archivos del registro"),
     gettext_lazy("Listas del RUCOM que sube una persona y aplica otra.")),
    ("desk_renewals", gettext_lazy("Renovaciones de mayo"), gettext_lazy("Inscripciones sin renovar este año.")),
    ("bond_desk", gettext_lazy("Pólizas"), gettext_lazy("Lo exigido, lo presentado y lo que no encaja.")),
    ("settlement_desk", gettext_lazy("Liquidaciones"), gettext_lazy("Regalías de cada trimestre.")),
    ("withholding_desk", gettext_lazy("Retenciones de metales preciosos"),
     gettext_lazy("El libro de cada comprador, por mes y municipio.")),
    ("validation_desk", gettext_lazy("Validaciones"),
     gettext_lazy("Qué mineral aprobó el plan, con la placa, y su resultado.")),
    ("bound_unlinked", gettext_lazy("Obligados sin operador"),
     gettext_lazy("Titulares obligados a reportar y sin mandato.")),
    ("price_desk", gettext_lazy("Resoluciones de precios"), gettext_lazy("Ingresarlas y aprobarlas.")),
    ("desk_access_log", gettext_lazy("Consultas de datos"), gettext_lazy("Quién miró a quién, y para qué.")),
    ("people", gettext_lazy("Personas con cuenta"), gettext_lazy("Cuentas y roles.")),
)  # fmt: skip


def home(request: HttpRequest) -> HttpResponse:
    """Today at a glance; another day by its date."""
    day = typed_day(request.GET.get("dia", ""), today())
    counted = tally.counted(plain_cursor(), day, day)
    findings = _findings(request, day)
    if form := asked_for(request):
        return exported(findings, name=f"hallazgos-{day}", form=form)
    context = {
        "day": day, "yesterday": day - timedelta(days=1), "is_today": day == today(),
        "states": _states(counted), "kinds": _kinds(request, counted, day),
        "findings": findings, "waiting": waiting_for(request)[:8], "due": due_for(request),
        "desks": [(reverse(name), label, says) for name, label, says in DESKS if may(request, name)],
    }  # fmt: skip
    return render(request, "hub/desk/home.html", context)


def chart(request: HttpRequest) -> HttpResponse:
    """Movements of each of the last days, as SVG; the day's table says the same of one."""
    last = typed_day(request.GET.get("dia", ""), today())
    first = last - timedelta(days=CHART_DAYS - 1)
    counted = tally.days(plain_cursor(), first, last)
    days = [first + timedelta(days=n) for n in range(CHART_DAYS)]
    drawn = days_chart([(day, counted.get(day, 0)) for day in days], title=_("Movimientos recibidos cada día"))
    return HttpResponse(drawn, content_type="image/svg+xml")


def days(request: HttpRequest) -> HttpResponse:
    """The chart's figures as a table, or a file."""
    last = typed_day(request.GET.get("dia", ""), today())
    first = last - timedelta(days=CHART_DAYS - 1)
    counted = tally.days(plain_cursor(), first, last)
    rows = []
    for n in reversed(range(CHART_DAYS)):
        day = first + timedelta(days=n)
        number = str(counted.get(day, 0))
        rows.append([Cell(str(day), url=f"{reverse('desk_home')}?dia={day}"), Cell(figure(number), number=number)])
    table = Table(
        _("Movimientos recibidos cada día"), columns(_("Día"), _("Movimientos"), figures=[1]), rows,
        export=f"?dia={last}&formato=",
    )  # fmt: skip
    if form := asked_for(request):
        return exported(table, name=f"movimientos-por-dia-{last}", form=form)
    return render(request, "hub/desk/days.html", {"table": table, "last": last})


def _states(counted: list[tally.Counted]) -> list[dict[str, Any]]:
    numbers = {state: sum(c.number for c in counted if c.state == state) for state in words.STATES}
    return [
        {"badge": words.badge(words.STATES, state), "number": figure(str(number)), "state": state}
        for state, number in numbers.items()
        if number or state in {"accepted", "pending", "rejected"}
    ]


def _kinds(request: HttpRequest, counted: list[tally.Counted], day: Any) -> Table:
    by_kind: dict[str, dict[str, int]] = {}
    for each in counted:
        by_kind.setdefault(each.kind, {})[each.state] = each.number
    listed = f"{reverse('desk_movements')}?desde={day}&hasta={day}&clase=" if may(request, "desk_movements") else ""
    rows = [
        [
            Cell(words.kind_of(kind), url=f"{listed}{kind}" if listed else ""),
            *(Cell(figure(str(n)), number=str(n)) for n in _sums(states)),
        ]
        for kind, states in sorted(by_kind.items(), key=lambda pair: -sum(pair[1].values()))
    ]  # fmt: skip
    heads = columns(_("Clase"), _("Aceptados"), _("En espera"), _("Rechazados"), _("Otros"), figures=[1, 2, 3, 4])
    return Table(_("Recibidos en el día, por clase y estado"), heads, rows, empty=_("Ese día no se recibió ninguno."))


def _sums(states: dict[str, int]) -> tuple[int, int, int, int]:
    first = tuple(states.get(state, 0) for state in ("accepted", "pending", "rejected"))
    return first[0], first[1], first[2], sum(states.values()) - sum(first)


def _findings(request: HttpRequest, day: Any) -> Table:
    found = tally.found(plain_cursor(), day, day)
    listed = f"{reverse('desk_movements')}?desde={day}&hasta={day}&hallazgo=" if may(request, "desk_movements") else ""
    rows = [
        [
            Cell(each.code, url=f"{listed}{each.code}" if listed else "", code=True),
            Cell(words.FAMILIES.get(each.code[:3], "—")),
            words.badge(words.SEVERITIES, each.severity),
            Cell(figure(str(each.number)), number=str(each.number)),
        ]
        for each in found
    ]
    heads = columns(_("Hallazgo"), _("De qué trata"), _("Qué hace"), _("Veces"), figures=[3])
    return Table(
        _("Hallazgos de los veredictos del día"), heads, rows, empty=_("Ningún hallazgo ese día."),
        export=f"?dia={day}&formato=",
    )  # fmt: skip
