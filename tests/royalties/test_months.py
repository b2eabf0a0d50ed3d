"""Months of a settlement as they come: what names none is a finding, never a fault."""

import pytest

from veta.royalties.domain.reading import SettlementRefused, read_settlement


@pytest.mark.parametrize("month", ["0000-01", "0001-01", "2025-13", "2025-10", 202508])
def test_a_month_that_cannot_be_is_refused(month: object) -> None:
    with pytest.raises(SettlementRefused) as refused:
        read_settlement(settlement(month))
    assert "lines[0].month" in {finding.field for finding in refused.value.findings}


def test_a_month_of_the_quarter_is_read() -> None:
    assert str(read_settlement(settlement("2025-08")).lines[0].month) == "2025-08-01"


def settlement(month: object) -> dict[str, object]:
    return {"quarter": "2025-T3", "lines": [{"mineral": "oro", "quantity": "1", "unit": "g", "month": month}]}
