"""A run of the test format that the platform follows: opened, told line by line as it goes, ended with its report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from veta.calls.domain.application import Run
from veta.calls.domain.commands import runs
from veta.calls.domain.commands.evaluator import require_member
from veta.calls.domain.document import REPORT
from veta.calls.domain.history import Event
from veta.calls.domain.refusals import refused
from veta.calls.domain.report import said_by
from veta.calls.domain.running import (
    AFFIRMED,
    ANSWERED,
    ASKED,
    AUTHORITY,
    DONE,
    FIRM,
    START,
    Answer,
    answers_of,
    hash_of,
    progress_of,
    told_by,
)
from veta.calls.history_rows import state_of
from veta.calls.models import CallEvent, CallRunLine
from veta.calls.queries import run_lines, run_progress
from veta.calls.services.applicants import keep_document, require_own
from veta.calls.services.book import SYSTEM, perform
from veta.calls.services.clock import call_now
from veta.kernel.ids import uuid7

LONGEST_ANSWER = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A run, and whose it is."""

    call: UUID
    application: UUID
    run: Run


def open_run(call: UUID, application: UUID, *, round: int, present: str, by: str, now: datetime) -> UUID:
    """One of the team opens a run; returns the id under which the machine takes it up. Raises as the command."""
    made, who = uuid7(), by.lower()
    command = partial(runs.open_run, application=application, run=made, round=round, present=present, by=who, at=now)
    perform(call, command, by=by, now=now)
    return made


def find(run: UUID) -> Standing:
    """The run of an id. Raises CAL-001 where there is none."""
    row = CallEvent.objects.filter(kind="run_opened", data__run=str(run)).first()
    found = runs.known(state_of(row.call_id)[0].application(row.application), run) if row and row.application else None
    if row is None or row.application is None or found is None:
        raise refused("CAL-001", f"No hay ninguna prueba abierta con el número {run}. Cópielo de su página.")
    return Standing(row.call_id, row.application, found)


def begin(of: Standing, about: Mapping[str, Any], *, now: datetime) -> Event:
    """The machine begins it. `about`: as the command asks. Raises as the command."""
    command = partial(runs.begin_run, application=of.application, run=of.run.id, about=about, at=now)
    return perform(of.call, command, by=SYSTEM, now=now)


@transaction.atomic
def add(of: Standing, kind: str, data: Mapping[str, Any], *, by: str = "") -> int:
    """Add a line behind the last one; returns its place. Whoever writes in the same run takes turns.

    Raises CAL-025 for a run that did not begin, ended or was dropped.
    """
    run = of.run.id
    _lock(run)
    runs.require_under_way(state_of(of.call)[0], of.application, run=run)
    head, count = _last(run)
    place, previous, at = count + 1, bytes.fromhex(head), call_now()
    digest = hash_of(run=run, place=place, kind=kind, by=by, at=at, data=data, previous=previous)
    CallRunLine.objects.create(
        run=run, place=place, kind=kind, by=by, at=at, data=dict(data), previous=previous, hash=digest
    )
    return place


def add_scenario(of: Standing, scenario: Mapping[str, Any]) -> int:
    """Add a scenario that ended, whole as its report has it: as text, so that what is hashed is what is kept."""
    text = json.dumps(scenario, ensure_ascii=False, sort_keys=True)
    said = {"id": scenario["id"], "passed": scenario["passed"], "evidence": scenario["evidence"], "report": text}
    if scenario.get("untried"):
        said["untried"] = scenario["untried"]
    return add(of, DONE, said)


def ask(of: Standing, text: str) -> int:
    """Ask something of who is present; returns the place that `answer_of` looks behind."""
    return add(of, ASKED, {"text": text})


def answer_of(of: Standing, asked: int) -> Answer | None:
    """What came of the question at a place, once somebody of the authority answered it or affirmed what the firm did.

    Raises CAL-025 where the run goes on no more.
    """
    runs.require_under_way(state_of(of.call)[0], of.application, run=of.run.id)
    return next(iter(answers_of(run_lines(of.run.id, since=asked))), None)


def answer_by_team(of: Standing, text: str, *, asked: int, by: str) -> int:
    """One of the team answers, whatever the firm declared.

    Raises CAL-012, CAL-013, CAL-014 where nothing, or something else, is asked; CAL-016.
    """
    call = state_of(of.call)[0]
    require_member(call, call.application(of.application), by.lower())
    return _answer(of, text, asked=asked, side=AUTHORITY, by=by.lower())


@transaction.atomic
def affirm(of: Standing, *, declared: int, by: str) -> int:
    """One of the team has seen what the firm declared at a place, and it counts. Raises CAL-012, CAL-013, CAL-014."""
    call = state_of(of.call)[0]
    require_member(call, call.application(of.application), by.lower())
    _lock(of.run.id)
    waiting = progress_of(run_progress(of.run.id)).declared
    if waiting is None or waiting[0] != declared:
        raise refused("CAL-014", "Eso ya se afirmó, o ya no se pregunta. Lea lo que se pide ahora.")
    return add(of, AFFIRMED, {"answer": declared}, by=by.lower())


def answer_by_firm(of: Standing, text: str, *, asked: int, owner: str) -> int:
    """Who acts for the firm declares what its screen shows: it counts once the authority affirms it.

    Raises CAL-001 for another's application, CAL-033 in the second round, and as above.
    """
    require_own(of.call, of.application, owner)
    runs.require_the_firm_answers(of.run)
    return _answer(of, text, asked=asked, side=FIRM, by=owner)


@transaction.atomic
def _answer(of: Standing, text: str, *, asked: int, side: str, by: str) -> int:
    _lock(of.run.id)
    progress = progress_of(run_progress(of.run.id))
    question, again = progress.question, progress.declared is not None and side == FIRM
    if question is None or question[0] != asked or again:
        raise refused("CAL-014", "Eso ya se respondió, o ya no se pregunta. Lea lo que se pide ahora.")
    if len(text) > LONGEST_ANSWER or "\0" in text:
        raise refused("CAL-016", f"Escriba la respuesta con {LONGEST_ANSWER} caracteres como mucho, ninguno nulo.")
    return add(of, ANSWERED, {"text": text, "side": side}, by=by)


@transaction.atomic
def end(of: Standing, report: bytes, *, now: datetime) -> Event:
    """It ended: its report is kept and is the attempt's, which waits for who had no hand in it. Raises as it."""
    made, said = keep_document("reporte.json", report, kinds=REPORT), said_by(report)
    if said is None:
        raise refused("CAL-032", "Ese reporte no es de la suite. Corra la prueba con veta conformance run.")
    _lock(of.run.id)
    told = told_by(run_progress(of.run.id))
    command = partial(runs.end_run, application=of.application, run=of.run.id, report=made, said=said, told=told)
    return perform(of.call, command, by=SYSTEM, now=now)


@transaction.atomic
def drop(of: Standing, reason: str, *, by: str, now: datetime) -> Event:
    """One of the team says that it does not count. Raises as the command."""
    _lock(of.run.id)
    head, count = _last(of.run.id)
    command = partial(
        runs.drop_run, application=of.application, run=of.run.id, reason=reason, head=head, lines=count, by=by.lower()
    )
    return perform(of.call, command, by=by, now=now)


def _last(run: UUID) -> tuple[str, int]:
    """The hash of the last line, and how many lines there are."""
    last = CallRunLine.objects.filter(run=run).order_by("-place").values_list("place", "hash").first()
    return (bytes(last[1]).hex(), last[0]) if last else (START.hex(), 0)


def _lock(run: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('calls.run.' || %s, 0))", [str(run)])
