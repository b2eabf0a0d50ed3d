"""The history between its table and the domain: rows as events, and the call that they make, folded once a process.

A call is folded from where this process last left it. The hash of that event is asked for again each time: since it
covers everything before it, the same hash at the same place is the same history, and a rolled-back event never is.
"""

from threading import Lock
from uuid import UUID

from veta.calls.domain.call import Call
from veta.calls.domain.fold import after, fold
from veta.calls.domain.history import Event
from veta.calls.models import CallEvent

_KEPT = 16
_folded: dict[UUID, tuple[int, bytes, Call]] = {}
_lock = Lock()


def event_of(row: CallEvent) -> Event:
    """A row as the domain has it."""
    return Event(
        call=row.call_id, place=row.place, kind=row.kind, application=row.application, by=row.by,
        proposed_by=row.proposed_by, at=row.at, data=row.data, previous=bytes(row.previous), hash=bytes(row.hash),
    )  # fmt: skip


def events_of(call: UUID, *, beyond: int = 0) -> list[Event]:
    """The events of a call in order, those after a place."""
    return [event_of(row) for row in CallEvent.objects.filter(call_id=call, place__gt=beyond).order_by("place")]


def state_of(call: UUID) -> tuple[Call, bytes]:
    """The call as its history stands, and the hash of its last event. Raises CAL-001 where there is no such call."""
    known = _folded.get(call)
    events = events_of(call, beyond=known[0] - 1 if known else 0)
    if known is not None and not (events and events[0].hash == known[1]):
        known, events = None, events_of(call)
    state = known[2] if known else None
    for event in events[1:] if known else events:
        state = after(state, event) if state is not None else fold([event])
    if state is None:
        state = fold([])
    _keep(call, state, events[-1].hash)
    return state, events[-1].hash


def _keep(call: UUID, state: Call, head: bytes) -> None:
    with _lock:
        if len(_folded) >= _KEPT:
            _folded.clear()
        _folded[call] = (state.last, head, state)
