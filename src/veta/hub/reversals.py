"""The authority undoes a movement: by two persons, whatever its age; live certificates over it fall with it.

A party undoes its own movement within its term and while nobody was shown a certificate of it; the rest is done here
(hub/, where movements and certificates meet: the group withdraws the certificates in the transaction that undoes).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.movements import services
from veta.movements.domain.case import AUTHORITY
from veta.movements.domain.submission import Result, Submission, receive
from veta.movements.domain.verdict import instant_text


class ReversalRefused(DomainError):
    """An act that two different persons did not take."""

    code = "REV-010"


def reverse(movement: UUID, *, reason: str, proposed_by: str, approved_by: str, clock: Clock) -> Result:
    """Undo a movement by act of the authority; its verdict says whether it could be done.

    Rules REV-003, REV-005 and REV-006 are not for the authority; REV-001 and REV-004 are. A confirmed sale waits for
    the other party, as ever. Raises ReversalRefused REV-010 unless two persons and a reason stand behind it.
    """
    names = {proposed_by.strip().lower(), approved_by.strip().lower()}
    if len(names) != 2 or "" in names or not reason.strip():
        raise ReversalRefused("Deshacer un movimiento lo propone una persona y lo aprueba otra, con su razón.")
    told = f"{reason.strip()} Propuso {proposed_by.strip()}; aprobó {approved_by.strip()}."
    submission = reversal_of(movement, reason=told, at=clock.now())
    services.submit(submission)
    return submission.results[0]


def reversal_of(movement: UUID | str, *, reason: str, at: datetime) -> Submission:
    """The act as the group takes it: of no operator, with its own words for the log."""
    words = {
        "id": str(uuid7()), "kind": "reversal", "occurred_at": instant_text(at), "movement": str(movement),
        "reason": reason,
    }  # fmt: skip
    return Submission(AUTHORITY, [receive(words, canonical(words))])
