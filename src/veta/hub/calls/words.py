"""The call's words on a page: states, verdicts, acts, components, and what is left of a window."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from veta.calls.domain.application import Application
from veta.calls.domain.left import left
from veta.calls.domain.timetable import Activity
from veta.hub.desk.tables import Cell
from veta.kernel.period import BOGOTA
from veta.norms.workdays import is_working_day

STATES: Mapping[str, tuple[Promise, str]] = {
    "borrador": (gettext_lazy("En preparación"), "note"),
    "no_presentada": (gettext_lazy("No presentada"), "note"),
    "solicitante": (gettext_lazy("Solicitante"), "wait"),
    "evaluada": (gettext_lazy("Evaluada preliminarmente"), "wait"),
    "por_subsanar": (gettext_lazy("Por subsanar"), "wait"),
    "subsanada": (gettext_lazy("Subsanada"), "wait"),
    "cumple": (gettext_lazy("Cumple"), "ok"),
    "no_cumple": (gettext_lazy("No cumple"), "stop"),
    "elegible": (gettext_lazy("Elegible"), "ok"),
    "no_elegible": (gettext_lazy("No elegible"), "stop"),
    "con_servicios": (gettext_lazy("Elegible, con servicios recibidos"), "ok"),
    "ronda_1_superada": (gettext_lazy("Ronda 1 superada"), "ok"),
    "ronda_2_superada": (gettext_lazy("Ronda 2 superada"), "ok"),
    "habilitado": (gettext_lazy("Habilitado"), "ok"),
    "no_habilitado": (gettext_lazy("No habilitado"), "stop"),
    "suspendido": (gettext_lazy("Habilitación suspendida"), "wait"),
    "revocado": (gettext_lazy("Habilitación revocada"), "stop"),
    "vencido": (gettext_lazy("Habilitación vencida"), "note"),
    "retirada": (gettext_lazy("Retirada"), "note"),
    "excluida": (gettext_lazy("Excluida"), "stop"),
}
OUTCOMES: Mapping[str, tuple[Promise, str]] = {
    "meets": (gettext_lazy("Cumple"), "ok"),
    "fails": (gettext_lazy("No cumple"), "stop"),
    "cure": (gettext_lazy("Por subsanar"), "wait"),
    "eligible": (gettext_lazy("Elegible"), "ok"),
    "ineligible": (gettext_lazy("No elegible"), "stop"),
    "enabled": (gettext_lazy("Habilitado"), "ok"),
    "not_enabled": (gettext_lazy("No habilitado"), "stop"),
    "upheld": (gettext_lazy("Acogida"), "ok"),
    "declined": (gettext_lazy("No acogida"), "note"),
}
# How an operator stands in the register: as its enablement does, or as the hub's desk recorded it.
REGISTERED: Mapping[str, tuple[Promise, str]] = {
    **{state: STATES[state] for state in ("habilitado", "suspendido", "revocado", "vencido")},
    "active": (gettext_lazy("Habilitado"), "ok"),
    "suspended": (gettext_lazy("Suspendido"), "wait"),
    "ended": (gettext_lazy("Terminado"), "stop"),
}
WINDOWS: Mapping[str, tuple[Promise, str]] = {
    "coming": (gettext_lazy("Por abrir"), "note"),
    "open": (gettext_lazy("Abierta"), "ok"),
    "closed": (gettext_lazy("Cerrada"), "note"),
}
KINDS: Mapping[str, Promise] = {
    "invitation": gettext_lazy("Invitación"),
    "addendum": gettext_lazy("Adendo"),
    "preliminary": gettext_lazy("Listado preliminar de resultados"),
    "answers": gettext_lazy("Respuestas a las observaciones"),
    "results": gettext_lazy("Resultados de la evaluación"),
    "stage_results": gettext_lazy("Respuestas y resultados de la etapa"),
    "official": gettext_lazy("Listado oficial de operadores habilitados"),
    "supplement": gettext_lazy("Alcance al listado oficial"),
}
ACTS: Mapping[str, Promise] = {
    "exclude": gettext_lazy("Excluir la solicitud"),
    "suspend": gettext_lazy("Suspender la habilitación"),
    "lift": gettext_lazy("Levantar la suspensión"),
    "revoke": gettext_lazy("Revocar la habilitación"),
    "expire": gettext_lazy("Terminar la habilitación por vencimiento"),
    "operator": gettext_lazy("Registrar como operador"),
    "appeal": gettext_lazy("Decidir el recurso"),
}
COMPONENTS: Mapping[str, Promise] = {
    "juridico": gettext_lazy("Jurídico"),
    "financiero": gettext_lazy("Financiero"),
    "tecnico": gettext_lazy("Técnico"),
}
PROOFS: Mapping[str, Promise] = {
    "document": gettext_lazy("Documento"),
    "figures": gettext_lazy("Cifras de los estados financieros"),
}
STATUSES: Mapping[str, Promise] = {
    "verified": gettext_lazy("verificado"),
    "secondary": gettext_lazy("de fuente secundaria"),
    "inference": gettext_lazy("inferido"),
    "unverified": gettext_lazy("sin verificar"),
}
RECEIPTS: Mapping[str, Promise] = {
    "submitted": gettext_lazy("Solicitud presentada"),
    "withdrawn": gettext_lazy("Solicitud retirada"),
    "item_cured": gettext_lazy("Subsanación recibida"),
    "observed": gettext_lazy("Observación recibida"),
    "services_received": gettext_lazy("Servicios recibidos"),
    "key_handed_in": gettext_lazy("Llave recibida"),
    "appeal_filed": gettext_lazy("Recurso recibido"),
    "contacts_changed": gettext_lazy("Contactos cambiados"),
    "refused_late": gettext_lazy("Rechazado por tarde"),
}


def badge(table: Mapping[str, tuple[Promise, str]], key: str) -> Cell:
    """The badge of a state, an outcome or a window."""
    label, tone = table.get(key, (key, "note"))
    return Cell(label, tone=tone)


def act_name(kind: str) -> str:
    """The name of a published act, or of one over a firm."""
    return str(KINDS.get(kind) or ACTS.get(kind) or kind)


def notices(application: Application) -> list[tuple[str, Mapping[str, Any]]]:
    """What was notified to a firm: the name of each act, and the notice."""
    return [(f"{act_name(each['of'])} {each.get('number', '')}".strip(), each) for each in application.notices]


def instant(at: datetime | None) -> str:
    """An instant on Bogotá's clock, to the second: on these pages seconds decide."""
    return at.astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M:%S") if at else "—"


def left_of(activity: Activity, now: datetime) -> str:
    """What is left of an open window, in working days and hours; nothing of one that is not open."""
    if activity.state_at(now) != "open":
        return ""
    found = left(now, activity.closes_at, is_working_day=is_working_day)
    days = ngettext("%(n)s día hábil", "%(n)s días hábiles", found.days) % {"n": found.days}
    return _("Quedan %(days)s y %(hours)s h %(minutes)s min") % {
        "days": days, "hours": found.hours, "minutes": found.minutes,
    }  # fmt: skip


def days_of(activity: Activity) -> str:
    """A window's days as the act says them."""
    closes = activity.closes.isoformat()
    if activity.opens is None:
        return _("hasta el %(closes)s") % {"closes": closes}
    return closes if activity.opens == activity.closes else f"{activity.opens} – {closes}"
