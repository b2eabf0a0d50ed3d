"""Commands of the authority over one application: exclusion, enablement and its life, notice and appeals."""

import re
from calendar import isleap
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from veta.calls.domain.acts import notifiable
from veta.calls.domain.application import Application
from veta.calls.domain.call import REGISTRATION, Call
from veta.calls.domain.commands.setup import MOST_YEARS, words
from veta.calls.domain.history import Drafted
from veta.calls.domain.procedure import STATES
from veta.calls.domain.refusals import refused
from veta.kernel.period import bogota_date

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}").fullmatch
# An act over one application: the step of the procedure it takes, and the event that it leaves.
ACTS: Mapping[str, tuple[str, str]] = {
    "exclude": ("exclude", "excluded"), "suspend": ("suspend", "suspended"), "lift": ("lift", "lifted"),
    "revoke": ("revoke", "revoked"), "expire": ("expire", "expired"), "operator": ("", "operator_made"),
    "appeal": ("", "appeal_decided"),
}  # fmt: skip


def propose_act(call: Call, application: UUID, act: str, *, given: Mapping[str, Any], at: datetime) -> Drafted:
    """The first of two persons proposes an act over an application.

    `given`: `number`, `reason`, `norm`; of `operator` also `code`, `since`, `until`, `conditions`; of `appeal` `id` and
    `upheld`. Raises CAL-002, CAL-016, CAL-018 where another waits, CAL-028 for a code or term that cannot be.
    """
    found = call.application(application)
    if act not in ACTS:
        raise refused("CAL-018", "Ese acto no existe. Elija uno de la lista.")
    if found.pending_act:
        raise refused("CAL-018", "Hay un acto por decidir sobre esa solicitud. Decídalo primero.")
    _require_turn(call, found, act, at)
    said = {
        "act": act, "number": words(str(given["number"]), "el número y la fecha del acto", longest=100),
        "reason": words(str(given["reason"]), "el motivo", longest=2000),
        "norm": words(str(given["norm"]), "la norma", longest=300), "on": bogota_date(at).isoformat(),
    }  # fmt: skip
    if act == "operator":
        said |= _enablement(call, application, given)
    if act == "appeal":
        said |= _appeal(call, application, given)
    return Drafted(kind="act_proposed", data=said, application=application)


def _require_turn(call: Call, found: Application, act: str, at: datetime) -> str:
    """The event that the act leaves, where the procedure admits it now; an end comes after the last day of the term."""
    step, event = ACTS[act]
    if step:
        call.procedure.after(found.state, step)
    until = str(found.enablement.get("until", ""))
    if act == "expire" and until and bogota_date(at) <= date.fromisoformat(until):
        raise refused("CAL-028", f"La habilitación rige hasta el {until}. Vence después de ese día.")
    return event


def _enablement(call: Call, application: UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    found = call.application(application)
    if found.state != "habilitado" or found.enablement:
        raise refused("CAL-028", "Solo un habilitado que aún no es operador se registra. Vea la lista oficial.")
    code = str(given["code"]).strip().upper()
    since, until = date.fromisoformat(str(given["since"])), date.fromisoformat(str(given["until"]))
    if _CODE(code) is None or until <= since:
        raise refused(
            "CAL-028", "Revise el código (letras, números y guiones) y la vigencia: termina después de empezar."
        )
    if until > (last := last_day(call, since)):
        raise refused("CAL-028", f"La vigencia de esta convocatoria llega hasta el {last}. Corrija la fecha.")
    return {
        "code": code, "since": since.isoformat(), "until": until.isoformat(),
        "conditions": str(given.get("conditions", "")).strip()[:2000], "status": "unverified",
    }  # fmt: skip


def last_day(call: Call, since: date) -> date:
    """The last day of an enablement that begins on a day, by the years that the call's terms give it."""
    year, month, day = since.year + int(call.terms.get("validity_years", MOST_YEARS)), since.month, since.day
    leap = (month, day) == (2, 29) and not isleap(year)
    return date(year, month, 28 if leap else day) - timedelta(days=0 if leap else 1)


def _appeal(call: Call, application: UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    found = call.application(application)
    filed = next((each for each in found.appeals if each["id"] == given["id"]), None)
    if filed is None or "upheld" in filed:
        raise refused("CAL-023", "Ese recurso no está, o ya se decidió. Actualice la página.")
    upheld = bool(given["upheld"])
    if upheld:
        _require_against(call, found, filed)
    return {"id": filed["id"], "upheld": upheld}


def _require_against(call: Call, found: Application, filed: Mapping[str, Any]) -> None:
    """Raises CAL-002 where what the appeal is against no longer stands: granting it would undo another decision."""
    if filed["against"] != found.state:
        was, stands = STATES[filed["against"]], STATES[found.state]
        raise refused("CAL-002", f"El recurso es contra «{was}» y la solicitud está «{stands}»: no se puede conceder.")
    call.procedure.after(found.state, "uphold_appeal", before=found.before)


def settle_act(
    call: Call,
    application: UUID,
    *,
    approved: bool,
    reason: str = "",
    signer: Mapping[str, Any] | None = None,
    seen: int,
    by: str,
    at: datetime,
) -> Drafted:
    """The second person approves the act, which takes effect, or declines it with the reason.

    `signer`: `role` and `acting` (encargado), the call's own where it is not said; `seen`: the proposal that was read.
    Raises CAL-018 where none waits or it is another, CAL-015 for who proposed it,
    CAL-002 where its turn passed, CAL-028, CAL-016.
    """
    found = call.application(application)
    waiting = dict(found.pending_act)
    if not waiting:
        raise refused("CAL-018", "No hay acto por decidir sobre esa solicitud.")
    author, place = str(waiting.pop("by")), waiting.pop("place")
    if place != seen:
        raise refused("CAL-018", "Se propuso otro acto mientras usted leía este. Lea el que espera.")
    if author == by:
        raise refused("CAL-015", f"Lo propuso {author}: lo decide otra persona.")
    if not approved:
        said = {"act": waiting["act"], "reason": words(reason, "por qué se rechaza", longest=1000)}
        return Drafted(kind="act_declined", data=said, application=application, proposed_by=author)
    event = _require_turn(call, found, waiting["act"], at)
    signs = signer or {"role": call.act["signer"], "acting": call.act["acting"]}
    role = words(str(signs["role"]), "el cargo de quien firma", longest=200)
    waiting["roles"] = {"signer": role, "acting": bool(signs["acting"])}
    if waiting["act"] == "appeal" and waiting["upheld"]:
        _require_against(call, found, next(each for each in found.appeals if each["id"] == waiting["id"]))
    return Drafted(kind=event, data=waiting, application=application, proposed_by=author)


def record_notice(
    call: Call, application: UUID, *, of: int, how: str, on: date, proof: str, at: datetime
) -> Drafted:  # fmt: skip
    """That an act was notified to a firm: which, by its place; how, which day, by which proof.

    Raises CAL-016, CAL-023 for an unknown act, CAL-036 for a day before the act's or that has not come.
    """
    found = call.application(application)
    act = next((each for each in notifiable(call, found) if each.place == of), None)
    if act is None:
        raise refused("CAL-023", "Ese acto no existe para esa empresa. Elija uno de la lista.")
    if not act.day <= on <= bogota_date(at):
        raise refused("CAL-036", f"La notificación va del {act.day}, el día del acto, a hoy. Corrija la fecha.")
    given = {
        "of": act.kind, "place": act.place, "number": act.number, "on": on.isoformat(),
        "how": words(how, "cómo se notificó", longest=200),
        "proof": words(proof, "la constancia", longest=300),
    }  # fmt: skip
    return Drafted(kind="notice_recorded", data=given, application=application)


def lapsed(call: Call, *, at: datetime) -> list[Drafted]:
    """The applications that were begun and never handed in, once registration has closed."""
    if call.opened_at is None or not call.timetable.is_late(REGISTRATION, at):
        return []
    return [
        Drafted(kind="lapsed", application=each.id) for each in call.applications.values() if each.state == "borrador"
    ]
