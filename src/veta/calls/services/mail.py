"""Mail of a call: sent once each, to the firm's account and its representative, and written in the history."""

from datetime import datetime
from uuid import UUID

from django.core.mail import send_mail
from django.db import transaction

from veta.calls.domain.history import Drafted
from veta.calls.domain.mails import Mail, due
from veta.calls.history_rows import events_of, state_of
from veta.calls.models import OperatorCall
from veta.calls.services.applicants import person_of
from veta.calls.services.book import append, lock


def send_due(*, now: datetime) -> int:
    """Send what is due in every call; returns how many mails went out. Run again, it sends nothing twice."""
    return sum(_of_call(call, now) for call in OperatorCall.objects.values_list("id", flat=True))


@transaction.atomic
def _of_call(call: UUID, now: datetime) -> int:
    lock(call)
    state, head = state_of(call)
    mails = list(due(state, events_of(call), now))
    after = (state.last, head)
    for mail in mails:
        person = person_of(mail.application)
        if person is not None:
            send_mail(mail.subject, mail.text, None, [person.email])
        event = append(call, _sent(mail), after=after, by="sistema", now=now)
        after = (event.place, event.hash)
    return len(mails)


def _sent(mail: Mail) -> Drafted:
    said = {"key": mail.key, "subject": mail.subject, "text": mail.text}
    return Drafted(kind="mailed", data=said, application=mail.application)
