"""A mistake is undone between a node and a real hub, as the node's page asks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.movements.world import World
from tests.node.stage import Stage, until
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.node import reader, sender
from veta.node.client import HubClient
from veta.node.models import BusinessRecord, LotLine, Verdict
from veta.node.queries.lots import lots_of
from veta.node.services.capture import Given, capture
from veta.node.services.requests import keep
from veta.node.services.undoing import undo


def undone_at_the_hub(stage: Stage) -> None:
    """A purchase with a lot regrouped out of it: refused, then undone from the last to the first."""
    trader, desk = stage.clients["trader"], stage.desk
    assert desk is not None
    with HubClient(stage.origin, stage.credentials(stage.world.first), deadline=60, before=keep) as hub:
        sending = sender.Sender(hub)

        def decided(id: str | UUID, *states: str) -> None:
            until(lambda: sending.round() >= 0 and _states(stage, str(id)) == set(states), seconds=60)

        def undone(id: str, state: str) -> UUID:
            record = BusinessRecord.objects.select_related("client", "branch").get(pk=id)
            made = undo(record, id=uuid7(), reason="Se escribió dos veces.", now=datetime.now(UTC), by=desk)
            decided(made.id, state)
            return UUID(str(made.id))

        (bought,) = stage.keep("trader")
        decided(bought, "accepted")
        ((lot,),) = LotLine.objects.filter(record=bought, said="given").values_list("lot")
        split = regrouping(str(lot))
        capture(trader, [Given(split)], now=datetime.now(UTC))
        decided(split["id"], "accepted")
        refused = Verdict.objects.get(movement=undone(bought, "rejected")).body
        assert [each["code"] for each in refused["findings"] if each["severity"] == "blocking"] == ["REV-001"]
        assert _states(stage, bought) == {"accepted"}
        undone(split["id"], "accepted")
        asked = undone(bought, "accepted")

        def told() -> bool:
            reader.follow(hub, clock=SystemClock())
            return _states(stage, bought, split["id"]) == {"reversed"}

        until(told, seconds=60)
    assert lot not in lots_of(trader.id)
    ((subject,),) = stage.at_hub("SELECT subject FROM movements_movement WHERE id = %s", asked)
    assert str(subject) == bought


def regrouping(lot: str) -> dict[str, Any]:
    """The trader's whole lot under another id."""
    return {
        "id": str(uuid7()), "kind": "regroup", "occurred_at": datetime.now(UTC).isoformat(),
        "holder": World.PARTIES["trader"], "inputs": [{"lot": lot, "quantity": "0.001"}],
        "outputs": [{"quantity": "0.001", "unit": "g", "lot": str(uuid7())}],
    }  # fmt: skip


def _states(stage: Stage, *ids: str) -> set[str]:
    return {state for (state,) in stage.at_node("SELECT state FROM node_outboxitem WHERE record_id = ANY (%s)", [*ids])}
