"""The authority undoes a movement: one officer proposes, another approves."""

from __future__ import annotations

from typing import Any

from tests.certificates.trade import Trade
from tests.movements.world import as_json
from veta.kernel.clock import FixedClock
from veta.movements.services import approve_act, propose_act


def undo(trade: Trade, movement: str) -> dict[str, Any]:
    """The reversal's result, decided at the world's own instant."""
    clock = FixedClock(trade.world.now)
    words = {
        "movement": movement, "authority": "ANM", "act": "Auto 1", "issued_on": "2026-11-10",
        "reason": "Se reportó dos veces.",
    }  # fmt: skip
    proposal = propose_act("reversal", words, by="oficial-1", clock=clock)
    return as_json(approve_act(proposal, by="oficial-2", clock=clock, signer=trade.world.signer))
