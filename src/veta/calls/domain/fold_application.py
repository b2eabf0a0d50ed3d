"""From events to one application: what each kind of event leaves in it, and the steps of its procedure.

A key that came after the first calls is read with what an event without it meant.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.calls.domain.application import Application, Attempt, Cure, Observation, Run, Verdict
from veta.calls.domain.call import Call
from veta.calls.domain.document import document_of
from veta.calls.domain.history import Event

Folder = Callable[[Call, Application, Event], Application]
_FOLDERS: dict[str, Folder] = {}
# Events that are a step of the procedure by themselves.
STEP_OF: Mapping[str, str] = {
    "submitted": "submit", "lapsed": "lapse", "withdrawn": "withdraw", "cures_requested": "request_cure",
    "services_received": "receive_services", "excluded": "exclude", "suspended": "suspend", "lifted": "lift",
    "revoked": "revoke", "expired": "expire",
}  # fmt: skip


def after(call: Call, application: Application | None, event: Event) -> Application:
    """The application after one more event; its first one makes it."""
    if event.kind == "registered" or application is None:
        return _registered(event)
    folder = _FOLDERS.get(event.kind)
    if folder is not None:
        application = folder(call, application, event)
    step = STEP_OF.get(event.kind)
    return stepped(call, application, step, event.at) if step else application


def stepped(call: Call, application: Application, step: str, at: datetime) -> Application:
    """The application one step on. Raises CAL-002 for a step that the procedure does not have."""
    state = call.procedure.after(application.state, step, before=application.before)
    return replace(application, state=state, steps=(*application.steps, (step, state, at)))


def _registered(event: Event) -> Application:
    if event.application is None:
        raise ValueError(f"event {event.place} names no application")
    given = event.data
    return Application(
        id=event.application, owner=given["owner"], firm=given["firm"], nit=given["nit"], registered_at=event.at
    )


def _of(kind: str) -> Callable[[Folder], Folder]:
    def add(folder: Folder) -> Folder:
        _FOLDERS[kind] = folder
        return folder

    return add


@_of("document_added")
def _document_added(call: Call, application: Application, event: Event) -> Application:
    item, added = application.item(event.data["item"]), document_of(event.data["document"])
    application = replace(application, brought=application.brought + added.size)
    return application.with_item(replace(item, documents=(*item.documents, added)))


@_of("document_removed")
def _document_removed(call: Call, application: Application, event: Event) -> Application:
    item = application.item(event.data["item"])
    kept = tuple(each for each in item.documents if each.digest != event.data["digest"])
    return application.with_item(replace(item, documents=kept))


@_of("figures_given")
def _figures_given(call: Call, application: Application, event: Event) -> Application:
    return replace(application, figures=dict(event.data["figures"]))


@_of("submitted")
def _submitted(call: Call, application: Application, event: Event) -> Application:
    return replace(application, submitted_at=event.at)


@_of("interest_declared")
def _interest_declared(call: Call, application: Application, event: Event) -> Application:
    return replace(application, conflicts={**application.conflicts, event.by: event.data["conflict"]})


@_of("verdict_proposed")
def _verdict_proposed(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    made = Verdict(given["verdict"], given["reason"], given["norm"], event.by, event.at)
    return application.with_item(replace(application.item(given["item"]), proposed=made, seen=event.place))


@_of("verdict_returned")
def _verdict_returned(call: Call, application: Application, event: Event) -> Application:
    return application.with_item(replace(application.item(event.data["item"]), proposed=None, seen=event.place))


@_of("verdict_confirmed")
def _verdict_confirmed(call: Call, application: Application, event: Event) -> Application:
    item = application.item(event.data["item"])
    if item.proposed is None:
        return application
    made = replace(item.proposed, confirmed_by=event.by, at=event.at)
    return application.with_item(replace(item, proposed=None, verdicts=(*item.verdicts, made), seen=event.place))


@_of("cures_requested")
def _cures_requested(call: Call, application: Application, event: Event) -> Application:
    said = event.data.get("until", "")
    until = datetime.fromisoformat(said) if said else None
    for code, text in event.data["items"].items():
        application = application.with_item(replace(application.item(code), cure=Cure(text, event.at, until)))
    return application


@_of("item_cured")
def _item_cured(call: Call, application: Application, event: Event) -> Application:
    item = application.item(event.data["item"])
    if item.cure is None:
        return application
    added = tuple(document_of(each) for each in event.data["documents"])
    cure = replace(item.cure, answered_at=event.at, documents=added)
    figures = dict(event.data["figures"]) or application.figures
    application = _brought(application, event)
    application = replace(application.with_item(replace(item, cure=cure)), figures=figures)
    return application if application.to_cure() else stepped(call, application, "answer_cure", event.at)


@_of("observed")
def _observed(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    added = tuple(document_of(each) for each in given.get("documents", ()))
    made = Observation(given["id"], given["on"], given["text"], event.at, given["item"], documents=added)
    return replace(_brought(application, event), observations=(*application.observations, made))


def _brought(application: Application, event: Event) -> Application:
    """The application with the size of what came with an event."""
    size = sum(each["size"] for each in event.data.get("documents", ()))
    return replace(application, brought=application.brought + size)


@_of("observation_answered")
def _observation_answered(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    answered = tuple(
        replace(each, answer=given["text"], upheld=given["upheld"], answered_at=event.at)
        if each.id == given["id"]
        else each
        for each in application.observations
    )
    return replace(application, observations=answered)


@_of("services_delivered")
def _services_delivered(call: Call, application: Application, event: Event) -> Application:
    held = {"version": "", "digest": "", "documents": [], **event.data}
    return replace(application, delivered={**held, "at": event.at.isoformat()})


@_of("credentials_opened")
def _credentials_opened(call: Call, application: Application, event: Event) -> Application:
    return replace(application, delivered={**application.delivered, "opened_at": event.at.isoformat()})


@_of("key_handed_in")
def _key_handed_in(call: Call, application: Application, event: Event) -> Application:
    return replace(application, keys=(*application.keys, event.data["key"]))


@_of("attempt_recorded")
def _attempt_recorded(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    made = Attempt(
        given["round"],
        given["number"],
        given["passed"],
        given["report"],
        event.by,
        event.at,
        given.get("present", ""),
        given.get("said", ""),
    )
    return replace(application, pending_attempt=made)


@_of("run_opened")
def _run_opened(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    made = Run(
        id=UUID(given["run"]), round=given["round"], number=given["number"], present=given["present"],
        opened_by=event.by, opened_at=event.at,
    )  # fmt: skip
    return replace(application, runs=(*application.runs, made))


@_of("run_began")
def _run_began(call: Call, application: Application, event: Event) -> Application:
    about = {name: said for name, said in event.data.items() if name != "run"}
    return _of_run(application, event, began_at=event.at, about=about)


@_of("run_dropped")
def _run_dropped(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    return _of_run(
        application, event, ended_at=event.at, head=given["head"], lines=given["lines"], reason=given["reason"]
    )


@_of("run_ended")
def _run_ended(call: Call, application: Application, event: Event) -> Application:
    given = event.data
    made = Attempt(
        given["round"], given["number"], given["passed"], given["report"], given["opened_by"], event.at,
        given["present"], given["said"], tuple(given.get("hands", (given["opened_by"],))),
    )  # fmt: skip
    ended = _of_run(
        application, event, ended_at=event.at, head=given["head"], lines=given["lines"], report=given["report"]
    )
    return replace(ended, pending_attempt=made)


def _of_run(application: Application, event: Event, **changes: Any) -> Application:
    """The application with the run of an event changed."""
    run = UUID(event.data["run"])
    return replace(
        application, runs=tuple(replace(each, **changes) if each.id == run else each for each in application.runs)
    )


@_of("attempt_returned")
def _attempt_returned(call: Call, application: Application, event: Event) -> Application:
    return replace(application, pending_attempt=None)


@_of("attempt_confirmed")
def _attempt_confirmed(call: Call, application: Application, event: Event) -> Application:
    if application.pending_attempt is None:
        return application
    made = replace(application.pending_attempt, confirmed_by=event.by, at=event.at)
    application = replace(application, pending_attempt=None, attempts=(*application.attempts, made))
    if made.passed:
        return stepped(call, application, f"pass_round_{made.round}", event.at)
    if application.used_attempts(made.round) >= call.attempts(made.round):
        return stepped(call, application, f"fail_round_{made.round}", event.at)
    return application


@_of("act_proposed")
def _act_proposed(call: Call, application: Application, event: Event) -> Application:
    return replace(application, pending_act={**event.data, "by": event.by, "place": event.place})


@_of("act_declined")
def _act_declined(call: Call, application: Application, event: Event) -> Application:
    return replace(application, pending_act={})


def _settled(call: Call, application: Application, event: Event) -> Application:
    made = {**event.data, "at": event.at.isoformat(), "place": event.place}
    return replace(application, pending_act={}, acts=(*application.acts, made))


for _kind in ("excluded", "suspended", "lifted", "revoked", "expired"):
    _FOLDERS[_kind] = _settled


@_of("operator_made")
def _operator_made(call: Call, application: Application, event: Event) -> Application:
    return replace(_settled(call, application, event), enablement={**event.data, "at": event.at.isoformat()})


@_of("notice_recorded")
def _notice_recorded(call: Call, application: Application, event: Event) -> Application:
    return replace(application, notices=(*application.notices, {**event.data, "at": event.at.isoformat()}))


@_of("appeal_filed")
def _appeal_filed(call: Call, application: Application, event: Event) -> Application:
    made = {**event.data, "at": event.at.isoformat()}
    return replace(_brought(application, event), appeals=(*application.appeals, made))


@_of("appeal_decided")
def _appeal_decided(call: Call, application: Application, event: Event) -> Application:
    decided = tuple({**each, **event.data} if each["id"] == event.data["id"] else each for each in application.appeals)
    application = replace(_settled(call, application, event), appeals=decided)
    if not event.data["upheld"]:
        return application
    if "opened_at" not in application.delivered:
        application = replace(application, delivered={})  # what was sealed went when it was left out
    return stepped(call, application, "uphold_appeal", event.at)
