"""The desk's counts: the same before the tally, in the middle of the log and behind it, and counted once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.hub.country import Hub
from tests.hub.gold import gold_chain
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.movements import tally as tallying
from veta.movements.queries import desk, tally
from veta.movements.services import tally as count
from veta.storage.connection import plain_connection, plain_cursor
from veta.transparency.sequencer import number_pending

DAYS = (bogota_date(SystemClock().now()) - timedelta(days=1), date(9999, 12, 30))
STATES = """
SELECT m.kind, coalesce(e.outcome, v.status), count(*) FROM movements_movement AS m
JOIN movements_verdict AS v ON v.movement_id = m.id LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
GROUP BY 1, 2
"""


@pytest.fixture
def chain(hub: Hub) -> dict[str, str]:
    return gold_chain(hub)


def number() -> None:
    with plain_connection(autocommit=True) as session:
        number_pending(session)


def seen() -> dict[str, Any]:
    """Everything that the desk counts, and what it lists by label."""
    cursor = plain_cursor()
    assert {tuple(row) for row in tally.counted(cursor, *DAYS)} == {tuple(row) for row in cursor.execute(STATES)}
    listed = {
        label: [line.id for line in desk.listed(cursor, desk.Asked(*DAYS, **asked), limit=50)[0]]
        for label, asked in {
            "QUO-001": {"finding": "QUO-001"}, "rejected": {"state": "rejected"}, "withdrawn": {"state": "withdrawn"},
            "pending": {"state": "pending"}, "sale": {"kind": "sale"}, "export": {"kind": "export"},
        }.items()
    }  # fmt: skip
    return {
        "states": tally.counted(cursor, *DAYS), "found": tally.found(cursor, *DAYS), "days": tally.days(cursor, *DAYS),
        "places": tally.extracted(cursor, *DAYS), "listed": listed,
    }  # fmt: skip


def test_the_counts_are_the_same_wherever_the_tally_stands(hub: Hub, chain: dict[str, str]) -> None:
    before = seen()
    assert count() == 0  # nothing is numbered
    number()
    assert seen() == before
    assert count() > 0
    assert count() == 0
    assert seen() == before
    step = {"id": str(uuid7()), "reason": "Cambió de comprador"}
    told = hub.first.call("POST", f"/movements/{chain['offer']}/withdrawal", step)
    assert told.status_code == 200, told.content
    gold_chain(hub)
    beyond = seen()
    assert beyond != before
    assert len(beyond["listed"]["QUO-001"]) == 2
    number()
    assert count() > 0
    after = seen()
    assert {**after, "listed": {}} == {**beyond, "listed": {}}
    assert [str(each) for each in after["listed"]["withdrawn"]] == [chain["offer"]]


def test_what_is_numbered_meanwhile_is_counted_once(
    hub: Hub, chain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sequencer does not wait: groups come between the statement that looks how far the log goes and the counts."""
    number()
    row, read = tallying._row, []

    def late(cursor: Any) -> Any:
        read.append(row(cursor))
        if len(read) == 2:
            gold_chain(hub)
            number()
        return read[-1]

    monkeypatch.setattr(tallying, "_row", late)
    assert count() > 0
    assert len(read) > 4, "what came meanwhile is another part"
    seen()


def test_a_fault_half_way_counts_nothing_twice(
    hub: Hub, chain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number()
    before = seen()
    monkeypatch.setattr(tallying, "_REACHED", "SELECT 1/0")
    with pytest.raises(Exception, match="division by zero"):
        count()
    monkeypatch.undo()
    assert seen() == before
    monkeypatch.setattr(tallying, "LEAVES_AT_ONCE", 2)
    assert count() > 0
    assert seen() == before


def test_what_few_have_is_looked_for_a_part_at_a_time(
    hub: Hub, chain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_LOOKED", 2)
    asked, found, looks = desk.Asked(*DAYS, kind="sale"), [], 0
    after: desk.Place | None = desk.NEWEST
    while after is not None:
        lines, after = desk.listed(plain_cursor(), asked, after=after, limit=25)
        found += lines
        looks += 1
    assert looks > 2
    monkeypatch.undo()
    assert found == desk.listed(plain_cursor(), asked, limit=25)[0]
