"""What a decision costs, printed; the bound only catches a rule that starts to scan."""

from __future__ import annotations

import pytest

from tests.movements.domain.cost import KINDS, microseconds

FAR_TOO_MUCH = 1000.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_costs_microseconds(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    cost = microseconds(kind, rounds=2)
    with capsys.disabled():
        print(f"\n{kind}: {cost:.0f} µs framed, decided by every rule, posted and applied")
    assert cost < FAR_TOO_MUCH
