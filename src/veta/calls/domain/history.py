"""The history of a call: one chain of events that is only added to; each carries the hash of the one before."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from veta.kernel.canonical_json import canonical

START = bytes(32)
_SCHEME = b"veta-call-event-v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a command decided: an event that has neither place nor hour yet. `proposed_by`: the first of two persons."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    application: UUID | None = None
    proposed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it was written: nothing of it ever changes."""

    call: UUID
    place: int
    kind: str
    application: UUID | None
    by: str
    proposed_by: str
    at: datetime
    data: Mapping[str, Any]
    previous: bytes
    hash: bytes


def hash_of(
    drafted: Drafted, *, call: UUID, place: int, by: str, at: datetime, previous: bytes
) -> bytes:  # fmt: skip
    """SHA-256 of the scheme, the hash before, and the RFC 8785 form of everything the event says."""
    said = {
        "call": str(call), "place": place, "kind": drafted.kind,
        "application": str(drafted.application) if drafted.application else None, "by": by,
        "proposed_by": drafted.proposed_by, "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "data": dict(drafted.data),
    }  # fmt: skip
    return hashlib.sha256(_SCHEME + previous + canonical(said)).digest()


def breaks(events: Iterable[Event]) -> list[str]:
    """What is wrong with a chain, event by event: a place left out, a link that does not hold, words that changed."""
    found, previous, place = [], START, 0
    for event in events:
        place += 1
        drafted = Drafted(
            kind=event.kind, data=event.data, application=event.application, proposed_by=event.proposed_by
        )
        if event.place != place:
            found.append(f"{event.place}: falta el evento {place}")
        if event.previous != previous:
            found.append(f"{event.place}: no sigue al evento anterior")
        made = hash_of(drafted, call=event.call, place=event.place, by=event.by, at=event.at, previous=event.previous)
        if made != event.hash:
            found.append(f"{event.place}: su contenido cambió")
        previous, place = event.hash, event.place
    return found
