"""The feed: what concerns an operator's clients, in the log's order, page by page, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hub.conftest import told
from tests.hub.country import STRANGER, Hub
from tests.hub.operators import Signer
from veta.kernel.clock import SystemClock
from veta.movements import feed
from veta.movements.services import approve_act, propose_act
from veta.operators.services.hub_keys import hub_signer
from veta.storage.connection import plain_connection, plain_cursor
from veta.transparency.sequencer import number_pending


def numbered() -> None:
    with plain_connection(autocommit=True) as session:
        number_pending(session)


def read(signer: Signer, *, limit: int = 500, after: str = "") -> list[dict[str, Any]]:
    """Every page of the feed, as a client follows it."""
    items: list[dict[str, Any]] = []
    while True:
        query = f"limit={limit}" + (f"&after={after}" if after else "")
        page = told(signer.call("GET", "/events", query=query))
        assert len(page["items"]) <= limit
        items += page["items"]
        after = page["cursor"]
        if not page["more"]:
            return items


@pytest.fixture(scope="module")
def reported(hub: Hub) -> dict[str, Any]:
    """A production, a sale of it to a client of both, its confirmation, and a purchase from a stranger."""
    production = hub.movement("production", quantity="500.000")
    sale = hub.movement("sale", lot=production["lot"], quantity="10.000", buyer="trader2")
    purchase = hub.movement("purchase", seller=STRANGER)
    hub.report(production, sale, purchase)
    answer = {"id": "0193a1b2-0000-7000-8000-00000000c0de", "decision": "confirm"}
    assert hub.second.call("POST", f"/movements/{sale['id']}/confirmation", answer).status_code == 200
    numbered()
    return {"production": production["id"], "sale": sale["id"], "purchase": purchase["id"], "answer": answer["id"]}


def test_each_operator_reads_its_clients_and_in_the_logs_order(hub: Hub, reported: dict[str, Any]) -> None:
    all_, some = read(hub.first), read(hub.second)
    assert [item["movement"] for item in all_] == [
        reported[name] for name in ("production", "sale", "purchase", "answer")
    ]
    assert [item["movement"] for item in some] == [reported["sale"], reported["answer"]], "trader2's alone"
    numbers = [item["number"] for item in all_]
    assert numbers == sorted(numbers)
    assert [item["subject"] for item in some] == [None, reported["sale"]]


def test_people_outside_its_clients_are_masked_and_its_own_are_not(hub: Hub, reported: dict[str, Any]) -> None:
    purchase = next(item for item in read(hub.first) if item["movement"] == reported["purchase"])
    assert purchase["counterparty"] == {"kind": "person", "name": "M. P.", "client": False}
    assert purchase["author"]["client"] is True
    assert "María" not in str(read(hub.first))


def test_the_verdict_is_the_one_that_was_answered(hub: Hub, reported: dict[str, Any]) -> None:
    sale = read(hub.second)[0]
    assert sale["verdict"] == told(hub.second.call("GET", f"/movements/{reported['sale']}"))["verdict"]


def test_pages_of_any_size_read_the_same(hub: Hub, reported: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(hub.first)
    assert [read(hub.first, limit=limit) for limit in (1, 2, 3)] == [whole] * 3
    monkeypatch.setattr(feed, "WINDOW", 1)
    assert read(hub.first, limit=2) == whole
    monkeypatch.setattr(feed, "LOOKS", 1)
    assert read(hub.second, limit=2) == read(hub.second)


def test_an_act_is_told_to_those_whose_lots_it_reached_and_names_no_others(hub: Hub, reported: dict[str, Any]) -> None:
    """A suspension of the holder's lot reaches what trader2 bought of it; only the first operator has both."""
    lot = told(hub.first.call("GET", f"/movements/{reported['production']}"))["verdict"]["lots"][0]["lot"]
    bought = told(hub.second.call("GET", f"/movements/{reported['sale']}"))["events"][0]["verdict"]["lots"][0]["lot"]
    words = {"authority": "ANM", "act": "Auto 1", "issued_on": "2026-11-01", "reason": "Visita", "lots": [lot]}
    act = propose_act("suspension", words, by="oficial-1", clock=SystemClock())
    approve_act(act, by="oficial-2", clock=SystemClock(), signer=hub_signer())
    lifted = propose_act(
        "lift", {key: value for key, value in words.items() if key != "lots"} | {"suspension": str(act)},
        by="oficial-1", clock=SystemClock(),
    )  # fmt: skip
    approve_act(lifted, by="oficial-2", clock=SystemClock(), signer=hub_signer())
    numbered()
    for movement in (act, lifted):
        [whole] = [item for item in read(hub.first) if item["movement"] == str(movement)]
        [part] = [item for item in read(hub.second) if item["movement"] == str(movement)]
        assert (set(whole["lots"]), whole["verdict"]["status"]) == ({lot, bought}, "accepted")
        assert (part["lots"], part["verdict"]) == ([bought], None)
    stranger = Signer.enrol("DEMO-OTTM-N")
    assert read(stranger) == []


def test_what_has_no_number_yet_waits(hub: Hub, reported: dict[str, Any]) -> None:
    before = told(hub.first.call("GET", "/events"))
    late = hub.movement("production", quantity="1.000")
    hub.report(late)
    assert told(hub.first.call("GET", "/events", query=f"after={before['cursor']}"))["items"] == []
    numbered()
    assert [item["movement"] for item in read(hub.first, after=before["cursor"])] == [late["id"]]


@pytest.mark.parametrize("after", ["x", "MTIz", "ZXZlbnRzIC0x", "ZXZlbnRzIHgx", "ZXZlbnRzIDk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_cursor_of_another_list_is_refused(hub: Hub, after: str) -> None:
    assert hub.first.call("GET", "/events", query=f"after={after}").status_code == 422


def test_control_without_its_order_the_feed_is_seen_to_fail(
    hub: Hub, reported: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from veta.movements.queries import feed as reads

    monkeypatch.setattr(reads, "_HEADS", reads._HEADS.replace("ORDER BY 1", "ORDER BY 1 DESC"))
    page = feed.feed_page(hub.first.operator, after=0, limit=2, on=hub.world.now.date())
    assert [event.head.number for event in page.events] != [0, 1]
    assert reads.log_size(plain_cursor()) >= 4
