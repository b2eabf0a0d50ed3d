"""Reads of the call: how it stands, its public face, its documents and receipts, the whole history, its replay."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, JSONField, When
from django.db.models.functions import JSONObject

from veta.calls.domain import running
from veta.calls.domain.application import Application
from veta.calls.domain.call import Call
from veta.calls.domain.history import Event, breaks
from veta.calls.domain.public import public_call
from veta.calls.domain.record import FORMAT, differing_lists, documents_of, receipt_of, runs_of, verifies, written
from veta.calls.history_rows import event_of, events_of, state_of
from veta.calls.models import OVER_ONE, CallDocument, CallEvent, CallQuestion, CallReceipt, CallRunLine, OperatorCall
from veta.kernel.clock import SystemClock
from veta.operators.queries import KeyState, hub_keys, key_states, operators_now

__all__ = ["public_call"]


def calls() -> list[Call]:
    """Every call as it stands, the newest first."""
    return [state_of(id)[0] for id in OperatorCall.objects.order_by("-recorded_at", "-id").values_list("id", flat=True)]


def find_call(code: str) -> Call | None:
    """The call of a code, as it stands."""
    id = OperatorCall.objects.filter(code=code.strip().upper()).values_list("id", flat=True).first()
    return state_of(id)[0] if id else None


def open_call(code: str) -> Call | None:
    """The call of a code, once its invitation is published: before that it is nobody's to see."""
    found = find_call(code)
    return found if found is not None and found.opened_at is not None else None


def history(call: UUID) -> list[Event]:
    """Every event of a call, in order."""
    return events_of(call)


def act_over(call: UUID, application: UUID, place: int) -> Event | None:
    """The event of an act over one firm, by its place."""
    found = CallEvent.objects.filter(call_id=call, application=application, place=place, data__has_key="act").first()
    return event_of(found) if found is not None and found.kind in OVER_ONE else None


def document_bytes(digest: str) -> tuple[str, bytes] | None:
    """The type and the bytes of a document, if what is stored still is what was handed in."""
    found = CallDocument.objects.filter(digest=digest).first()
    if found is None:
        return None
    content = bytes(found.content)
    return (found.type, content) if hashlib.sha256(content).hexdigest() == digest else None


def receipts_of(call: UUID, application: UUID | None, *, by: str = "") -> list[dict[str, Any]]:
    """An application's receipts, as they were signed, the newest first; or those of who came late to register, of one
    account alone where it is given."""
    rows = CallReceipt.objects.filter(event__call_id=call, event__application=application).select_related("event")
    if by:
        rows = rows.filter(event__by=by.lower())
    places = {row.event.place: row for row in rows}
    return [
        {
            **receipt_of(event),
            "key": places[event.place].key_id,
            "signature": bytes(places[event.place].signature).hex(),
        }
        for event in reversed(events_of(call))
        if event.place in places
    ]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What replaying a history found: how much was looked at, and each thing that differs."""

    events: int
    lists: int
    documents: int
    receipts: int
    wrong: tuple[str, ...]


def replay(call: UUID) -> Replayed:
    """Fold the whole history again: the chain holds, each list draws what was published, papers and receipts stand."""
    events = events_of(call)
    wrong = [
        *breaks(events), *differing_lists(events), *_documents(events), *_receipts(call, events), *_runs(events),
    ]  # fmt: skip
    lists = sum(event.kind == "act_published" for event in events)
    signed = CallReceipt.objects.filter(event__call_id=call).count()
    return Replayed(len(events), lists, len(documents_of(events)), signed, tuple(wrong))


def _documents(events: list[Event]) -> Iterator[str]:
    for digest in sorted(documents_of(events)):
        if document_bytes(digest) is None:
            yield f"documento {digest[:16]}: falta, o su contenido cambió"


def _runs(events: list[Event]) -> Iterator[str]:
    for run, head, count in runs_of(events):
        yield from running.breaks(run, run_lines(run), head=head, count=count)


def run_lines(run: UUID, *, since: int = 0) -> list[running.Line]:
    """The lines of a run, in order, from a place on."""
    return [_line(row) for row in CallRunLine.objects.filter(run=run, place__gte=since).order_by("place")]


_SHORT = JSONObject(id="data__id", passed="data__passed", evidence="data__evidence", untried="data__untried")


def run_progress(run: UUID) -> list[running.Line]:
    """The same without what each scenario's report says, which is long: to look at how far a run is."""
    short = Case(
        When(kind=running.DONE, then=_SHORT),
        default="data", output_field=JSONField(),
    )  # fmt: skip
    return [
        _line(row, row.short)
        for row in CallRunLine.objects.filter(run=run).defer("data").annotate(short=short).order_by("place")
    ]


def run_scenario(run: UUID, id: str) -> str | None:
    """A scenario of a run that ended, as its report has it, in JSON."""
    found = CallRunLine.objects.filter(run=run, kind=running.DONE, data__id=id).values_list("data", flat=True).first()
    return None if found is None else str(found["report"])


def _line(row: CallRunLine, data: Any = None) -> running.Line:
    return running.Line(
        run=row.run, place=row.place, kind=row.kind, by=row.by, at=row.at, data=row.data if data is None else data,
        previous=bytes(row.previous), hash=bytes(row.hash),
    )  # fmt: skip


def _receipts(call: UUID, events: list[Event]) -> Iterator[str]:
    keys = {id: public for id, public, _since in hub_keys()}
    by_place = {event.place: event for event in events}
    for row in CallReceipt.objects.filter(event__call_id=call).select_related("event"):
        body = receipt_of(by_place[row.event.place])
        if not verifies(body, keys.get(row.key_id, b""), bytes(row.signature)):
            yield f"{row.event.place}: su recibo no verifica"


def exported(call: UUID, *, now: datetime) -> dict[str, Any]:
    """The whole history for a court: every event with its hashes, receipts, who represents each firm, the replay."""
    from veta.calls.services.applicants import person_of
    from veta.calls.services.contacts import contacts_of

    state, head = state_of(call)
    looked = replay(call)
    people = {str(id): person_of(id) for id in state.applications}
    return {
        "format": FORMAT, "call": str(call), "code": state.code, "exported_at": now.isoformat(),
        "head": head.hex(), "replay": {"events": looked.events, "lists": looked.lists, "wrong": list(looked.wrong)},
        "people": {
            id: {"name": each.name, "document": each.document, "email": each.email, "phone": each.phone}
            for id, each in people.items()
            if each is not None
        },
        "contacts": {
            event.data["contacts"]: [
                {"name": each.name, "email": each.email, "phone": each.phone}
                for each in contacts_of(event.application, event.data["contacts"])
            ]
            for event in events_of(call)
            if event.kind == "contacts_changed" and event.application is not None
        },
        "events": [written(event) for event in events_of(call)],
        "runs": {
            str(run.id): [line.written() for line in run_lines(run.id)]
            for each in state.applications.values()
            for run in each.runs
        },
        "hub_keys": {id: public.hex() for id, public, _since in hub_keys()},
        "receipts": [each for id in (*state.applications, None) for each in receipts_of(call, id)],
    }  # fmt: skip


def operator_keys(code: str) -> list[KeyState]:
    """The keys of the operator of that code, as they stand."""
    operator = next((each.id for each in operators_now() if each.code == code), None)
    return key_states(now=SystemClock().now(), operator=operator) if operator else []


def enabled_as(code: str) -> tuple[Call, Application] | None:
    """The call and the application that made the operator of that code; None where no call did."""
    made = ((call, each) for call in calls() for each in call.applications.values())
    return next(((call, each) for call, each in made if each.enablement.get("code") == code), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that nobody answered yet."""

    id: UUID
    text: str
    at: datetime


def waiting_questions(call: UUID) -> list[Waiting]:
    """The questions of a call that wait for their answer, the oldest first."""
    rows = CallQuestion.objects.filter(call_id=call).order_by("at", "id").values_list("id", "text", "at")
    return [Waiting(*row) for row in rows]
