"""The hand-over of the services: documents, credentials sealed until the firm opens them; its runs and its keys."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from veta.calls.domain.commands import evaluator, handover
from veta.calls.domain.commands.setup import words
from veta.calls.domain.document import REPORT, SERVICES
from veta.calls.domain.history import Event
from veta.calls.domain.refusals import refused
from veta.calls.domain.report import Whole, said_by
from veta.calls.history_rows import state_of
from veta.calls.models import CallCredential
from veta.calls.services.applicants import Upload, keep_document, require_own
from veta.calls.services.book import lock, perform
from veta.calls.services.receipts import Receipt, perform_receipted
from veta.calls.services.sealing import seal, unseal
from veta.kernel.clock import SystemClock
from veta.operators.domain.signature import Purpose
from veta.operators.queries import key_states, operators_now
from veta.operators.services.keys import ask_key

CREDENTIALS = "calls_callcredential"
MOST_WAITING = 5  # keys of an operator that no two officers approved yet


@transaction.atomic
def add_document(call: UUID, upload: Upload, *, by: str, now: datetime) -> Event:
    """A document of the services, PDF or JSON. Raises as `admitted` and the command."""
    made = keep_document(*upload, kinds=SERVICES)
    return perform(call, lambda state: handover.add_document(state, made), by=by, now=now)


@transaction.atomic
def deliver(call: UUID, application: UUID, *, version: str, credentials: str, by: str, now: datetime) -> Event:
    """Hand the services over. `credentials`: in clear; they are sealed until the firm opens them, and the history has
    their salted SHA-256. Those that waited are dropped. Raises as the command."""
    text, salt = words(credentials, "las credenciales", longest=4000), secrets.token_hex(16)
    event = perform(
        call,
        lambda state: handover.deliver(
            state, application, version=version, credentials=digest_of(salt, text), by=by.lower(), at=now
        ),
        by=by,
        now=now,
    )
    CallCredential.objects.filter(application=application).delete()
    sealed = seal(CREDENTIALS, application, json.dumps({"salt": salt, "text": text}).encode())
    CallCredential.objects.create(application=application, sealed=sealed)
    return event


def digest_of(salt: str, text: str) -> str:
    """What the history holds of credentials: SHA-256 of salt, line feed and text."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """Credentials in clear, and the salt with which their digest is checked."""

    text: str
    salt: str


@transaction.atomic
def open_credentials(call: UUID, application: UUID, *, owner: str, now: datetime) -> Opened:
    """Give the firm its credentials, once: with this they are deleted. Raises CAL-001 for another's, CAL-023."""
    require_own(call, application, owner)
    perform(call, lambda state: handover.open_credentials(state, application), by=owner, now=now)
    row = CallCredential.objects.get(application=application)
    found = json.loads(unseal(CREDENTIALS, application, bytes(row.sealed)))
    row.delete()
    return Opened(found["text"], found["salt"])


@transaction.atomic
def record_attempt(
    call: UUID,
    application: UUID,
    *,
    round: int,
    passed: bool,
    present: str,
    report: Upload,
    whole: Whole,
    by: str,
    now: datetime,
) -> Event:
    """Record a run with its report, whose bytes are kept under their hash. `whole`: the format as it stands.

    Raises as `admitted` and the command.
    """
    made = keep_document(*report, kinds=REPORT)
    said = said_by(report[1])
    return perform(
        call,
        lambda state: evaluator.record_attempt(
            state,
            application,
            round=round,
            passed=passed,
            present=present,
            report=made,
            said=said,
            lacks=whole.lacks(said) if said is not None else "",
            by=by.lower(),
            at=now,
        ),
        by=by,
        now=now,
    )


@transaction.atomic
def hand_in_key(
    call: UUID, application: UUID, *, public_key: bytes, purpose: Purpose, proof: bytes, owner: str, now: datetime
) -> Receipt:
    """The firm hands in a key of its operator with its proof of possession; it counts once two officers approve it.

    Raises CAL-001 for another's application, CAL-028 where it is no operator, CAL-031 with too many waiting,
    KeyRefused, OperatorRefused OPE-003.
    """
    require_own(call, application, owner)
    lock(call)
    code = handover.require_operator(state_of(call)[0], application)
    operator = next(each.id for each in operators_now() if each.code == code)
    waiting = [each for each in key_states(now=SystemClock().now(), operator=operator) if each.lacks_approval]
    if len(waiting) >= MOST_WAITING:
        raise refused("CAL-031", f"Ya hay {MOST_WAITING} llaves por aprobar. Espere a que la ANM las decida.")
    key = ask_key(operator=operator, public_key=public_key, purpose=purpose, proof=proof, by=f"{code} (página)")
    return perform_receipted(
        call, lambda state: handover.hand_in_key(state, application, key=key, purpose=purpose), by=owner, now=now
    )
