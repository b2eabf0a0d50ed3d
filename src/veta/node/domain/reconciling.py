"""What two books can say differently of one movement, decided from what each says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.node.domain.records import RESOLVED, State

# What has waited longer than this to be sent is told as a difference.
PATIENCE: Final = timedelta(hours=24)
UNSENT: Final = frozenset({State.QUEUED, State.SENT, State.HELD, State.DEAD})


class Differs(StrEnum):
    """How two books differ.

    `missing`: the hub has no such movement. `verdict`: it says another one than was kept. `state`: it has ended
    otherwise. `waiting`: ours has not left for a day. `elsewhere`: the client's, through another operator.
    """

    MISSING = "missing"
    VERDICT = "verdict"
    STATE = "state"
    WAITING = "waiting"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A record as this node has it: its state, the verdict that was kept, since when it waits, whether it left."""

    id: UUID
    state: State
    verdict: Mapping[str, Any] | None
    since: datetime
    left: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, with the word of each book."""

    movement: UUID
    differs: Differs
    ours: str = ""
    theirs: str = ""


def compare(ours: Ours, theirs: Mapping[str, Any] | None, *, state: str | None, now: datetime) -> Found | None:
    """What differs of one record, or None. theirs: the hub's verdict, None where it has no such movement; `state`, the
    hub's state of it where it was asked."""
    if theirs is None:
        if ours.state in RESOLVED:
            return None
        if ours.state in UNSENT:
            late = now - ours.since >= PATIENCE
            return Found(ours.id, Differs.WAITING, ours.state.value) if late else None
        return Found(ours.id, Differs.MISSING, ours.state.value)
    if ours.verdict is None:
        return Found(ours.id, Differs.VERDICT, "", str(theirs["status"]))
    if canonical(dict(ours.verdict)) != canonical(dict(theirs)):
        return Found(ours.id, Differs.VERDICT, str(ours.verdict["status"]), str(theirs["status"]))
    if state is not None and state != ours.state.value:
        return Found(ours.id, Differs.STATE, ours.state.value, state)
    return None
