"""A chain of gold to look at: bought, blended, offered; and what the rules refused."""

from __future__ import annotations

from tests.hub.country import STRANGER, Hub
from veta.kernel.ids import uuid7


def gold_chain(hub: Hub) -> dict[str, str]:
    """Gold of two miners, blended by the trader and offered; a production, and one of more than the plan admits."""
    own, strange = hub.movement("purchase"), hub.movement("purchase", seller=STRANGER, quantity="30.000")
    blend = str(uuid7())
    inputs = [{"lot": own["lot"], "quantity": "10.000"}, {"lot": strange["lot"], "quantity": "30.000"}]
    made = hub.world.movement(
        "regroup", holder=hub.world.PARTIES["trader"], inputs=inputs,
        outputs=[{"quantity": "40.000", "unit": "g", "lot": blend}],
    )  # fmt: skip
    offer = hub.movement("sale", lot=blend, quantity="20.000", seller="trader", buyer="trader2", confirm_by=None)
    offer.pop("confirm_by")
    made["occurred_at"] = offer["occurred_at"]
    mined = hub.movement("production")
    too_much = hub.movement("production", quantity="99999999.000")
    results = hub.report(own, strange, made, offer, mined, too_much)
    said = [r["verdict"]["status"] for r in results]
    assert said == ["accepted", "accepted", "accepted", "pending", "accepted", "rejected"], results
    return {
        "own": own["lot"], "strange": strange["lot"], "blend": blend, "offer": offer["id"], "blending": made["id"],
        "mined": mined["lot"], "title": mined["origin"]["code"], "refused": too_much["id"],
    }  # fmt: skip
