"""The accounts and their roles as a file, for whoever administers them."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from veta.hub.desk.tables import Cell, Table, asked_for, columns, exported
from veta.site.queries import people


def people_file(request: HttpRequest) -> HttpResponse:
    """Every account with its roles in force, whether it has a second factor and whether it is active."""
    yes, no = _("sí"), _("no")
    rows = [
        [
            Cell(each.name), Cell(each.email), Cell(", ".join(str(role) for role in each.roles)),
            Cell(yes if each.enrolled else no), Cell(yes if each.is_active else no),
        ]
        for each in people()
    ]  # fmt: skip
    heads = columns(_("Nombre"), _("Correo"), _("Roles"), _("Segundo factor"), _("Activa"))
    table = Table(_("Personas con cuenta"), heads, rows)
    return exported(table, name="personas-con-cuenta", form=asked_for(request) or "csv")
