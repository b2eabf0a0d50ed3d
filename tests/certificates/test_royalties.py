"""CER-001: certificates of a quarter beside the royalties declared, just below, at and just above."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.certificates.trade import Trade
from veta.certificates.domain.royalties import differences
from veta.certificates.queries import certified_of_title
from veta.certificates.services import withdraw
from veta.kernel.clock import FixedClock

COAL = "carbon_termico"
CASES = {
    "as declared": ({COAL: 1000}, {COAL: 1000}, []),
    "a kilogram more certified": ({COAL: 1001}, {COAL: 1000}, [("CER-001", "warning", "1.001", "1.000")]),
    "a kilogram less certified": ({COAL: 999}, {COAL: 1000}, [("CER-001", "info", "0.999", "1.000")]),
    "certified and not declared": ({COAL: 1}, {}, [("CER-001", "warning", "0.001", "0.000")]),
    "declared and not certified": ({}, {COAL: 1}, [("CER-001", "info", "0.000", "0.001")]),
    "another mineral": ({COAL: 5, "oro": 1}, {COAL: 5}, [("CER-001", "warning", "0.001", "0.000")]),
}


@pytest.mark.parametrize(("certified", "declared", "expected"), CASES.values(), ids=CASES.keys())
def test_each_mineral_is_compared(certified: dict[str, int], declared: dict[str, int], expected: list[Any]) -> None:
    found = differences(certified, declared)
    assert [(f.code, f.severity, f.params["certified"], f.params["declared"]) for f in found] == expected


def test_only_the_producers_live_certificates_of_the_quarter_count(db: Any) -> None:
    trade = Trade.open()
    lot = trade.coal()["lot"]
    trade.certify(lot, amount=40_000)
    gone = trade.certify(lot, amount=10_000)
    withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    mined = trade.sell(trade.gold()["lot"], "90.000", seller="holder", buyer="plant")
    trade.certify(str(trade.smelt((mined, "90.000"), quantity="88.000")["outputs"][0]["lot"]))
    day = date(2026, 11, 10)  # of the world's instant
    for start, end, expected in (
        (day, day, {COAL: 40_000}), (date(2026, 10, 1), date(2026, 11, 9), {}), (date(2026, 11, 11), day, {}),
    ):  # fmt: skip
        assert certified_of_title("DEMO-CARBON", start=start, end=end) == expected
    assert certified_of_title("DEMO-ORO", start=day, end=day) == {}, "the plant's is of what it made"
