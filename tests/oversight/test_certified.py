"""What live certificates say of a title stands in its year: certified over what was moved is a finding."""

from typing import Any

import pytest

from tests.certificates.trade import Trade
from veta.oversight.queries import records_of, year_of


@pytest.fixture
def trade(db: Any) -> Trade:
    return Trade.open()


def test_the_titles_certificates_are_compared_with_its_movements(trade: Trade) -> None:
    on = trade.world.now.date()
    lot = trade.gold("90.000")["lot"]
    before = records_of("DEMO-ORO", on=on)
    assert before is not None
    assert before.coherence is not None
    [row] = [row for row in before.coherence.rows if row.mineral == "oro"]
    assert (row.moved, row.certified) == ("90.000", "")
    trade.certify(lot, amount=50_000)
    trade.certify(lot, amount=40_000)
    [row] = [row for row in year_of("DEMO-ORO", on=on).rows if row.mineral == "oro"]
    assert (row.moved, row.certified) == ("90.000", "90.000")
    assert "COH-005" not in [finding.code for finding in year_of("DEMO-ORO", on=on).findings]
