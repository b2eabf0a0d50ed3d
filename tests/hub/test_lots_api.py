"""Lots over the API: whose they are, what their operators see, and what a pending offer shows its buyer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hub.conftest import told
from tests.hub.country import STRANGER, Hub
from veta.kernel.ids import uuid7


@pytest.fixture(scope="module")
def chain(hub: Hub) -> dict[str, str]:
    """Gold of two miners, blended by the trader; half offered to the second operator's client."""
    own, strange = hub.movement("purchase"), hub.movement("purchase", seller=STRANGER, quantity="30.000")
    blend = str(uuid7())
    inputs = [{"lot": own["lot"], "quantity": "10.000"}, {"lot": strange["lot"], "quantity": "30.000"}]
    made = hub.world.movement(
        "regroup", holder=hub.world.PARTIES["trader"], inputs=inputs,
        outputs=[{"quantity": "40.000", "unit": "g", "lot": blend}],
    )  # fmt: skip
    offer = hub.movement("sale", lot=blend, quantity="20.000", seller="trader", buyer="trader2", confirm_by=None)
    offer.pop("confirm_by")
    offer["price_cop"] = "9000000.50"
    made["occurred_at"] = offer["occurred_at"]
    results = hub.report(own, strange, made, offer)
    assert [r["verdict"]["status"] for r in results] == ["accepted", "accepted", "accepted", "pending"], results
    sold = offer["items"][0]["new_lot"]
    return {"own": own["lot"], "strange": strange["lot"], "blend": blend, "offer": offer["id"], "sold": sold}


def test_a_lot_is_shown_to_its_holders_operator_and_to_nobody_else(hub: Hub, chain: dict[str, str]) -> None:
    shown = told(hub.first.call("GET", f"/lots/{chain['blend']}"))
    assert (shown["quantity"], shown["left"], shown["held"]) == ("40.000", "20.000", "20.000")
    assert shown["holder"] == {"kind": "firm", "name": "DEMO trader (ficticio)", "client": True}
    for path in (
        f"/lots/{chain['blend']}",
        f"/lots/{chain['blend']}/trace",
        f"/lots/{chain['own']}",
        f"/lots/{uuid7()}",
    ):
        hidden, unknown = hub.second.call("GET", path), hub.second.call("GET", f"/lots/{uuid7()}")
        assert (hidden.status_code, hidden.content) == (404, unknown.content)


def test_a_pending_offer_shows_its_buyer_the_origins_and_no_more(hub: Hub, chain: dict[str, str]) -> None:
    mine = told(hub.first.call("GET", f"/lots/{chain['blend']}/origins"))
    theirs = told(hub.second.call("GET", f"/lots/{chain['blend']}/origins"))
    assert [item["weight"] for item in mine["items"]] == [item["weight"] for item in theirs["items"]]
    assert {item["weight"] for item in theirs["items"]} == {"10000", "30000"}
    assert (theirs["total"], theirs["origins"]) == ("40000", 2)
    assert {item["person"]["name"] for item in theirs["items"]} == {"D. M.", "M. P."}
    assert {item["person"]["name"] for item in mine["items"]} == {"DEMO miner (ficticio)", "M. P."}
    assert hub.second.call("GET", f"/lots/{chain['own']}/origins").status_code == 404
    offers = [told(each.call("GET", f"/movements/{chain['offer']}"))["offer"] for each in (hub.first, hub.second)]
    assert [each["price_cop"] for each in offers] == ["9000000.50", "9000000.50"], "as its seller stated it"


def test_origins_and_genealogy_come_in_pages(hub: Hub, chain: dict[str, str]) -> None:
    for path in (f"/lots/{chain['blend']}/origins", f"/lots/{chain['blend']}/trace"):
        whole = told(hub.first.call("GET", path))["items"]
        first = told(hub.first.call("GET", path, query="limit=1"))
        rest = told(hub.first.call("GET", path, query=f"limit=5&cursor={first['cursor']}"))
        assert (first["items"] + rest["items"], rest["cursor"], len(whole)) == (whole, None, 2)


def test_the_trace_goes_both_ways_with_strangers_masked(hub: Hub, chain: dict[str, str]) -> None:
    back = told(hub.first.call("GET", f"/lots/{chain['blend']}/trace"))["items"]
    assert {edge["parent"] for edge in back} == {chain["own"], chain["strange"]}
    forward = told(hub.first.call("GET", f"/lots/{chain['own']}/trace", query="direction=forward"))["items"]
    assert [edge["child"] for edge in forward] == [chain["blend"]]
    assert hub.first.call("GET", f"/lots/{chain['own']}/trace", query="direction=up").status_code == 422


def test_when_the_offer_ends_so_does_the_sight_of_it(hub: Hub, chain: dict[str, str]) -> None:
    answer: dict[str, Any] = {"id": str(uuid7()), "decision": "confirm"}
    done = hub.second.call("POST", f"/movements/{chain['offer']}/confirmation", answer)
    assert told(done)["verdict"]["outcome"] == "accepted", done.content
    assert hub.second.call("GET", f"/lots/{chain['blend']}/origins").status_code == 404
    bought = told(hub.second.call("GET", f"/lots/{chain['sold']}/origins"))
    assert (bought["quantity"], bought["total"]) == ("20.000", "40000")
    assert hub.first.call("GET", f"/lots/{chain['sold']}").status_code == 200
