"""What the hub lets its author undo, by the hub's own rules, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from veta.kernel.period import bogota_date
from veta.movements.domain import law
from veta.movements.domain.rules.reversal import AUTHORITYS, REVERSIBLE


class Undo(StrEnum):
    """Who undoes an accepted movement: its author at once, or once the other party confirms; the authority; nobody."""

    AT_ONCE = "at_once"
    ASKS = "asks"
    AUTHORITY = "authority"
    NOBODY = "nobody"


def undo_of(kind: str, payload: Mapping[str, Any]) -> Undo:
    """Who may undo a movement of a kind that says this, once it was accepted and within its term."""
    if kind in AUTHORITYS or (kind == "sale" and payload.get("buyer_kind") == "final_consumer"):
        return Undo.AUTHORITY
    if kind == "sale":
        return Undo.ASKS
    return Undo.AT_ONCE if kind in REVERSIBLE else Undo.NOBODY


def term(now: datetime) -> timedelta:
    """How long after its receipt by the hub the author may undo a movement, as of today."""
    return law.reversal_term(bogota_date(now))


def answer_term(now: datetime) -> timedelta:
    """How long the other party has to confirm."""
    return law.confirmation_term(bogota_date(now))
