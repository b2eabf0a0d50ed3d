"""Commands of who runs a call: its making, its requirements until it opens, its team, questions and their answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.call import Call, call_of
from veta.calls.domain.history import Drafted
from veta.calls.domain.refusals import refused
from veta.calls.domain.requirement import COMPONENTS, requirement_of
from veta.calls.domain.timetable import require_whole
from veta.kernel.ids import uuid7
from veta.norms.workdays import is_working_day

LONGEST = 4000
MOST_QUESTIONS = 1000  # that wait at once
MOST_ATTEMPTS, MOST_YEARS = 20, 50
# What is written again until the call opens; requirements have commands of their own.
REVISED = ("title", "act", "effective", "timetable", "questions_until", "terms")


def words(text: str, field: str, *, longest: int = LONGEST) -> str:
    """A text that somebody must write. Raises CAL-016 where it is empty or too long."""
    made = text.strip()
    if not made or len(made) > longest:
        raise refused("CAL-016", f"Escriba {field}, con {longest} caracteres como mucho.")
    return made


def call_from(data: Mapping[str, Any]) -> Call:
    """The call that such data would make, to read it by."""
    return call_of(uuid7(), data)


def create(data: Mapping[str, Any], *, at: datetime) -> Drafted:
    """The first event of a call. Raises CAL-022 for a requirement that cannot be, CAL-002 without procedure, CAL-016
    without act, CAL-021 for its timetable, CAL-030 for its terms."""
    made = call_of(uuid7(), data)
    missing = [name for key, name in COMPONENTS.items() if not made.of_component(key)]
    if missing:
        raise refused("CAL-022", f"Faltan requisitos de: {', '.join(missing)}. Escriba al menos uno de cada uno.")
    _require_own(made, at)
    return Drafted(kind="created", data=data)


def revise(call: Call, data: Mapping[str, Any], *, at: datetime) -> Drafted:
    """Title, act, timetable and terms are written again, until the call opens. Raises CAL-005, and as `create`."""
    _require_unfrozen(call)
    given = {name: data[name] for name in REVISED}
    kept = {"code": call.code, "requirements": [each.as_json() for each in call.requirements.values()]}
    _require_own(call_of(call.id, {**given, **kept}), at)
    return Drafted(kind="revised", data=given)


def _require_own(made: Call, at: datetime) -> None:
    """Whether what a call says of itself can be: its procedure, act, timetable and terms."""
    made.procedure  # noqa: B018 - raises where none is in force
    if not (str(made.act.get("number", "")).strip() and made.act.get("legal_basis")):
        raise refused("CAL-016", "Falta el acto de la convocatoria: su número y sus fundamentos.")
    require_whole(made.timetable, now=at, is_working_day=is_working_day)
    fits = (
        all(1 <= made.attempts(round) <= MOST_ATTEMPTS for round in (1, 2))
        and all(limit > 0 for limit in made.limits.values())
        and 1 <= int(made.terms["validity_years"]) <= MOST_YEARS
    )
    if not fits:
        message = (
            f"Revise los términos: de 1 a {MOST_ATTEMPTS} intentos, límites mayores que cero, de 1 a {MOST_YEARS} años."
        )
        raise refused("CAL-030", message)


def set_requirement(call: Call, given: Mapping[str, Any]) -> Drafted:
    """Add a requirement, or change one. Raises CAL-005 once the call is open, CAL-022."""
    _require_unfrozen(call)
    return Drafted(kind="requirement_set", data=requirement_of(given).as_json())


def drop_requirement(call: Call, code: str) -> Drafted:
    """Take a requirement out. Raises CAL-005; CAL-022 where it is not there or is the last of its component."""
    _require_unfrozen(call)
    found = call.requirements.get(code)
    if found is None or len(call.of_component(found.component)) == 1:
        raise refused("CAL-022", "Ese requisito no está, o es el único de su componente. Revise el código.")
    return Drafted(kind="requirement_dropped", data={"code": code})


def _require_unfrozen(call: Call) -> None:
    if call.opened_at is not None:
        message = "La convocatoria ya abrió y sus requisitos no cambian. Lo que haga falta va en otra convocatoria."
        raise refused("CAL-005", message)


def name_evaluator(call: Call, person: str, component: str) -> Drafted:
    """Put a person of the authority in the team of a component. Raises CAL-012."""
    person = person.strip().lower()
    if component not in COMPONENTS or not person:
        raise refused("CAL-012", "Escriba el correo de la persona y su componente.")
    if component in call.evaluators.get(person, frozenset()):
        raise refused("CAL-012", "Esa persona ya evalúa ese componente.")
    return Drafted(kind="evaluator_named", data={"person": person, "component": component})


def remove_evaluator(call: Call, person: str, component: str, reason: str) -> Drafted:
    """Take a person out of the team of a component; what that person did stands. Raises CAL-012, CAL-016."""
    person = person.strip().lower()
    if component not in call.evaluators.get(person, frozenset()):
        raise refused("CAL-012", "Esa persona no evalúa ese componente. Revise el correo y el componente.")
    given = {"person": person, "component": component, "reason": words(reason, "por qué se retira", longest=300)}
    return Drafted(kind="evaluator_removed", data=given)


def asked(call: Call, text: str, *, waiting: int, at: datetime) -> str:
    """The text of a question of anybody, as it is kept until it is answered. `waiting`: how many are.

    Raises CAL-003 before the call opens, CallLate after the last day, CAL-016, CAL-029 where too many wait.
    """
    if call.opened_at is None:
        raise refused("CAL-003", "La convocatoria aún no se publica. Vuelva cuando abra.")
    call.timetable.require_questions(at)
    if waiting >= MOST_QUESTIONS:
        raise refused("CAL-029", "Hay demasiadas preguntas por responder. Vuelva mañana.")
    return words(text, "la pregunta", longest=1000)


def answer(id: UUID, question: str, asked_at: datetime, text: str) -> Drafted:
    """The public answer to a question, which enters the history with it. Raises CAL-016."""
    given = {
        "id": str(id), "question": question, "asked_at": asked_at.isoformat(), "text": words(text, "la respuesta"),
    }  # fmt: skip
    return Drafted(kind="question_answered", data=given)


def dismiss(id: UUID, reason: str) -> Drafted:
    """A question that is none, or that brought personal data, is dropped: its text enters no history. CAL-016."""
    said = words(reason, "por qué se descarta", longest=300)
    return Drafted(kind="question_dismissed", data={"id": str(id), "reason": said})
