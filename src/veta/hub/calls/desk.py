"""The authority's desk of a call: who applied, how each stands, one application whole, and what its dossiers hold."""

from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.calls.domain.application import Application
from veta.calls.domain.call import REVIEW, Call
from veta.calls.domain.commands.handover import HANDED
from veta.calls.domain.mails import STANDS
from veta.calls.domain.verdicts import pending_items, unacted
from veta.calls.queries import calls, exported, find_call, waiting_questions
from veta.calls.services.archive import write_archive
from veta.calls.services.clock import call_now
from veta.hub.calls import words
from veta.hub.calls.applicant import document_response, financial, own_act
from veta.hub.desk.allowed import may
from veta.hub.desk.tables import Cell, Table, asked_for, columns
from veta.hub.desk.tables import exported as table_file
from veta.kernel.period import bogota_date
from veta.site.caller import caller_of, person_of
from veta.site.roles import Role

UNSEEN = {"borrador", "no_presentada"}


def desk(request: HttpRequest) -> HttpResponse:
    """Every call, published or not."""
    return render(request, "hub/calls/desk.html", {"calls": calls(), "may_make": may(request, "calls_new")})


def call_page(request: HttpRequest, code: str) -> HttpResponse:
    """A call at work: its applications, its acts, who evaluates, what waits to be signed."""
    call, now = call_of(code), call_now()
    table = _applications(call)
    if form := asked_for(request):
        return table_file(table, name=f"solicitudes-{call.code}", form=form)
    pages = (
        "calls_prepare",
        "calls_sign",
        "calls_addendum",
        "calls_team",
        "calls_answer_question",
        "calls_export",
        "calls_requirement",
        "calls_revise",
        "calls_services",
    )
    context = {
        "call": call, "table": table, "prepared": call.prepared, "kinds": words.KINDS,
        "window": [each for each in call.timetable.at(now) if each.state_at(now) == "open"],
        "team": sorted((person, sorted(parts)) for person, parts in call.evaluators.items()),
        "questions": waiting_questions(call.id),
        "may": {page: may(request, page, "POST" if page != "calls_export" else "GET") for page in pages},
        "now": words.instant(now), "published": [(act, words.KINDS[act.kind]) for act in reversed(call.published)],
    }  # fmt: skip
    return render(request, "hub/calls/call.html", context)


def _applications(call: Call) -> Table:
    seen = sorted(visible(call), key=lambda each: each.firm.casefold())
    rows = [
        [
            Cell(each.firm, url=reverse("calls_application", args=[call.code, each.id])), Cell(each.nit),
            words.badge(words.STATES, each.state), Cell(words.instant(each.submitted_at)), Cell(_lacking(call, each)),
        ]
        for each in seen
    ]  # fmt: skip
    return Table(
        caption=_("Solicitudes"), rows=rows, export="?formato=", empty=_("Nadie ha presentado solicitud."),
        columns=columns(_("Empresa"), _("NIT"), _("Estado"), _("Presentada"), _("Falta")),
    )  # fmt: skip


def _lacking(call: Call, each: Application) -> str:
    if each.term_over(bogota_date(call_now())):
        return _("Terminó su vigencia: falta el acto")
    if each.state in {"solicitante", "subsanada"}:
        return ", ".join(pending_items(call, each)) or _("Nada")
    if again := [seen.item for on, states in STANDS.items() if each.state in states for seen in unacted(each, on)]:
        items = ", ".join(item or _("Toda la evaluación") for item in again)
        return _("Evaluar otra vez lo que se acogió: %(items)s") % {"items": items}
    if each.state == "por_subsanar":
        return _("Por subsanar: %(items)s") % {"items": ", ".join(each.to_cure())}
    return "—"


def visible(call: Call) -> list[Application]:
    """The applications that were handed in; a dossier in preparation is its firm's alone."""
    return [each for each in call.applications.values() if each.submitted_at is not None and each.state not in UNSEEN]


def application(request: HttpRequest, code: str, application: UUID) -> HttpResponse:
    """One application: each item with its documents, verdict and what may follow; indicators, observations, tests."""
    call = call_of(code)
    found = application_of(call, application)
    me = person_of(request).email
    mine, declared = call.evaluators.get(me, frozenset()), found.conflicts.get(me)
    seen = sees(request, call, found)
    context = {
        "call": call, "application": found, "state": words.badge(words.STATES, found.state),
        "items": _items(call, found, mine) if seen else [], "sees": seen, "begun": _begun(call),
        **(financial(call, found) if seen else {}), "declared": declared,
        "evaluates": bool(mine), "follows": follows(request, call, found), "names": words.ACTS,
        "reads": reads(request, call, found), "appeals": appeals(request, found),
        "admits": {step: call.procedure.admits(found.state, step) for step in ("request_cure", "suspend", "lift",
                   "revoke", "expire", "exclude", "receive_services", "pass_round_1", "pass_round_2")},
        "may": {page: may(request, page, "POST") for page in ("calls_act", "calls_settle", "calls_deliver",
                "calls_attempt", "calls_answer", "calls_cures", "calls_notice")},
        "operator": found.state == "habilitado" and not found.enablement,
        "handed": found.state in HANDED, "pending": found.pending_act,
        "attempt": found.pending_attempt, "notices": words.notices(found),
        "steps": [(words.STATES[state][0], words.instant(at)) for _step, state, at in found.steps],
    }  # fmt: skip
    return render(request, "hub/calls/application.html", context)


def _items(call: Call, found: Application, mine: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {
            "code": code, "requirement": requirement, "component": words.COMPONENTS[requirement.component],
            "item": (held := found.item(code)), "mine": requirement.component in mine,
            "verdict": words.badge(words.OUTCOMES, held.verdict.verdict) if held.verdict else None,
            "proposed": words.badge(words.OUTCOMES, held.proposed.verdict) if held.proposed else None,
        }
        for code, requirement in sorted(call.requirements.items())
    ]  # fmt: skip


def follows(request: HttpRequest, call: Call, found: Application) -> bool:
    """Whether this person of the authority follows a firm's runs: of the team, without conflict with it."""
    me = person_of(request).email
    return me in call.evaluators and found.conflicts.get(me) is False and not is_its_own(request, found)


def is_its_own(request: HttpRequest, found: Application) -> bool:
    """Whether this account acts for the firm: then it has no part in evaluating it, whatever its role."""
    return found.owner == str(person_of(request).id)


def reads(request: HttpRequest, call: Call, found: Application) -> bool:
    """Whether this person reads the dossier: once review has begun, of the team and said to have no conflict with the
    firm before looking at anything of it; or who audits."""
    me = person_of(request).email
    evaluates = me in call.evaluators and found.conflicts.get(me) is False and not is_its_own(request, found)
    return (evaluates or Role.AUDITOR in caller_of(request).roles) and _begun(call)


def sees(request: HttpRequest, call: Call, found: Application) -> bool:
    """Whether this person sees verdicts and figures: once review has begun; of the team, once the interest was declared
    and there is none."""
    me = person_of(request).email
    declared = found.conflicts.get(me)
    if is_its_own(request, found):
        return False
    return _begun(call) and (declared is False or (declared is None and me not in call.evaluators))


def _begun(call: Call) -> bool:
    return call.timetable.activity(REVIEW, call_now()).state_at(call_now()) != "coming"


def appeals(request: HttpRequest, found: Application) -> bool:
    """Whether this person reads what came with an appeal: who proposes or decides acts, without conflict."""
    decides = may(request, "calls_act", "POST") or may(request, "calls_settle", "POST")
    return decides and not found.conflicts.get(person_of(request).email)


def document(request: HttpRequest, code: str, application: UUID, digest: str) -> HttpResponse:
    """A document of a dossier, for who evaluates or audits it."""
    call = call_of(code)
    found = application_of(call, application)
    held = {*(each.digest for each in found.documents()), *found.reports()} if reads(request, call, found) else set()
    if appeals(request, found):
        held |= {each["digest"] for appeal in found.appeals for each in appeal.get("documents", ())}
    if digest not in held:
        raise Http404
    return document_response(digest, form=request.GET.get("formato", ""))


def act(request: HttpRequest, code: str, application: UUID, place: int) -> HttpResponse:
    """An act over one firm, as a paper."""
    call = call_of(code)
    return own_act(call, application_of(call, application), place)


def export(request: HttpRequest, code: str) -> HttpResponse:
    """The whole history, for a court."""
    call = call_of(code)
    response = JsonResponse(exported(call.id, now=call_now()), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="historia-{call.code}.json"'
    return response


def archive(request: HttpRequest, code: str) -> FileResponse:
    """The same with every document, to be checked without the platform."""
    call, out = call_of(code), TemporaryFile()  # noqa: SIM115 - the response closes it
    write_archive(call.id, out, now=call_now())
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"historia-{call.code}.zip")


def call_of(code: str) -> Call:
    """A call by its code, published or not."""
    found = find_call(code)
    if found is None:
        raise Http404
    return found


def application_of(call: Call, application: UUID) -> Application:
    """An application that was handed in."""
    found = call.applications.get(application)
    if found is None or found not in visible(call):
        raise Http404
    return found
