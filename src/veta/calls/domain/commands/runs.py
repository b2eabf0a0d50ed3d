"""Commands of a run of the test format that the platform follows: opened by one of the team, begun, ended or dropped.

What it found is recorded as any attempt is, in the name of who opened it; it is decided by another person, who neither
opened it nor answered in it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.application import Application, Run
from veta.calls.domain.call import ROUND_ACTIVITY, Call
from veta.calls.domain.commands.evaluator import require_attempt, require_member, who_was_there
from veta.calls.domain.commands.setup import words
from veta.calls.domain.document import Document
from veta.calls.domain.history import Drafted
from veta.calls.domain.refusals import refused
from veta.calls.domain.report import BEGUN, Said
from veta.calls.domain.running import Told

_STILL_OPEN = "Sigue abierta: entregue el que hizo esta corrida, o que otra persona la descarte en su página."


def open_run(
    call: Call, application: UUID, *, run: UUID, round: int, present: str, by: str, at: datetime
) -> Drafted:  # fmt: skip
    """One of the team opens a run in a round. `present`: who of the firm is there, by post, as for a recorded attempt.

    Raises as `require_attempt`, CAL-016.
    """
    found = call.application(application)
    require_member(call, found, by)
    require_attempt(call, found, round, at)
    given = {
        "run": str(run), "round": round, "number": found.used_attempts(round) + 1,
        "present": who_was_there(round, present),
    }  # fmt: skip
    return Drafted(kind="run_opened", data=given, application=application)


def begin_run(call: Call, application: UUID, *, run: UUID, about: Mapping[str, Any], at: datetime) -> Drafted:
    """The machine begins it. `about`: candidate, version, operator, seed, suite (its digest) and the scenarios' ids.

    Raises CAL-025 for a run that is not open or has begun, CAL-003, CallLate out of its round.
    """
    found = _open(call, application, run)
    if found.began_at is not None:
        raise refused("CAL-025", "Esa prueba ya empezó. Si se interrumpió, descártela en su página y abra otra.")
    call.timetable.require_open(ROUND_ACTIVITY[found.round], at)
    return Drafted(kind="run_began", data={"run": str(run), **about}, application=application)


def end_run(
    call: Call, application: UUID, *, run: UUID, report: Document, said: Said, told: Told
) -> Drafted:  # fmt: skip
    """It has ended, and its report is the attempt's, which waits for a person of the team who had no hand in it.

    `told`: what its lines come to. Raises CAL-025 for a run that did not begin, CAL-032 for a report that is not of
    what began or was told, CAL-033 with an answer of the firm that nobody affirmed: the run goes on.
    """
    found = require_under_way(call, application, run=run)
    if told.unaffirmed:
        message = (
            f"La ANM no afirmó {told.unaffirmed} de las respuestas que declaró la empresa. La prueba sigue abierta"
        )
        raise refused("CAL-033", f"{message}: que el equipo responda en su página, o que otra persona la descarte.")
    if wrong := _differing(found, said, told):
        raise refused("CAL-032", f"Ese reporte no es de esta prueba: no coincide {', '.join(wrong)}. {_STILL_OPEN}")
    given = {
        "run": str(run), "round": found.round, "number": found.number, "passed": 0 < said.of == said.passed,
        "report": report.digest, "document": report.as_json(), "present": found.present, "said": said.shown,
        "opened_by": found.opened_by, "head": told.head, "lines": told.lines,
        "hands": sorted({found.opened_by, *told.hands}),
    }  # fmt: skip
    return Drafted(kind="run_ended", data=given, application=application)


def _differing(found: Run, said: Said, told: Told) -> list[str]:
    """What of a report is not as the run began, or as it was told line by line."""
    wrong = [] if said.round == found.round else [f"la ronda, que es la {found.round}"]
    wrong += [] if said.attempt == str(found.id) else ["el número de la prueba"]
    wrong += [words for name, words in BEGUN.items() if said.begun.get(name) != found.about.get(name)]
    if said.answers != told.answers:
        wrong.append("lo que se respondió")
    if not wrong and (said.results != told.results or not said.adds_up):
        wrong.append("el resultado de los escenarios con lo que se contó mientras corrían")
    return wrong


def drop_run(call: Call, application: UUID, *, run: UUID, reason: str, head: str, lines: int, by: str) -> Drafted:
    """A run that was interrupted, or never begun, does not count; its lines stay.

    One that began is dropped by another of the team than who opened it, since it may have been failing. Raises CAL-012,
    CAL-013, CAL-025, CAL-016.
    """
    require_member(call, call.application(application), by)
    found = _open(call, application, run)
    if found.began_at is not None and found.opened_by == by:
        raise refused("CAL-025", "Una prueba que empezó la descarta otra persona del equipo. Pídaselo a una.")
    given = {
        "run": str(run), "reason": words(reason, "por qué se descarta", longest=1000), "head": head, "lines": lines,
    }  # fmt: skip
    return Drafted(kind="run_dropped", data=given, application=application)


def require_under_way(call: Call, application: UUID, *, run: UUID) -> Run:
    """The run, where it has begun and goes on. Raises CAL-025."""
    found = _open(call, application, run)
    if found.began_at is None:
        raise refused("CAL-025", "Esa prueba no ha empezado.")
    return found


def the_firm_answers(run: Run) -> bool:
    """Whether the firm may answer in it: the first round is verified with it, the second by the authority alone."""
    return run.round == 1


def require_the_firm_answers(run: Run) -> None:
    """Raises CAL-033 where it may not."""
    if not the_firm_answers(run):
        raise refused("CAL-033", f"En la ronda {run.round} responde la ANM: la empresa solo la sigue.")


def known(application: Application, run: UUID) -> Run | None:
    """A run of an application, open or not."""
    return next((each for each in application.runs if each.id == run), None)


def _open(call: Call, application: UUID, run: UUID) -> Run:
    found = call.application(application).open_run
    if found is None or found.id != run:
        raise refused("CAL-025", "Esa prueba no está abierta: ya terminó, se descartó o no existe.")
    return found


def scenarios_of(run: Run) -> Sequence[str]:
    """The ids of what it runs, in order; none before it began."""
    return tuple(run.about.get("scenarios", ()))
