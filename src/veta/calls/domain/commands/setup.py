"""Commands of who runs a call: its making, its requirements until it opens, its team, questions and their answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from veta.calls.domain.call import Call, call_of
from veta.calls.domain.history import Drafted
from veta.calls.domain.refusals import refused
from veta.calls.domain.requirement import COMPONENTS, requirement_of
from veta.kernel.ids import uuid7

LONGEST = 4000


def words(text: str, field: str, *, longest: int = LONGEST) -> str:
    """A text that somebody must write. Raises CAL-016 where it is empty or too long."""
    made = text.strip()
    if not made or len(made) > longest:
        raise refused("CAL-016", f"Escriba {field}, con {longest} caracteres como mucho.")
    return made


def create(data: Mapping[str, Any]) -> Drafted:
    """The first event of a call. Raises CAL-022 for a requirement that cannot be, CAL-002 without procedure."""
    made = call_of(uuid7(), data)
    made.procedure  # noqa: B018 - raises where none is in force
    missing = [name for key, name in COMPONENTS.items() if not made.of_component(key)]
    if missing:
        raise refused("CAL-022", f"Faltan requisitos de: {', '.join(missing)}. Escriba al menos uno de cada uno.")
    if not (made.act.get("number") and made.act.get("legal_basis")):
        raise refused("CAL-016", "Falta el acto de la convocatoria: su número y sus fundamentos.")
    return Drafted(kind="created", data=data)


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


def ask(call: Call, text: str, *, at: datetime) -> Drafted:
    """A question of anybody. Raises CAL-003 before the call opens, CallLate after the last day, CAL-016."""
    if call.opened_at is None:
        raise refused("CAL-003", "La convocatoria aún no se publica. Vuelva cuando abra.")
    call.timetable.require_questions(at)
    return Drafted(kind="question_asked", data={"id": str(uuid7()), "text": words(text, "la pregunta", longest=1000)})


def answer(call: Call, question: str, text: str) -> Drafted:
    """The public answer to a question. Raises CAL-023 for one that is not there or is answered, CAL-016."""
    found = next((each for each in call.questions if each.id == question), None)
    if found is None or found.answer:
        raise refused("CAL-023", "Esa pregunta no está, o ya se respondió. Actualice la página.")
    return Drafted(kind="question_answered", data={"id": question, "text": words(text, "la respuesta")})
