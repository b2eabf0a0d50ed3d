"""What applicants do that is more than one event: a person sealed beside it, bytes kept once, a receipt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.calls.domain.application import Application
from veta.calls.domain.call import Call
from veta.calls.domain.commands import applicant
from veta.calls.domain.document import DOSSIER, Document, admitted
from veta.calls.domain.history import Event
from veta.calls.domain.refusals import refused
from veta.calls.history_rows import state_of
from veta.calls.models import CallDocument, CallPerson
from veta.calls.services.book import perform, perform_all
from veta.calls.services.receipts import Receipt, hand_in, in_time, perform_receipted
from veta.calls.services.sealing import seal, unseal

PEOPLE = "calls_callperson"
Upload = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Person:
    """Who represents a firm: kept sealed, shown to the firm itself and to who exports the history."""

    name: str
    document: str
    email: str
    phone: str


def keep_person(application: UUID, person: Person) -> None:
    """Seal a firm's representative under the identity key."""
    plain = json.dumps(asdict(person), ensure_ascii=False).encode()
    CallPerson.objects.create(application=application, sealed=seal(PEOPLE, application, plain))


def person_of(application: UUID) -> Person | None:
    """The representative of an application, in clear: the caller answers for who sees it."""
    found = CallPerson.objects.filter(application=application).first()
    return Person(**json.loads(unseal(PEOPLE, application, bytes(found.sealed)))) if found else None


def require_own(call: UUID, application: UUID, owner: str) -> Application:
    """The application, if it is this account's. Raises CAL-001 for another's as for one that does not exist."""
    state, _head = state_of(call)
    found = state.application(application)
    if found.owner != owner:
        raise refused("CAL-001", "No existe esa solicitud en esta convocatoria. Revise la dirección.")
    return found


def register(call: UUID, *, owner: str, firm: str, nit: str, check: str, person: Person, now: datetime) -> Event:
    """Register a firm in a call. Raises as the command, ArrivedLate with its receipt; CAL-016 where the representative
    is not named."""
    if not all(part.strip() for part in asdict(person).values()):
        raise refused("CAL-016", "Escriba el nombre, el documento, el correo y el teléfono de quien representa.")
    command = partial(applicant.register, owner=owner, firm=firm, nit=nit, check=check, at=now)

    def act() -> Event:
        event = perform(call, command, by=owner, now=now)
        if event.application is not None:
            keep_person(event.application, person)
        return event

    return in_time(call, act, application=None, what="registration", by=owner, now=now)


def keep_document(name: str, content: bytes, kinds: Sequence[str] = DOSSIER) -> Document:
    """Keep the bytes of a document under their hash, once. Raises CAL-006, CAL-007, CAL-008."""
    made = admitted(name, content, kinds)
    row = CallDocument(digest=made.digest, type=made.type, size=made.size, content=content)
    CallDocument.objects.bulk_create([row], ignore_conflicts=True)
    return made


def add_document(call: UUID, application: UUID, item: str, upload: Upload, *, owner: str, now: datetime) -> Event:
    """A document enters the dossier. Raises as `add_documents`."""
    [event] = add_documents(call, application, item, [upload], owner=owner, now=now)
    return event


def add_documents(
    call: UUID, application: UUID, item: str, uploads: Sequence[Upload], *, owner: str, now: datetime
) -> list[Event]:
    """Documents enter the dossier, all of them or none. Raises ArrivedLate with its receipt; CAL-001 for another's
    application, and as the command and `admitted`."""
    require_own(call, application, owner)

    def act() -> list[Event]:
        made = [keep_document(*each) for each in uploads]
        commands = [(partial(applicant.add_document, application=application, item=item, added=each, at=now), owner)
                    for each in made]  # fmt: skip
        return perform_all(call, commands, now=now)

    return in_time(call, act, application=application, what=f"document {item}", by=owner, now=now)


def remove_document(call: UUID, application: UUID, item: str, digest: str, *, owner: str, now: datetime) -> Event:
    """A document leaves the dossier; its bytes stay. Raises ArrivedLate with its receipt."""
    require_own(call, application, owner)
    command = partial(applicant.remove_document, application=application, item=item, digest=digest, at=now)
    return in_time(
        call, lambda: perform(call, command, by=owner, now=now), application=application, what=f"removal {item}",
        by=owner, now=now,
    )  # fmt: skip


def give_figures(call: UUID, application: UUID, figures: Mapping[str, str], *, owner: str, now: datetime) -> Event:
    """The figures of the financial statements. Raises ArrivedLate with its receipt."""
    require_own(call, application, owner)
    command = partial(applicant.give_figures, application=application, figures=figures, at=now)
    return in_time(
        call, lambda: perform(call, command, by=owner, now=now), application=application, what="figures", by=owner,
        now=now,
    )  # fmt: skip


def submit(call: UUID, application: UUID, *, owner: str, now: datetime) -> Receipt:
    """Hand the application in. Raises ArrivedLate with its receipt; CAL-009 with what is missing; CAL-001, CAL-002."""
    require_own(call, application, owner)
    return hand_in(
        call, lambda state: applicant.submit(state, application, at=now), application=application,
        what="submission", by=owner, now=now,
    )  # fmt: skip


def withdraw(call: UUID, application: UUID, *, reason: str, owner: str, now: datetime) -> Receipt:
    """Leave the call."""
    require_own(call, application, owner)
    return perform_receipted(call, lambda state: applicant.withdraw(state, application, reason), by=owner, now=now)


def cure(
    call: UUID,
    application: UUID,
    item: str,
    uploads: Sequence[Upload] = (),
    *,
    figures: Mapping[str, str] | None = None,
    owner: str,
    now: datetime,
) -> Receipt:
    """Cure one item, once. Raises ArrivedLate with its receipt; CAL-010, CAL-011 and as `admitted`, nothing kept."""
    require_own(call, application, owner)
    made = [admitted(*each) for each in uploads]

    def command(state: Call) -> Any:
        return applicant.cure(state, application, item, made, figures=figures, at=now)

    return hand_in(
        call, command, application=application, what=f"cure {item}", by=owner, now=now, also=partial(_keep, uploads)
    )


def _keep(uploads: Sequence[Upload]) -> None:
    for each in uploads:
        keep_document(*each)


def observe(
    call: UUID,
    application: UUID,
    text: str,
    uploads: Sequence[Upload] = (),
    *,
    item: str = "",
    owner: str,
    now: datetime,
) -> Receipt:
    """Observe the list that was last published, with what supports it. Raises ArrivedLate with its receipt; CAL-023,
    CAL-016 and as `admitted`, nothing kept."""
    require_own(call, application, owner)
    made = [admitted(*each) for each in uploads]
    return hand_in(
        call, lambda state: applicant.observe(state, application, text, item=item, documents=made, at=now),
        application=application, what="observation", by=owner, now=now, also=partial(_keep, uploads),
    )  # fmt: skip


def receive_services(call: UUID, application: UUID, *, owner: str, now: datetime) -> Receipt:
    """Acknowledge the services that were handed over."""
    require_own(call, application, owner)
    return perform_receipted(
        call, lambda state: applicant.receive_services(state, application, at=now), by=owner, now=now
    )


@transaction.atomic
def appeal(
    call: UUID, application: UUID, text: str, uploads: Sequence[Upload] = (), *, owner: str, now: datetime
) -> Receipt:
    """File an appeal, with what supports it. Raises as the command and `admitted`, nothing kept."""
    require_own(call, application, owner)
    made = [admitted(*each) for each in uploads]
    _keep(uploads)
    return perform_receipted(
        call, lambda state: applicant.appeal(state, application, text, documents=made, at=now), by=owner, now=now
    )
