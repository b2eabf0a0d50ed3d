"""The authority undoes a movement, by two persons, as its service does."""

from __future__ import annotations

from typing import Any

from tests.certificates.trade import Trade
from tests.movements.world import as_json
from veta.hub.reversals import reversal_of
from veta.kernel.clock import FixedClock
from veta.movements import group


def undo(trade: Trade, movement: str) -> dict[str, Any]:
    """The reversal's result, decided at the world's own instant."""
    submission = reversal_of(movement, reason="Se reportó dos veces.", at=trade.world.now)
    group.run([submission], clock=FixedClock(trade.world.now), signer=trade.world.signer)
    return as_json(submission.results[0])
