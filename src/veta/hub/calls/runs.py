"""A run of the test format while it goes: to the team that evaluates and to the firm that is tested, and nobody else.

The page renews itself by a header, without scripts, until it is told to stay or a person may be typing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.domain.application import Application, Run
from veta.calls.domain.call import Call
from veta.calls.domain.commands.runs import known, scenarios_of, the_firm_answers
from veta.calls.domain.running import Answer, Progress, progress_of
from veta.calls.queries import run_progress, run_scenario
from veta.calls.services import runs
from veta.calls.services.clock import call_now
from veta.conformance.queries import answers_of, by_group, faults_of, seen_of
from veta.hub.calls import words
from veta.hub.calls.applicant import own_of, owner_of
from veta.hub.calls.desk import application_of, call_of, follows
from veta.hub.calls.evaluators import acted, by, page_of
from veta.hub.calls.forms import RunForm, TextForm
from veta.hub.desk.tables import Cell, Table, columns
from veta.kernel.errors import DomainError
from veta.site.form_page import Button

EVERY = 3
LONGEST_LIST = 200  # exchanges of a scenario on its page; the report has all


@dataclass(frozen=True, slots=True)
class Seen:
    """A run and who looks at it: `own` is the firm."""

    call: Call
    application: Application
    run: Run
    own: bool

    @property
    def standing(self) -> runs.Standing:
        return runs.Standing(self.call.id, self.application.id, self.run)

    @property
    def url(self) -> str:
        return self._url("", ())

    def scenario_url(self, id: str) -> str:
        return self._url("_scenario", (id,))

    @property
    def report_url(self) -> str:
        """Where the report of a run that ended is."""
        if self.own:
            return reverse("call_document", args=[self.call.code, self.run.report])
        return reverse("calls_document", args=[self.call.code, self.application.id, self.run.report])

    def _url(self, page: str, more: tuple[str, ...]) -> str:
        if self.own:
            return reverse(f"call_run{page}", args=[self.call.code, self.run.id, *more])
        return reverse(f"calls_run{page}", args=[self.call.code, self.application.id, self.run.id, *more])

    @property
    def back(self) -> tuple[str, str]:
        """Where the page goes back to, and what that is called."""
        if self.own:
            return reverse("call_mine", args=[self.call.code]), _("Mi solicitud")
        return reverse("calls_application", args=[self.call.code, self.application.id]), self.application.firm


def open_run(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """Open a run in a round; its page says how the machine takes it up."""
    call, found = _of_team(request, code, application)
    page = page_of(
        call, found, _("Correr una prueba"), Button(_("Abrir la prueba")),
        lead=_("La empresa la sigue en vivo. El resultado cuenta cuando otra persona del equipo lo confirme."),
    )  # fmt: skip

    def act(given: dict[str, Any]) -> object:
        return runs.open_run(
            call.id, found.id, round=int(given["ronda"]), present=given["presentes"], by=by(request), now=call_now()
        )

    response = acted(request, RunForm(request.POST or None), page, act)
    opened = call_of(code).applications[found.id].open_run
    if response.status_code == 302 and opened is not None:
        return redirect("calls_run", code=call.code, application=found.id, run=opened.id)
    return response


def drop(request: HttpRequest, code: str, application: UUID, run: UUID) -> HttpResponse:
    """Say that a run does not count, because it was interrupted."""
    seen = _seen_by_team(request, code, application, run)
    page = page_of(
        seen.call, seen.application, _("Descartar la prueba"), Button(_("Descartar"), tone="stop"),
        lead=_("Lo que se hizo queda en la historia y no gasta un intento."),
    )  # fmt: skip

    def act(given: dict[str, Any]) -> object:
        return runs.drop(seen.standing, given["texto"], by=by(request), now=call_now())

    return acted(request, TextForm(request.POST or None, label=_("Por qué se descarta")), page, act)


def shown(request: HttpRequest, code: str, application: UUID, run: UUID) -> HttpResponse:
    """A run, for the team; who of it is there may answer."""
    seen = _seen_by_team(request, code, application, run)
    if request.method == "POST":
        return _answered(request, seen)
    return _page(request, seen)


def scenario(request: HttpRequest, code: str, application: UUID, run: UUID, scenario: str) -> HttpResponse:
    """The evidence of a scenario that ended, for the team."""
    return _evidence(request, _seen_by_team(request, code, application, run), scenario)


def mine(request: HttpRequest, code: str, run: UUID) -> HttpResponse:
    """A run, for the firm that is tested; its person may answer."""
    seen = _seen_by_firm(request, code, run)
    if request.method == "POST":
        return _answered(request, seen)
    return _page(request, seen)


def my_scenario(request: HttpRequest, code: str, run: UUID, scenario: str) -> HttpResponse:
    """The evidence of a scenario that ended, for the firm."""
    return _evidence(request, _seen_by_firm(request, code, run), scenario)


def _of_team(request: HttpRequest, code: str, application: UUID) -> tuple[Call, Application]:
    call = call_of(code)
    found = application_of(call, application)
    if not follows(request, call, found):
        raise Http404
    return call, found


def _seen_by_team(request: HttpRequest, code: str, application: UUID, run: UUID) -> Seen:
    call, found = _of_team(request, code, application)
    return Seen(call, found, _known(found, run), own=False)


def _seen_by_firm(request: HttpRequest, code: str, run: UUID) -> Seen:
    call, found = own_of(request, code)
    return Seen(call, found, _known(found, run), own=True)


def _known(found: Application, run: UUID) -> Run:
    made = known(found, run)
    if made is None:
        raise Http404
    return made


def _answered(request: HttpRequest, seen: Seen) -> HttpResponse:
    text, asked = request.POST.get("respuesta", ""), request.POST.get("pregunta", "")
    place = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    try:
        if "afirma" in request.POST and not seen.own:
            runs.affirm(seen.standing, declared=place, by=by(request))
        elif seen.own:
            runs.answer_by_firm(seen.standing, text, asked=place, owner=owner_of(request))
        else:
            runs.answer_by_team(seen.standing, text, asked=place, by=by(request))
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect(seen.url)


def _page(request: HttpRequest, seen: Seen) -> HttpResponse:
    run, progress = seen.run, progress_of(run_progress(seen.run.id))
    wanted = scenarios_of(run)
    still, open_ = "quieta" in request.GET, run.ended_at is None
    titles = {each.id: each.title for _group, found in by_group() for each in found}
    running = next((id for id in wanted if id not in progress.done), "") if open_ else ""
    back, back_label = seen.back
    asks = open_ and progress.question is not None
    if seen.own:
        asks = asks and progress.declared is None and the_firm_answers(run)
    context = {
        "seen": seen, "call": seen.call, "application": seen.application, "run": run, "back": back,
        "back_label": back_label, "state": _state(run, progress), "facts": _facts(run),
        "whole": len(wanted), "done": len(progress.done), "passed": sum(progress.done.values()),
        "untried": len(progress.untried),
        "running": (running, titles.get(running, "")) if running else None,
        "said": [_told(each) for each in progress.said], "question": progress.question if open_ else None,
        "declared": progress.declared, "asks": asks, "with_the_firm": the_firm_answers(run),
        "table": _table(seen, progress, titles, running), "still": still, "every": EVERY, "open": open_,
        "report": seen.report_url if run.report else "",
    }  # fmt: skip
    response = render(request, "hub/calls/run.html", context)
    if open_ and not still and not asks:
        response["Refresh"] = str(EVERY)
    return response


def _told(each: str | Answer) -> tuple[str, str]:
    """A line as the page says it: what was done, or what was answered and who by: the team by its address."""
    if isinstance(each, str):
        return each, ""
    text = f"{each.asked} {each.text}".strip()
    if each.affirmed:
        return text, _("lo declaró la empresa; lo afirmó la ANM (%(who)s)") % {"who": each.by}
    if each.declared is None:
        return text, _("lo respondió la ANM (%(who)s)") % {"who": each.by}
    given = {"who": each.by, "declared": each.declared}
    return text, _("lo vio la ANM (%(who)s); la empresa había declarado «%(declared)s»") % given


def _state(run: Run, progress: Progress) -> Cell:
    if run.ended_at is not None:
        return Cell(_("Descartada"), tone="note") if run.reason else Cell(_("Terminada"), tone="ok")
    if run.began_at is None:
        return Cell(_("Por empezar"), tone="wait")
    return Cell(_("Espera una respuesta"), tone="wait") if progress.question else Cell(_("En curso"), tone="wait")


def _facts(run: Run) -> list[tuple[str, str]]:
    about: Mapping[str, Any] = run.about
    facts = [
        (_("Ronda"), str(run.round)), (_("Intento"), str(run.number)), (_("Por la empresa"), run.present or "—"),
        (_("Abrió"), f"{run.opened_by}, {words.instant(run.opened_at)}"),
    ]  # fmt: skip
    if run.began_at is not None:
        facts += [
            (_("Sistema"), f"{about['candidate']} {about['version']} ({about['operator']})"),
            (_("Semilla"), str(about["seed"])), (_("Huella del formato"), str(about["suite"])),
            (_("Empezó"), words.instant(run.began_at)),
        ]  # fmt: skip
    if run.ended_at is not None:
        facts += [(_("Terminó"), words.instant(run.ended_at)), (_("Huella de la última línea"), run.head)]
    return facts + ([(_("Por qué se descartó"), run.reason)] if run.reason else [])


def _table(seen: Seen, progress: Progress, titles: Mapping[str, str], running: str) -> Table:
    rows = [
        [
            Cell(id, url=seen.scenario_url(id) if id in progress.done else ""), Cell(titles.get(id, "—")),
            _state_of(id, progress, running),
        ]
        for id in scenarios_of(seen.run)
    ]  # fmt: skip
    heads = columns(_("Escenario"), _("Qué se prueba"), _("Estado"))
    return Table(caption=_("Avance por escenario"), columns=heads, rows=rows, empty=_("Aún no empieza."))


def _state_of(id: str, progress: Progress, running: str) -> Cell:
    if id in progress.untried:
        return Cell(_("No se probó: necesita puerto automático"), tone="note")
    if id in progress.done:
        return Cell(_("Conforme"), tone="ok") if progress.done[id] else Cell(_("No conforme"), tone="stop")
    return Cell(_("En curso"), tone="wait") if id == running else Cell(_("En espera") if running else _("No se corrió"))


def _evidence(request: HttpRequest, seen: Seen, id: str) -> HttpResponse:
    text = run_scenario(seen.run.id, id)
    if text is None:
        raise Http404
    found = json.loads(text)
    table = Table(
        caption=_("Intercambios"), empty=_("No hubo intercambios."),
        columns=columns(
            _("N.º"), "ms", _("Llamada"), _("Respuesta"), _("Falla puesta"), _("Firma"), _("Huella del cuerpo")
        ),
        rows=[
            [
                Cell(str(x["number"])), Cell(str(x["at_ms"])), Cell(f"{x['method']} {x['target']}"),
                Cell(str(x["status"] or "—")), Cell(x["fault"] or "—"), Cell(x["signature_trouble"] or _("válida")),
                Cell(x["body_sha256"][:16], code=True),
            ]
            for x in found["exchanges"][:LONGEST_LIST]
        ],
    )  # fmt: skip
    context = {
        "seen": seen, "scenario": found, "faults": faults_of(found), "left": seen_of(found), "table": table,
        "answers": answers_of(found, {"present": seen.run.present}),
        "left_out": max(0, len(found["exchanges"]) - LONGEST_LIST), "status": words.STATUSES[found["status"]],
    }  # fmt: skip
    return render(request, "hub/calls/run_scenario.html", context)
