"""All that waits for a second person, of every slice, in one list: who asked, since when, and where it is decided."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.bonds.queries import bonds_standing
from veta.hub.calls import waiting as called
from veta.hub.desk import paging, words
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.tables import Cell, Table, Text, asked_for, columns, exported
from veta.kernel.clock import SystemClock
from veta.movements.queries.acts import waiting_acts
from veta.operators.queries import key_states, key_steps, operators_now
from veta.oversight.queries import cases_standing
from veta.prices.queries import resolutions
from veta.registry.queries.desk import proposals
from veta.registry.queries.imports import uploads
from veta.site.caller import person_of
from veta.site.queries import pending_entries
from veta.storage.connection import plain_cursor

ACTS: dict[str, Promise] = {
    "title_version": gettext_lazy("Versión de un título"),
    "works_plan": gettext_lazy("Plan de trabajos"),
}

UPLOADS: dict[str, Promise] = {
    "titles": gettext_lazy("Títulos (RUCOM)"),
    "traders": gettext_lazy("Comercializadores"),
    "plants": gettext_lazy("Plantas de beneficio"),
    "subsistence": gettext_lazy("Mineros de subsistencia"),
    "reserves": gettext_lazy("Áreas de reserva especial"),
    "subcontracts": gettext_lazy("Subcontratos de formalización"),
    "municipalities": gettext_lazy("Municipios (DIVIPOLA)"),
}
# Of each source: what waits is decided by persons, one by one.
MOST = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act that one person asked for: `page` decides it, `by` is the e-mail of who asked, where it is known."""

    what: Text
    about: str
    by: str
    since: datetime | None
    page: str
    url: str
    mine: bool = False


def queue(request: HttpRequest) -> HttpResponse:
    """Everything that waits, what the person who looks may decide first."""
    form, waiting = asked_for(request), waiting_for(request, all_of_them=True)
    shown, more = (waiting, "") if form else paging.cut(request, waiting)
    table = Table(
        _("Lo más antiguo primero"),
        columns(_("Qué espera"), _("De qué o de quién"), _("Lo pidió"), _("Desde"), _("Usted")),
        [_row(request, each) for each in shown],
        empty=_("Nada espera una segunda persona."), more=more, export="?formato=",
    )  # fmt: skip
    if form:
        return exported(table, name="por-decidir", form=form)
    return render(request, "hub/desk/queue.html", {"table": table})


def waiting_for(request: HttpRequest, *, all_of_them: bool = False) -> list[Waiting]:
    """What the person may decide, or all that the person may see; one's own askings are another's to decide."""
    me = person_of(request).email
    found = [
        Waiting(each.what, each.about, each.by, each.since, each.page, each.url, each.by.lower() == me)
        for source, page in SOURCES
        if may(request, page, "GET")
        for each in source()
    ]
    mine = [each for each in found if all_of_them or (not each.mine and _decides(request, each))]
    return sorted(mine, key=lambda each: (each.since is None, each.since))


def _decides(request: HttpRequest, each: Waiting) -> bool:
    return may(request, each.page, "POST")


def _row(request: HttpRequest, each: Waiting) -> list[Cell]:
    if each.mine:
        own = Cell(_("lo pidió usted: decide otra persona"), tone="note")
    elif _decides(request, each):
        own = Cell(_("puede decidirlo"), tone="ok")
    else:
        own = Cell(_("solo consulta"), tone="note")
    return [Cell(each.what, url=each.url), Cell(each.about), Cell(each.by or "—"), Cell(words.instant(each.since)), own]


def _roles() -> Iterator[Waiting]:
    for each in pending_entries():
        about = f"{each.role_label} → {each.user_name}"
        url = reverse("role_decide", args=[each.id])
        yield Waiting(_("Rol"), about, each.proposed_by, each.proposed_at, "role_decide", url)


def _prices() -> Iterator[Waiting]:
    for each in resolutions(pending=True):
        url = reverse("price_decide", args=[each.id])
        yield Waiting(_("Resolución de precios"), each.name, each.entered_by, each.entered_at, "price_decide", url)


def _registry() -> Iterator[Waiting]:
    for each in proposals(pending=True):
        url = reverse("desk_proposal", args=[each.id])
        what = ACTS.get(each.kind, each.kind)
        yield Waiting(what, each.title_code, each.proposed_by, each.proposed_at, "desk_proposal", url)


def _imports() -> Iterator[Waiting]:
    for each in uploads(pending=True, limit=MOST):
        url, about = reverse("desk_import", args=[each.id]), f"{UPLOADS[each.kind]} · {each.file_name}"
        yield Waiting(_("Archivo del registro"), about, each.proposed_by, each.proposed_at, "desk_import", url)


def _acts() -> Iterator[Waiting]:
    for each in waiting_acts(plain_cursor()):
        url, about = reverse("desk_act", args=[each.id]), f"{each.words['authority']} · {each.words['act']}"
        yield Waiting(words.kind_of(each.kind), about, each.proposed_by, each.proposed_at, "desk_act", url)


def _keys() -> Iterator[Waiting]:
    """Keys that an officer recorded and that lack an approval, and those that another key asked for."""
    operators = {each.id: each for each in operators_now()}
    steps = key_steps()
    for key in key_states(now=SystemClock().now()):
        if key.lacks_approval and key.operator in operators:
            asked = next((step.by for step in steps.get(key.id, ()) if step.kind == "approved"), "")
            url = reverse("desk_key_approve", args=[key.id])
            about = f"{operators[key.operator].code} · {key.id}"
            yield Waiting(_("Llave de operador"), about, asked, key.proposed_at, "desk_key_approve", url)


def _bonds() -> Iterator[Waiting]:
    for entry in bonds_standing(on=today(), limit=MOST, which="presented"):
        last = entry.life.events[-1]
        url = reverse("bond_decide", args=[entry.id])
        yield Waiting(_("Póliza presentada"), entry.title_code, last.by, None, "bond_decide", url)


def _requirements() -> Iterator[Waiting]:
    for case in cases_standing(limit=MOST, which="proposed"):
        if waiting := case.proposed:
            url = reverse("validation_settle", args=[case.id])
            what, since = _("Requerimiento a un titular"), waiting.recorded_at
            yield Waiting(what, case.title_code, waiting.by, since, "validation_settle", url)


def _called(lines: Callable[[], Iterator[called.Line]], page: str) -> Callable[[], Iterator[Waiting]]:
    """Of the calls for operators: what one of its pages decides."""

    def source() -> Iterator[Waiting]:
        for what, about, by, since, url in lines():
            yield Waiting(what, about, by, since, page, url)

    return source


# Each source with the page that decides what it yields.
SOURCES: tuple[tuple[Callable[[], Iterator[Waiting]], str], ...] = (
    (_roles, "role_decide"),
    (_prices, "price_decide"),
    (_registry, "desk_proposal"),
    (_imports, "desk_import"),
    (_acts, "desk_act"),
    (_keys, "desk_key_approve"),
    (_bonds, "bond_decide"),
    (_requirements, "validation_settle"),
    (_called(called.to_sign, "calls_sign"), "calls_sign"),
    (_called(called.to_settle, "calls_settle"), "calls_settle"),
    (_called(called.to_confirm, "calls_judge"), "calls_judge"),
)
