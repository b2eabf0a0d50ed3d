"""The public register: every operator of the hub, how it stands and since when, and the acts of a call over it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veta.calls.domain.application import Application
from veta.calls.domain.call import Call
from veta.calls.queries import calls
from veta.calls.services.clock import call_now
from veta.calls.services.enablement import STATUS
from veta.hub.calls import words
from veta.hub.desk.tables import Cell, Table, columns
from veta.kernel.period import bogota_date
from veta.operators.queries import OperatorNow, first_enabled, operators_now

# What a state of an enablement is to the hub's keys; where the hub says otherwise, the hub is right.
STANDS: Mapping[str, str] = {"habilitado": "active", "suspendido": "suspended", "revocado": "ended", "vencido": "ended"}


def operators(request: HttpRequest) -> HttpResponse:
    """The register, as a page and for programs."""
    rows = operator_rows()
    if request.GET.get("formato") == "json":
        return JsonResponse({"operators": rows}, json_dumps_params={"ensure_ascii": False})
    table = Table(
        caption=_("Operadores registrados"), empty=_("No hay operadores registrados todavía."),
        columns=columns(_("Operador"), _("NIT"), _("Código"), _("Desde"), _("Hasta"), _("Acto"), _("Estado"),
                        _("En ese estado desde"), _("Condiciones y actos")),
        rows=[
            [
                Cell(row["name"]), Cell(row["nit"] or "—"), Cell(row["code"], code=True), Cell(row["since"]),
                Cell(row["until"] or "—"), Cell(row["act"]), words.badge(words.REGISTERED, row["state"]),
                Cell(row["status_since"]), Cell(_told(row)),
            ]
            for row in rows
        ],
    )  # fmt: skip
    return render(request, "hub/calls/operators.html", {"table": table})


def _told(row: Mapping[str, Any]) -> str:
    acts = [f"{words.act_name(each['act'])}: {each['number']}, {each['on']}" for each in row["acts"]]
    return "; ".join([*([row["conditions"]] if row["conditions"] else []), *acts]) or "—"


def operator_rows() -> list[dict[str, Any]]:
    """Each operator of the hub, by name. `status` is the hub's own, which its keys follow."""
    made = {
        each.enablement["code"]: (call, each)
        for call in calls()
        for each in call.applications.values()
        if each.enablement
    }  # fmt: skip
    first = first_enabled()
    rows = [_row(each, first[each.id], *made.get(each.code, (None, None))) for each in operators_now()]
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["code"]))


def _row(now: OperatorNow, since: date, call: Call | None, found: Application | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": now.name, "nit": "", "code": now.code, "since": since.isoformat(), "until": "", "act": now.act,
        "state": now.status, "status": now.status, "status_since": now.enabled_on.isoformat(), "conditions": "",
        "acts": [], "call": "", "term_status": "",
    }  # fmt: skip
    if call is None or found is None:
        return row
    term, acts = found.enablement, _acts(found)
    row |= {
        "nit": found.nit, "until": term["until"], "act": term["number"], "conditions": term["conditions"],
        "acts": acts, "call": call.code, "term_status": term["status"],
    }  # fmt: skip
    if STANDS.get(found.state) != now.status:
        return row | {"act": now.act}  # the desk's own act came after the call's
    if found.term_over(bogota_date(call_now())):
        return row | {"state": "vencido"}
    return row | {"state": found.state, "status_since": acts[-1]["on"] if acts else term["since"]}


def _acts(found: Application) -> list[dict[str, str]]:
    """The acts over an enablement, in order, each with its day: what suspends, lifts or ends it, and appeals upheld."""
    return [
        {"act": each["act"], "number": each["number"], "reason": each["reason"], "norm": each["norm"],
         "on": bogota_date(datetime.fromisoformat(each["at"])).isoformat()}
        for each in found.acts
        if EVENT_OF[each["act"]] in STATUS or (each["act"] == "appeal" and each["upheld"])
    ]  # fmt: skip


# The event that each act leaves.
EVENT_OF: Mapping[str, str] = {
    "exclude": "excluded", "suspend": "suspended", "lift": "lifted", "revoke": "revoked", "expire": "expired",
    "operator": "operator_made", "appeal": "appeal_decided",
}  # fmt: skip
