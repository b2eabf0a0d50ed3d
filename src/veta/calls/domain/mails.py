"""What a call tells people by mail: each change that concerns a firm, and each deadline before it falls.

Every mail has a key: what was sent under it is in the history, so that it is sent once, whatever is started again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from veta.calls.domain.acts import name_of
from veta.calls.domain.application import Application
from veta.calls.domain.call import (
    ANSWERS,
    ASKING_CURES,
    CURE_REVIEW,
    CURING,
    HANDING_OVER,
    LAST_OBSERVING,
    OBSERVING,
    REGISTRATION,
    RESULTS,
    REVIEW,
    ROUND_1,
    ROUND_2,
    STAGE_RESULTS,
    Call,
)
from veta.calls.domain.curing import unasked, window_of
from veta.calls.domain.history import Event
from veta.calls.domain.left import left
from veta.calls.domain.lists import ACTIVITY, KINDS, undecided
from veta.calls.domain.procedure import STATES
from veta.calls.domain.timetable import Activity, hour_of
from veta.calls.domain.verdicts import unacted
from veta.kernel.period import bogota_date
from veta.norms.workdays import is_working_day

REMIND_DAYS = 2
VALIDITY_DAYS = (30, 3)  # of the calendar; no norm that was read gives either
_OUT = {"retirada", "no_presentada", "excluida", "revocado", "vencido"}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message: to a firm's contacts, or else `to` a person of the authority. `former`: the contacts that a change
    replaced, who are told too; empty where they were who represents the firm, None where nothing was changed."""

    key: str
    application: UUID | None
    subject: str
    text: str
    to: str = ""
    former: str | None = None


_TOLD: Mapping[str, tuple[str, str]] = {
    "registered": ("Registro recibido", "Su empresa quedó registrada. Complete los requisitos y preséntela."),
    "submitted": ("Solicitud presentada", "Recibimos su solicitud. El recibo firmado está en su página."),
    "withdrawn": ("Solicitud retirada", "Su solicitud quedó retirada."),
    "refused_late": ("Llegó tarde", "Lo que envió llegó después del cierre. El recibo dice la hora del servidor."),
    "lapsed": ("Solicitud no presentada", "El registro cerró y su solicitud no se presentó."),
    "cures_requested": ("Subsane estos requisitos", "La ANM le pide subsanar. Hágalo una sola vez por requisito:"),
    "item_cured": ("Subsanación recibida", "Recibimos la subsanación de un requisito. El recibo está en su página."),
    "observed": ("Observación recibida", "Recibimos su observación. La respuesta se publica con las demás."),
    "services_delivered": ("Servicios entregados", "Tiene a su disposición los servicios. Confirme que los recibió."),
    "services_received": ("Recibo de los servicios", "Quedó su constancia de haber recibido los servicios."),
    "credentials_opened": ("Credenciales abiertas", "Se abrieron sus credenciales. Si no fue usted, avise a la ANM."),
    "key_handed_in": ("Llave recibida", "Recibimos una llave de su operador. Si no fue usted, avise a la ANM."),
    "contacts_changed": (
        "Cambiaron sus contactos",
        "Los avisos van ahora a los contactos que su cuenta dio. Si no fue su empresa, avise a la ANM.",
    ),
    "run_opened": ("Prueba abierta", "La ANM abrió una prueba de su sistema. Sígala en vivo en su página."),
    "run_dropped": ("Prueba descartada", "La prueba que estaba abierta no cuenta. El motivo está en su página."),
    "attempt_confirmed": ("Resultado de una prueba", "Se registró el resultado de una prueba. Véalo en su página."),
    "excluded": ("Solicitud excluida", "Su solicitud fue excluida. El acto y su motivo están en su página."),
    "operator_made": ("Operador registrado", "Su empresa es operador. Registre ahora su llave, con su prueba."),
    "suspended": ("Habilitación suspendida", "Su habilitación fue suspendida. El acto está en su página."),
    "lifted": ("Suspensión levantada", "Su habilitación rige otra vez."),
    "revoked": ("Habilitación revocada", "Su habilitación fue revocada. El acto está en su página."),
    "expired": ("Habilitación vencida", "Su habilitación terminó."),
    "notice_recorded": ("Notificación", "Quedó constancia de su notificación."),
    "appeal_filed": ("Recurso recibido", "Recibimos su recurso."),
    "appeal_decided": ("Recurso decidido", "La ANM decidió su recurso. Vea la decisión en su página."),
}  # fmt: skip


def due(call: Call, events: Iterable[Event], now: datetime, *, press: Iterable[str] = ()) -> Iterator[Mail]:
    """The mails that were not sent yet, oldest first: of each event that concerns a firm, then of near deadlines.

    `press`: who prepares what is published, and is told before its day ends.
    """
    for event in events:
        for mail in _of_event(call, event):
            if mail.key not in call.mailed:
                yield mail
    for application in call.applications.values():
        for mail in _reminders(call, application, now):
            if mail.key not in call.mailed:
                yield mail
    for mail in (*_duties(call, now), *_publications(call, now, press)):
        if mail.key not in call.mailed:
            yield mail


def _of_event(call: Call, event: Event) -> Iterator[Mail]:
    if event.kind == "act_published" and event.data["kind"] != "invitation":
        name = KINDS[event.data["kind"]]
        for application in _standing(call, event):
            text = f"Se publicó: {name} {event.data['number']}. Su solicitud: {STATES[application.state]}."
            yield _mail(call, f"{event.place}-{application.id}", application, name, text)
    elif event.application is None or event.application not in call.applications:
        return
    elif event.kind == "observation_answered" and event.data["upheld"]:
        yield from _to_judge_again(call, event, call.applications[event.application])
    elif event.kind in _TOLD:
        subject, text = _TOLD[event.kind]
        asked = event.data.get("items", {}) if event.kind == "cures_requested" else {}
        which = _which(call, event)
        lines = [text, *which, *(f"{code}: {reason}" for code, reason in asked.items()), f"Hora: {hour_of(event.at)}."]
        mail = _mail(call, str(event.place), call.applications[event.application], subject, "\n".join(lines))
        yield replace(mail, former=event.data["before"]) if event.kind == "contacts_changed" else mail


def _which(call: Call, event: Event) -> list[str]:
    """The act that an event is, notifies or is against, by its name and number."""
    given = event.data
    if event.kind == "notice_recorded":
        return [f"Acto: {name_of(given['of'])} {given.get('number', '')}".rstrip() + f". Notificado el {given['on']}."]
    if event.kind == "appeal_filed":
        return [f"Contra: {STATES[given['against']]}."]
    if "act" not in given:
        return []
    decided = (" Se concede." if given["upheld"] else " No se concede.") if "upheld" in given else ""
    return [f"Acto: {name_of(given['act'])}, {given['number']}.{decided}"]


def _standing(call: Call, event: Event) -> list[Application]:
    named = {row["application"] for row in event.data["rows"]}
    if event.data["kind"] == "addendum":
        return [each for each in call.applications.values() if each.state not in _OUT]
    return [each for each in call.applications.values() if str(each.id) in named]


def _mail(call: Call, key: str, application: Application, subject: str, text: str) -> Mail:
    return Mail(key, application.id, f"{call.code}: {subject}", f"{application.firm}\n\n{text}")


_WAITING: tuple[tuple[int, Callable[[Application], bool], str], ...] = (
    (REGISTRATION, lambda each: each.state == "borrador", "presentar la solicitud"),
    (OBSERVING, lambda each: each.state == "evaluada", "observar el listado preliminar"),
    (CURING, lambda each: each.state == "por_subsanar", "subsanar"),
    (LAST_OBSERVING, lambda each: each.state in {"cumple", "no_cumple"}, "observar los resultados"),
    (HANDING_OVER, lambda each: each.state == "elegible" and bool(each.delivered), "firmar el recibo de los servicios"),
    (ROUND_1, lambda each: each.state == "con_servicios", "superar la ronda 1"),
    (ROUND_2, lambda each: each.state == "ronda_1_superada", "superar la ronda 2"),
)
# What an evaluator still owes a firm in an activity, by the requirements of the evaluator's components.
_OWED: tuple[tuple[int, Callable[[Application, frozenset[str]], bool], str], ...] = (
    (
        REVIEW,
        lambda each, codes: each.state == "solicitante" and any(not each.item(c).verdict for c in codes),
        "evaluar",
    ),
    (ANSWERS, lambda each, codes: any(o.on == "preliminary" and not o.answer for o in each.observations), "responder"),
    (ASKING_CURES, lambda each, codes: each.state == "evaluada" and unasked(each), "pedir la subsanación"),
    (
        CURE_REVIEW,
        lambda each, codes: (
            each.state in {"por_subsanar", "subsanada"} and any(each.item(c).cured_unreviewed for c in codes)
        ),
        "revisar lo subsanado",
    ),
    (
        STAGE_RESULTS,
        lambda each, codes: any(o.on == "results" and not o.answer for o in each.observations),
        "responder",
    ),
    (RESULTS, lambda each, codes: _upheld(each, "preliminary", codes), "evaluar otra vez lo que se acogió"),
    (STAGE_RESULTS, lambda each, codes: _upheld(each, "results", codes), "evaluar otra vez lo que se acogió"),
    (HANDING_OVER, lambda each, codes: each.state == "elegible" and not each.delivered, "entregar los servicios"),
    (ROUND_1, lambda each, codes: each.state == "con_servicios" and _technical(codes), "probar en la ronda 1"),
    (ROUND_2, lambda each, codes: each.state == "ronda_1_superada" and _technical(codes), "probar en la ronda 2"),
)


def _technical(codes: frozenset[str]) -> bool:
    return any(code.startswith("T") for code in codes)


def _publications(call: Call, now: datetime, press: Iterable[str]) -> Iterator[Mail]:
    """Before the day of an act ends, who prepares it is told that it was not published, and on which firms it waits."""
    for kind, order in ACTIVITY.items():
        activity = call.timetable.activity(order, now)
        if kind in {"invitation", "supplement"} or call.has(kind) or not _near(activity, now) or not call.opened_at:
            continue
        firms = undecided(call, kind, now)
        waits = f" Falta decidir sobre: {', '.join(firms)}." if firms else ""
        text = (
            f"Le queda hasta el {activity.closes} a las {activity.last_minute:%H:%M} para publicar: {KINDS[kind]}."
            f"{waits}"
        )
        for person in press:
            key = f"publish-{order}-{activity.closes}-{person}"
            yield Mail(key, None, f"{call.code}: plazo para publicar", text, person)


def _near(activity: Activity, now: datetime) -> bool:
    """Whether an activity is open and less than two working days are left of it after today."""
    if activity.state_at(now) != "open":
        return False
    return left(now, activity.closes_at, is_working_day=is_working_day).days < REMIND_DAYS


# The states in which an observation of a list that was upheld is to be acted on.
STANDS: Mapping[str, set[str]] = {
    "preliminary": {"evaluada", "por_subsanar", "subsanada"}, "results": {"cumple", "no_cumple"},
}  # fmt: skip


def _upheld(each: Application, on: str, codes: frozenset[str]) -> bool:
    return each.state in STANDS[on] and any(seen.item in codes or not seen.item for seen in unacted(each, on))


def _codes(call: Call, components: frozenset[str]) -> frozenset[str]:
    return frozenset(code for code, each in call.requirements.items() if each.component in components)


def _to_judge_again(call: Call, event: Event, application: Application) -> Iterator[Mail]:
    """An observation that is upheld is work for those who evaluate what it is about."""
    seen = next((each for each in application.observations if each.id == event.data["id"]), None)
    for person, components in sorted(call.evaluators.items()):
        about = seen is not None and (not seen.item or seen.item in _codes(call, components))
        if seen is not None and about and not application.conflicts.get(person):
            text = (
                f"Se acogió una observación de {application.firm} sobre {seen.item or 'toda la evaluación'}. Dos"
                " personas la evalúan otra vez, con su motivo: sin eso no se publica la lista que sigue."
            )
            yield Mail(f"{event.place}-{person}", None, f"{call.code}: evalúe otra vez lo que se acogió", text, person)


def _duties(call: Call, now: datetime) -> Iterator[Mail]:
    """Before an activity of the authority closes, each evaluator is told which firms still wait for it."""
    for order, owed, what in _OWED:
        activity = call.timetable.activity(order, now)
        if not _near(activity, now):
            continue
        for person, components in sorted(call.evaluators.items()):
            codes = _codes(call, components)
            firms = sorted(
                each.firm for each in call.applications.values() if not each.conflicts.get(person) and owed(each, codes)
            )
            if firms:
                text = (
                    f"Le queda hasta el {activity.closes} a las {activity.last_minute:%H:%M} para {what}:"
                    f" {', '.join(firms)}."
                )
                key = f"duty-{order}-{activity.closes}-{person}"
                yield Mail(key, None, f"{call.code}: plazo para {what}", text, person)


def _reminders(call: Call, application: Application, now: datetime) -> Iterator[Mail]:
    for order, waits, what in _WAITING:
        activity = window_of(call, application, now) if order == CURING else call.timetable.activity(order, now)
        if waits(application) and _near(activity, now):
            pending = ", ".join(application.to_cure())
            text = (
                f"Le queda hasta el {activity.closes} a las {activity.last_minute:%H:%M} para {what}"
                f"{f' ({pending})' if pending else ''}. Lo que llegue después se rechaza."
            )
            key = f"reminder-{order}-{activity.closes}-{application.id}"
            yield _mail(call, key, application, f"plazo para {what}", text)
    yield from _validity(call, application, now)


def _validity(call: Call, application: Application, now: datetime) -> Iterator[Mail]:
    """An enablement whose last day is near: a month before, and again in its last days."""
    said = str(application.enablement.get("until", ""))
    if not said or application.state not in {"habilitado", "suspendido"}:
        return
    until = date.fromisoformat(said)
    days = (until - bogota_date(now)).days
    for before in VALIDITY_DAYS:
        if 0 <= days <= before:
            text = f"Su habilitación rige hasta el {until}. Después de ese día, la ANM la termina con un acto."
            yield _mail(call, f"validity-{before}-{until}-{application.id}", application, "fin de la vigencia", text)
