"""Mail of a call: handed over once each, to the firm's contacts, and written in the history."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.core.mail import send_mail
from django.db import transaction

from veta.calls.domain.call import Call
from veta.calls.domain.history import Drafted
from veta.calls.domain.mails import Mail, due
from veta.calls.history_rows import events_of, state_of
from veta.calls.models import OperatorCall
from veta.calls.services.book import SYSTEM, lock, perform_all
from veta.calls.services.contacts import addresses

Post = Callable[[Mail], object]


def send_due(*, now: datetime, post: Post, press: Sequence[str] = ()) -> int:
    """Hand over what is due in every call; returns how many mails. Run again, it hands over nothing twice.

    `post` takes a mail in the transaction that writes the mail in the history: it keeps a job,
    and calls no server, for whoever acts in the call waits behind it. `press`: as `due`.
    """
    return sum(_of_call(call, now, post, press) for call in OperatorCall.objects.values_list("id", flat=True))


def send(mail: Mail) -> None:
    """Send one mail to each address; those of a firm's contacts are looked up now. Raises what the mail server's errors
    are."""
    to = addresses(mail.application, former=mail.former) if mail.application else [mail.to]
    if to and all(to):
        send_mail(mail.subject, mail.text, None, to)


@transaction.atomic
def _of_call(call: UUID, now: datetime, post: Post, press: Sequence[str]) -> int:
    lock(call)
    state, _head = state_of(call)
    mails = list(due(state, events_of(call, beyond=state.last_mailed), now, press=press))
    for mail in mails:
        post(mail)
    perform_all(call, ((partial(_sent, mail), SYSTEM) for mail in mails), now=now)
    return len(mails)


def _sent(mail: Mail, _state: Call) -> Drafted:
    said = {"key": mail.key, "subject": mail.subject, "text": mail.text, **({"to": mail.to} if mail.to else {})}
    return Drafted(kind="mailed", data=said, application=mail.application)
