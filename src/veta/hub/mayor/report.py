"""The month of a municipality: enrolments that changed and stand, and what its miners sold, by mineral."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from veta.hub.desk.days import bounds
from veta.hub.desk.tables import Cell, Table, columns
from veta.hub.mayor.forms import CLASS_NAMES
from veta.hub.templatetags.figures import figure, mineral_name
from veta.kernel.period import Period
from veta.kernel.period import month_of as month_with
from veta.kernel.quantity import text_of
from veta.movements.queries.sold_in import Sold, sold_in
from veta.norms.catalogue import catalogue
from veta.registry.queries import MunicipalityRecord
from veta.registry.queries.subsistence import Changes, changes_in, standing_in
from veta.storage.connection import plain_cursor

NOTHING = Changes(0, 0, 0)


def month_of(text: str, today: date) -> Period:
    """The month typed as AAAA-MM, else the one that today is in."""
    try:
        return month_with(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return month_with(today)


def report_table(town: MunicipalityRecord, month: Period) -> Table:
    """The report as one table: each line says what it counts, of what, and how many or how much."""
    start, end = bounds(month.start, month.end)
    changes, standing = changes_in(town.code, start, end), standing_in(town.code, end=end, on=month.end)
    sold = sold_in(plain_cursor(), town.code, start, end)
    rows = [row for name in CLASS_NAMES for row in _of_class(name, changes.get(name, NOTHING), standing.get(name, 0))]
    rows += [row for each in sold for row in _of_mineral(each)]
    heads = columns(_("Concepto"), _("De qué"), _("Cantidad"), _("Unidad"), figures=(2,))
    caption = _("Informe de %(month)s, %(town)s") % {"month": f"{month.start:%Y-%m}", "town": town.name}
    return Table(caption, heads, rows, export=f"?mes={month.start:%Y-%m}&formato=")


def _of_class(name: str, changes: Changes, standing: int) -> list[list[Cell]]:
    label = str(CLASS_NAMES[name]).partition(":")[0]
    lines = (
        (_("Inscripciones nuevas"), changes.enrolled), (_("Renovaciones"), changes.renewed),
        (_("Terminadas"), changes.cancelled), (_("Vigentes al cierre"), standing),
    )  # fmt: skip
    return [_line(concept, label, str(count), _("inscripciones")) for concept, count in lines]


def _of_mineral(sold: Sold) -> list[list[Cell]]:
    mineral = catalogue().mineral(sold.mineral)
    name = mineral_name(sold.mineral)
    amount = text_of(sold.amount, factor=mineral.factor if mineral else 1)
    return [
        _line(_("Ventas reportadas"), name, str(sold.purchases), _("ventas")),
        _line(_("Mineros que vendieron"), name, str(sold.sellers), _("personas")),
        _line(_("Cantidad vendida"), name, amount, mineral.unit if mineral else ""),
    ]


def _line(concept: str, of: str, number: str, unit: str) -> list[Cell]:
    return [Cell(concept), Cell(of), Cell(figure(number), number=number), Cell(unit)]
