"""A captured record: what it says, where it stands in its device's chain, and what may become of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from veta.kernel.canonical_json import canonical

FIRST = "0" * 64
REVERSAL = "reversal"
"""The kind of the movement that undoes another."""


class Operation(StrEnum):
    """What a record asks of the hub: to decide a movement, or to answer one that waits."""

    SUBMIT = "submit"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class State(StrEnum):
    """Where a record is on its way: the first four before the hub's word is known.

    `queued` waits for its turn; `sent` left and its answer is not known yet; `held` waits for a mandate; `dead` needs a
    person, who makes another record in its place (`replaced`) or none (`dismissed`). `accepted`, `pending`, `rejected`,
    `refused`, `withdrawn`, `lapsed` and `reversed` (it was accepted, and undone since) are the hub's.
    """

    QUEUED = "queued"
    SENT = "sent"
    HELD = "held"
    DEAD = "dead"
    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REVERSED = "reversed"
    REPLACED = "replaced"
    DISMISSED = "dismissed"


OPEN = (State.QUEUED, State.SENT)
"""What the sender takes up; `sent` too, since an answer may have been lost."""


RESOLVED = (State.REPLACED, State.DISMISSED)
"""What a person settled: the hub never took it, and nothing of it is to be sent."""


UNTAKEN = (State.REJECTED, State.REFUSED, State.WITHDRAWN, State.LAPSED)
"""What the hub or the other party did not take: it does not count, and never will."""


GONE = (*UNTAKEN, State.DEAD, State.REVERSED, *RESOLVED)
"""What takes nothing: neither counts nor waits to."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A record as its device made it. `previous` is the digest of the device's record before, FIRST for the first.

    `by`: the account that captured it, which the digest covers; None in a record of a device that left it out.
    """

    id: UUID
    device: UUID
    sequence: int
    operation: Operation
    payload: Mapping[str, Any]
    captured_at: datetime
    previous: str
    by: UUID | None = None

    def digest(self) -> str:
        """SHA-256 over the RFC 8785 form of what was captured: 64 hexadecimal digits, the next record's `previous`."""
        body = {
            "id": str(self.id),
            "device": str(self.device),
            "sequence": self.sequence,
            "operation": self.operation.value,
            "payload": dict(self.payload),
            "captured_at": self.captured_at.isoformat(),
            "previous": self.previous,
        } | ({"by": str(self.by)} if self.by is not None else {})
        return hashlib.sha256(canonical(body)).hexdigest()


def sent(payload: Mapping[str, Any], *, late_reason: str = "") -> dict[str, Any]:
    """What goes to the hub of a record: its words as captured, declared late with its reason where there is one."""
    late = {"late": {"reason": late_reason}} if late_reason and "late" not in payload else {}
    return {**payload, **late}


def about(payload: Mapping[str, Any]) -> UUID | None:
    """The movement that a record answers, receives or reverses; None where it names none that can be read."""
    said = payload.get("movement") or payload.get("dispatch")
    try:
        return UUID(said) if isinstance(said, str) else None
    except ValueError:
        return None
