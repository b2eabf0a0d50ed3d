"""Questions of anybody: kept apart until somebody of the authority answers them or drops them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from veta.calls.domain.commands import setup
from veta.calls.domain.history import Drafted, Event
from veta.calls.domain.refusals import refused
from veta.calls.history_rows import state_of
from veta.calls.models import CallQuestion
from veta.calls.services.book import lock, perform


def ask(call: UUID, text: str, *, now: datetime) -> UUID:
    """Keep a question until it is answered; waits for nobody who acts in the call. Raises as `setup.asked`."""
    waiting = CallQuestion.objects.filter(call_id=call).count()
    said = setup.asked(state_of(call)[0], text, waiting=waiting, at=now)
    return CallQuestion.objects.create(call_id=call, text=said, at=now).id


@transaction.atomic
def answer(call: UUID, question: UUID, text: str, *, by: str, now: datetime) -> Event:
    """Question and answer enter the history, and are public. Raises CAL-023 for one that does not wait, CAL-016."""
    found = _taken(call, question)
    return _written(call, setup.answer(question, found.text, found.at, text), by=by, now=now)


@transaction.atomic
def dismiss(call: UUID, question: UUID, reason: str, *, by: str, now: datetime) -> Event:
    """A question that is not answered is deleted; why is written. Raises CAL-023, CAL-016."""
    _taken(call, question)
    return _written(call, setup.dismiss(question, reason), by=by, now=now)


def _taken(call: UUID, question: UUID) -> CallQuestion:
    lock(call)
    found = CallQuestion.objects.filter(call_id=call, id=question).first()
    if found is None:
        raise refused("CAL-023", "Esa pregunta no está, o ya se respondió. Actualice la página.")
    CallQuestion.objects.filter(id=question).delete()
    return found


def _written(call: UUID, drafted: Drafted, *, by: str, now: datetime) -> Event:
    return perform(call, lambda _state: drafted, by=by, now=now)
