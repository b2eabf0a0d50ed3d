"""One event is written: lock the call, fold it, let a command decide, append. Two at once take turns."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from veta.calls.domain.call import Call
from veta.calls.domain.commands.handover import OUT
from veta.calls.domain.fold import after
from veta.calls.domain.history import START, Drafted, Event, hash_of
from veta.calls.history_rows import event_of, state_of
from veta.calls.models import CallCredential, CallEvent, OperatorCall

Command = Callable[[Call], Drafted]
SYSTEM = "sistema"  # who acts where nobody does


def lock(call: UUID) -> None:
    """Whoever writes in this call waits for us until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('calls.' || %s, 0))", [str(call)])


@transaction.atomic
def perform(call: UUID, command: Command, *, by: str, now: datetime) -> Event:
    """Let a command decide on the call as it stands and write the event that it drafts.

    Args: `by`, the account that acts; `now`, the server's hour, which the event carries.
    Raises what the command raises; then nothing is written.
    """
    [event] = perform_all(call, [(command, by)], now=now)
    return event


@transaction.atomic
def perform_all(call: UUID, commands: Iterable[tuple[Command, str]], *, now: datetime) -> list[Event]:
    """As `perform` for each command and its author, in order and in one statement: each decides on the call as those
    before it left it. Where one is refused, nothing is written."""
    lock(call)
    state, head = state_of(call)
    before, rows = state, []
    for command, by in commands:
        rows.append(_row(call, command(state), after=(state.last, head), by=by, now=now))
        state, head = after(state, event_of(rows[-1])), bytes(rows[-1].hash)
    CallEvent.objects.bulk_create(rows)
    _forget_credentials(before, state)
    return [event_of(row) for row in rows]


def _forget_credentials(before: Call, after: Call) -> None:
    """Delete the sealed credentials of each application that has ended: nobody may open them any more."""
    ended = [
        id for id, each in after.applications.items() if each.state in OUT and before.applications.get(id) is not each
    ]
    if ended:
        CallCredential.objects.filter(application__in=ended).delete()


def _row(call: UUID, drafted: Drafted, *, after: tuple[int, bytes], by: str, now: datetime) -> CallEvent:
    """The event behind the last one (its place and hash). The call is locked by then."""
    place, previous = after[0] + 1, after[1]
    by = by.strip().lower()
    digest = hash_of(drafted, call=call, place=place, by=by, at=now, previous=previous)
    return CallEvent(
        call_id=call, place=place, kind=drafted.kind, application=drafted.application, by=by,
        proposed_by=drafted.proposed_by, at=now, data=dict(drafted.data), previous=previous, hash=digest,
    )  # fmt: skip


def begin(code: str, drafted: Drafted, *, by: str, now: datetime) -> Event:
    """The first event of a new call."""
    made = OperatorCall.objects.create(code=code)
    row = _row(made.id, drafted, after=(0, START), by=by, now=now)
    row.save(force_insert=True)
    return event_of(row)
