"""From events to the call: one function for each kind of event, and nothing else writes what a call is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from veta.calls.domain import fold_application
from veta.calls.domain.call import Call, Prepared, Published, Question, call_of, timetable_of
from veta.calls.domain.document import document_of
from veta.calls.domain.history import Event
from veta.calls.domain.refusals import refused
from veta.calls.domain.requirement import requirement_of
from veta.calls.domain.timetable import Addendum

Folder = Callable[[Call, Event], Call]
_FOLDERS: dict[str, Folder] = {}


def fold(events: Iterable[Event]) -> Call:
    """The call that a whole history makes. Raises CAL-001 for an empty one."""
    call = None
    for event in events:
        call = _first(event) if call is None else after(call, event)
    if call is None:
        raise refused("CAL-001", "No existe esa convocatoria. Revise la dirección.")
    return call


def _first(event: Event) -> Call:
    return replace(call_of(event.call, event.data), last=event.place)


def after(call: Call, event: Event) -> Call:
    """The call after one more event."""
    folder = _FOLDERS.get(event.kind)
    if folder is not None:
        call = folder(call, event)
    elif event.application is not None:
        application = fold_application.after(call, call.applications.get(event.application), event)
        call = replace(call, applications={**call.applications, application.id: application})
    return replace(call, last=event.place)


def _of(kind: str) -> Callable[[Folder], Folder]:
    def add(folder: Folder) -> Folder:
        _FOLDERS[kind] = folder
        return folder

    return add


@_of("requirement_set")
def _requirement_set(call: Call, event: Event) -> Call:
    made = requirement_of(event.data)
    return replace(call, requirements={**call.requirements, made.code: made})


@_of("revised")
def _revised(call: Call, event: Event) -> Call:
    given = event.data
    return replace(
        call, title=given["title"], act=given["act"], effective=date.fromisoformat(given["effective"]),
        timetable=timetable_of(given), terms=given["terms"],
    )  # fmt: skip


@_of("service_document_added")
def _service_document_added(call: Call, event: Event) -> Call:
    return replace(call, services=(*call.services, document_of(event.data["document"])))


@_of("service_document_removed")
def _service_document_removed(call: Call, event: Event) -> Call:
    kept = tuple(each for each in call.services if each.digest != event.data["digest"])
    return replace(call, services=kept)


@_of("requirement_dropped")
def _requirement_dropped(call: Call, event: Event) -> Call:
    kept = {code: each for code, each in call.requirements.items() if code != event.data["code"]}
    return replace(call, requirements=kept)


@_of("evaluator_named")
def _evaluator_named(call: Call, event: Event) -> Call:
    person, component = event.data["person"], event.data["component"]
    named = call.evaluators.get(person, frozenset()) | {component}
    return replace(call, evaluators={**call.evaluators, person: named})


@_of("evaluator_removed")
def _evaluator_removed(call: Call, event: Event) -> Call:
    person = event.data["person"]
    left = call.evaluators.get(person, frozenset()) - {event.data["component"]}
    others = {each: parts for each, parts in call.evaluators.items() if each != person}
    return replace(call, evaluators=others | ({person: left} if left else {}))


@_of("question_answered")
def _question_answered(call: Call, event: Event) -> Call:
    given = event.data
    asked_at = datetime.fromisoformat(given["asked_at"]) if "asked_at" in given else event.at
    made = Question(given["id"], given.get("question", ""), asked_at, given["text"], event.at)
    return replace(call, questions=(*call.questions, made))


@_of("mailed")
def _mailed(call: Call, event: Event) -> Call:
    return replace(call, mailed=call.mailed | {event.data["key"]}, last_mailed=event.place)


@_of("act_prepared")
def _act_prepared(call: Call, event: Event) -> Call:
    given = event.data
    made = Prepared(
        given["kind"],
        given["number"],
        given["digest"],
        event.by,
        event.at,
        event.place,
        given["note"],
        given.get("data", {}),
    )
    return replace(call, prepared=made)


@_of("act_withdrawn")
def _act_withdrawn(call: Call, event: Event) -> Call:
    return replace(call, prepared=None)


@_of("act_published")
def _act_published(call: Call, event: Event) -> Call:
    given = event.data
    act = Published(
        given["kind"], given["number"], event.at, given["roles"], tuple(given["rows"]), given["digest"], event.place,
        given["late"], given["note"],
    )  # fmt: skip
    call = replace(call, prepared=None, published=(*call.published, act))
    if act.kind == "invitation":
        return replace(call, opened_at=event.at)
    if act.kind == "addendum":
        return _amended(call, event, given["data"])
    moved = dict(call.applications)
    for row in act.rows:
        if row.get("step"):
            id = UUID(row["application"])
            moved[id] = fold_application.stepped(call, moved[id], row["step"], event.at)
    return replace(call, applications=moved)


def _amended(call: Call, event: Event, data: Mapping[str, Any]) -> Call:
    windows = {
        int(order): (date.fromisoformat(opens) if opens else None, date.fromisoformat(closes))
        for order, (opens, closes) in data["windows"].items()
    }
    made = Addendum(event.data["number"], date.fromisoformat(data["date"]), event.at, windows, data["reason"])
    return replace(call, timetable=replace(call.timetable, addenda=(*call.timetable.addenda, made)))
