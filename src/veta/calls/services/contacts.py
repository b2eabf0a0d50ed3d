"""Who is told what a call says to a firm: contacts, sealed each time it gives them; the history says that it did."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from veta.calls.domain.commands.applicant import change_contacts
from veta.calls.models import CallContacts
from veta.calls.services.applicants import person_of, require_own
from veta.calls.services.book import lock
from veta.calls.services.receipts import Receipt, perform_receipted
from veta.calls.services.sealing import seal, unseal
from veta.kernel.ids import uuid7

TABLE = "calls_callcontacts"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of a firm who is written to."""

    name: str
    email: str
    phone: str


def contacts_of(application: UUID, row: str = "") -> tuple[Contact, ...]:
    """A firm's contacts, in clear, as a row has them; without one, who represents it."""
    if row:
        found = CallContacts.objects.get(id=row, application=application)
        return tuple(Contact(**each) for each in json.loads(unseal(TABLE, found.id, bytes(found.sealed))))
    person = person_of(application)
    return (Contact(person.name, person.email, person.phone),) if person else ()


def last_row(application: UUID) -> str:
    """The row of the contacts that a firm gave last; empty where they are still who represents it."""
    rows = CallContacts.objects.filter(application=application).order_by("-id").values_list("id", flat=True)
    return str(rows.first() or "")


def addresses(application: UUID, *, former: str | None = None) -> list[str]:
    """Where a firm is written to now; and, of a change, where it was before: `former`, the row that was replaced."""
    rows = {last_row(application), *([] if former is None else [former])}
    return sorted({each.email.strip().lower() for row in rows for each in contacts_of(application, row)})


@transaction.atomic
def give_contacts(
    call: UUID, application: UUID, contacts: Sequence[Contact], *, owner: str, now: datetime
) -> Receipt:  # fmt: skip
    """A firm gives its contacts, in the place of those it had; both are written to.

    Raises CAL-001 for another's application, CAL-002 where it has ended, CAL-016 without any or with too many.
    """
    require_own(call, application, owner)
    lock(call)
    row, before = uuid7(), last_row(application)
    sealed = seal(TABLE, row, json.dumps([asdict(each) for each in contacts], ensure_ascii=False).encode())
    command = partial(
        change_contacts, application=application, contacts=row, before=before, count=len(contacts),
        digest=hashlib.sha256(sealed).hexdigest(),
    )  # fmt: skip
    receipt = perform_receipted(call, command, by=owner, now=now)
    CallContacts.objects.create(id=row, application=application, sealed=sealed)
    return receipt
