"""Commands of the evaluators: interest declared, verdicts by two persons, cures asked, observations answered, tests."""

from datetime import datetime
from uuid import UUID

from veta.calls.domain.application import CURE, VERDICTS, Application, Attempt, Item
from veta.calls.domain.call import (
    ASKING_CURES,
    CURE_REVIEW,
    LAST_OBSERVING,
    REVIEW,
    ROUND_ACTIVITY,
    Call,
)
from veta.calls.domain.commands.setup import words
from veta.calls.domain.curing import own_term
from veta.calls.domain.document import Document
from veta.calls.domain.history import Drafted
from veta.calls.domain.refusals import refused
from veta.calls.domain.report import Said
from veta.calls.domain.timetable import hour_of

_ROUND_STATE = {1: "con_servicios", 2: "ronda_1_superada"}


def declare_interest(call: Call, application: UUID, *, conflict: bool, reason: str, by: str) -> Drafted:
    """An evaluator says whether there is a conflict of interest with an applicant; one that was declared stands.

    Raises CAL-012, CAL-013, CAL-016, CAL-001.
    """
    found = call.application(application)
    if by not in call.evaluators:
        raise refused("CAL-012", "Usted no está en el equipo evaluador de esta convocatoria.")
    if not conflict:
        require_no_conflict(found, by)
    said = words(reason, "en qué consiste el conflicto", longest=1000) if conflict else reason.strip()[:1000]
    return Drafted(kind="interest_declared", data={"conflict": conflict, "reason": said}, application=application)


def require_fit(call: Call, application: Application, component: str, by: str) -> None:
    """Raises CAL-012 for who is not of that component's team, CAL-013 without a declaration or with a conflict."""
    if component not in call.evaluators.get(by, frozenset()):
        raise refused("CAL-012", "Usted no evalúa ese componente. Pida que lo designen o elija otro requisito.")
    _require_declared(application, by)


def require_member(call: Call, application: Application, by: str) -> None:
    """Raises CAL-012 for who is not of the team, CAL-013 without a declaration or with a conflict."""
    if by not in call.evaluators:
        raise refused("CAL-012", "Usted no está en el equipo evaluador de esta convocatoria.")
    _require_declared(application, by)


def _require_declared(application: Application, by: str) -> None:
    if application.conflicts.get(by) is None:
        raise refused("CAL-013", f"Declare primero si tiene conflicto de interés con {application.firm}.")
    require_no_conflict(application, by)


def require_no_conflict(application: Application, by: str) -> None:
    """Raises CAL-013 for who declared a conflict of interest with the applicant."""
    if application.conflicts.get(by):
        message = f"Usted declaró conflicto de interés con {application.firm}: lo hace otra persona."
        raise refused("CAL-013", message)


def propose_verdict(
    call: Call, application: UUID, item: str, verdict: str, *, reason: str, norm: str, seen: int, by: str, at: datetime
) -> Drafted:
    """The first of two persons gives an item its verdict.

    `seen`: the item's last event as its author saw it. Raises CAL-012, CAL-013, CAL-014 where somebody saved since,
    CAL-016, CAL-017 for a verdict that the item cannot get now.
    """
    found, held = _judged(call, application, item, by)
    if held.seen != seen or held.proposed is not None:
        raise refused("CAL-014", _saved_first(held))
    _require_turn(call, found, held, verdict, at)
    given = {
        "item": item, "verdict": verdict, "reason": words(reason, "el motivo", longest=2000),
        "norm": words(norm, "la norma", longest=300),
    }  # fmt: skip
    return Drafted(kind="verdict_proposed", data=given, application=application)


def _judged(call: Call, application: UUID, item: str, by: str) -> tuple[Application, Item]:
    found = call.application(application)
    requirement = call.requirements.get(item)
    if requirement is None:
        raise refused("CAL-001", "Ese requisito no existe en esta convocatoria. Revise el código.")
    require_fit(call, found, requirement.component, by)
    return found, found.item(item)


def _saved_first(held: Item) -> str:
    waiting = held.proposed
    if waiting is not None:
        return (
            f"{waiting.proposed_by} guardó antes «{VERDICTS[waiting.verdict]}» ({hour_of(waiting.at)}). Lo suyo no se"
            " guardó: léalo y confírmelo o devuélvalo."
        )
    return "Otra persona cambió este requisito mientras usted escribía. Lo suyo no se guardó: actualice y revise."


def _require_turn(call: Call, found: Application, held: Item, verdict: str, at: datetime) -> None:
    state = found.state
    if verdict not in VERDICTS:
        raise refused("CAL-017", "El resultado es «Cumple», «No cumple» o «Por subsanar».")
    if state == "solicitante":
        call.timetable.require_begun(REVIEW, at)
    elif state in {"por_subsanar", "subsanada"} and held.cured_unreviewed:
        call.timetable.require_begun(CURE_REVIEW, at)
    elif _upheld(found, state, held.code):
        call.timetable.require_begun(LAST_OBSERVING if state in {"cumple", "no_cumple"} else REVIEW, at)
    else:
        message = "Ese requisito no se evalúa ahora: falta que se subsane, o que se acoja una observación sobre él."
        raise refused("CAL-017", message)
    curable = call.requirements[held.code].curable and held.cure is None and state in {"solicitante", "evaluada"}
    if verdict == CURE and not curable:
        raise refused("CAL-017", "Ese requisito ya no puede ir a subsanación: es una sola vez. Diga si cumple o no.")


def _upheld(found: Application, state: str, code: str) -> bool:
    """Whether an observation on that item, or on the whole evaluation, was upheld."""
    on = {"cumple": "results", "no_cumple": "results"}.get(state, "preliminary")
    if state not in {"evaluada", "por_subsanar", "subsanada", "cumple", "no_cumple"}:
        return False
    return any(seen.upheld and seen.on == on and seen.item in ("", code) for seen in found.observations)


def confirm_verdict(call: Call, application: UUID, item: str, *, seen: int, by: str, at: datetime) -> Drafted:
    """The second person agrees, and the verdict counts, if its turn has not passed since it was proposed.

    Raises CAL-014, CAL-015 for who proposed it, and as above.
    """
    found, held = _judged(call, application, item, by)
    waiting = held.proposed
    if waiting is None or held.seen != seen:
        raise refused("CAL-014", _saved_first(held))
    if waiting.proposed_by == by:
        raise refused("CAL-015", "Usted lo propuso: lo confirma otra persona del mismo componente.")
    require_fit(call, found, call.requirements[item].component, waiting.proposed_by)
    _require_turn(call, found, held, waiting.verdict, at)
    given = {"item": item, "verdict": waiting.verdict, "reason": waiting.reason, "norm": waiting.norm}
    return Drafted(kind="verdict_confirmed", data=given, application=application, proposed_by=waiting.proposed_by)


def return_verdict(call: Call, application: UUID, item: str, *, reason: str, seen: int, by: str) -> Drafted:
    """The second person does not agree, or the first takes it back. Raises CAL-014, CAL-016."""
    _found, held = _judged(call, application, item, by)
    if held.proposed is None or held.seen != seen:
        raise refused("CAL-014", _saved_first(held))
    said = words(reason, "por qué no está de acuerdo", longest=1000)
    return Drafted(kind="verdict_returned", data={"item": item, "reason": said}, application=application)


def request_cures(call: Call, application: UUID, *, by: str, at: datetime) -> Drafted:
    """Ask an applicant to cure every item whose verdict says so, at once; after its day it counts as late, and gives a
    term of its own. Raises CAL-012, CAL-013, CAL-002 before the preliminary list, CAL-011 where nothing is to cure."""
    found = call.application(application)
    require_member(call, found, by)
    call.procedure.after(found.state, "request_cure")
    call.timetable.require_begun(ASKING_CURES, at)
    asked = {
        code: item.verdict.reason
        for code, item in sorted(found.items.items())
        if item.verdict is not None and item.verdict.verdict == CURE
    }
    if not asked:
        raise refused("CAL-011", f"{found.firm} no tiene requisitos por subsanar.")
    until = own_term(call, at)
    given = {"items": asked, "until": until.isoformat() if until else "", "late": until is not None}
    return Drafted(kind="cures_requested", data=given, application=application)


def answer_observation(call: Call, application: UUID, observation: str, text: str, *, upheld: bool, by: str) -> Drafted:
    """The answer to an observation; published with the others. Raises CAL-012, CAL-013, CAL-023, CAL-016."""
    found = call.application(application)
    require_member(call, found, by)
    seen = next((each for each in found.observations if each.id == observation), None)
    if seen is None or seen.answer:
        raise refused("CAL-023", "Esa observación no está, o ya se respondió. Actualice la página.")
    given = {"id": observation, "text": words(text, "la respuesta"), "upheld": upheld}
    return Drafted(kind="observation_answered", data=given, application=application)


def record_attempt(
    call: Call,
    application: UUID,
    *,
    round: int,
    passed: bool,
    present: str,
    report: Document,
    said: Said | None,
    lacks: str = "",
    by: str,
    at: datetime,
) -> Drafted:
    """One run of the test format in a round, with its report; it counts once another person confirms it.

    `present`: who of the firm was there, by post: the first round is verified by the authority and the firm.
    `said`: what the suite's report says of itself; `lacks`: what keeps it from being one of the whole format: such a
    one is recorded as not passed, and says so. Raises CAL-012, CAL-013, CAL-002 out of its round, CAL-003,
    CallLate, CAL-025 without attempts left, with one waiting or a report of another run or round, CAL-032 for
    one of a run that the platform followed, or that is to pass and is not of the whole format, CAL-016.
    """
    found = call.application(application)
    require_member(call, found, by)
    require_attempt(call, found, round, at)
    if any(run.report == report.digest for each in call.applications.values() for run in each.attempts):
        raise refused("CAL-025", "Ese reporte ya es de otro intento. Suba el de este.")
    if said is not None and said.round != round:
        of = f"de la ronda {said.round}" if said.round else "de una autoprueba"
        raise refused("CAL-025", f"Ese reporte es {of}. Suba el de la ronda {round}.")
    if said is not None and said.attempt:
        message = "Ese reporte es de una prueba que la plataforma siguió, y cuenta solo por ella. Abra otra y córrala."
        raise refused("CAL-032", message)
    if lacks and passed:
        message = f"Ese reporte no es del formato entero: {lacks}. Córralo entero, o regístrelo como no superado."
        raise refused("CAL-032", message)
    shown = f"{said.shown}{f' ({lacks})' if lacks else ''}" if said else ""
    given = {
        "round": round, "number": found.used_attempts(round) + 1, "passed": passed, "report": report.digest,
        "present": who_was_there(round, present), "document": report.as_json(), "said": shown,
    }  # fmt: skip
    return Drafted(kind="attempt_recorded", data=given, application=application)


def require_attempt(call: Call, found: Application, round: int, at: datetime) -> None:
    """Raises CAL-002 out of the round, CAL-003, CallLate, CAL-025 without attempts left, with one that waits to be
    confirmed, or a run that goes on."""
    if round not in _ROUND_STATE or found.state != _ROUND_STATE[round]:
        call.procedure.after(found.state, f"pass_round_{round}")
    call.timetable.require_open(ROUND_ACTIVITY[round], at)
    if found.pending_attempt is not None:
        raise refused("CAL-025", "Hay un intento por confirmar. Confírmelo o devuélvalo primero.")
    if found.open_run is not None:
        raise refused("CAL-025", "Hay una prueba abierta. Espere a que termine, o descártela en su página.")
    if found.used_attempts(round) >= call.attempts(round):
        raise refused("CAL-025", f"Ya usó los {call.attempts(round)} intentos de la ronda {round}.")


def who_was_there(round: int, present: str) -> str:
    """Who of the firm was at a run, by post: the first round is verified with it. Raises CAL-016."""
    if round == 1:
        return words(present, "quién estuvo por la empresa, por su cargo", longest=300)
    return present.strip()[:300]


def confirm_attempt(call: Call, application: UUID, *, seen: str, by: str) -> Drafted:
    """The second person confirms a run. `seen`: when the run was recorded that this person read, in ISO 8601.

    Raises CAL-025 where none waits, CAL-014 where it is another one, CAL-012, CAL-013, CAL-015 for who recorded it, or
    had a hand in it where the platform followed it.
    """
    found = call.application(application)
    require_member(call, found, by)
    waiting = found.pending_attempt
    if waiting is None:
        raise refused("CAL-025", "No hay intento por confirmar.")
    _require_no_hand(call, found, waiting, by)
    if waiting.proposed_by == by:
        raise refused("CAL-015", "Usted lo registró: lo confirma otra persona.")
    if waiting.at.isoformat() != seen:
        raise refused("CAL-014", "Ese intento se devolvió y se registró otro. Léalo y decida de nuevo.")
    given = {"round": waiting.round, "number": waiting.number, "passed": waiting.passed, "report": waiting.report}
    return Drafted(kind="attempt_confirmed", data=given, application=application, proposed_by=waiting.proposed_by)


def return_attempt(call: Call, application: UUID, reason: str, *, by: str) -> Drafted:
    """A run that was recorded wrongly does not count.

    Raises CAL-012, CAL-013, CAL-025, CAL-015 for who had a hand in one that the platform followed, CAL-016.
    """
    found = call.application(application)
    require_member(call, found, by)
    if found.pending_attempt is None:
        raise refused("CAL-025", "No hay intento por confirmar.")
    _require_no_hand(call, found, found.pending_attempt, by)
    said = words(reason, "por qué se devuelve", longest=1000)
    return Drafted(kind="attempt_returned", data={"reason": said}, application=application)


def _require_no_hand(call: Call, found: Application, waiting: Attempt, by: str) -> None:
    if by in waiting.hands:
        message = "Usted abrió esta prueba, o respondió en ella: la decide otra persona del equipo"
        raise refused("CAL-015", f"{message} ({', '.join(who_decides(call, found)) or 'designe a una más'}).")


def who_decides(call: Call, found: Application) -> list[str]:
    """Who of the team may confirm the attempt that waits, by account: those without a conflict or a hand in it."""
    waiting = found.pending_attempt
    barred = {waiting.proposed_by, *waiting.hands} if waiting else set()
    return [each for each in sorted(call.evaluators) if each not in barred and not found.conflicts.get(each)]
