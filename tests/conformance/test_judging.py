"""What each check on personal data, endings and pace lets pass and what it catches."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from veta.conformance.domain.checks import CHECKS
from veta.conformance.domain.evidence import Captured, Evidence, Exchange, Signature

MOVEMENT: dict[str, Any] = {"kind": "loss", "evidence": [{"number": "M-1"}]}
PARTIES = {"cliente": {"type": "NIT", "number": "900123456", "called": "Ñáñez S.A.S."}}


def evidence(*, target: str = "/api/v1/movements", said: str = "rechazado", **item: Any) -> Evidence:
    """One thing captured, sent and answered a second later."""
    now = time.monotonic()
    sent = {**MOVEMENT, "id": "1", **item}
    exchange = Exchange(
        1, datetime.now(UTC), now, "POST", target, {"user-agent": "x"}, orjson.dumps({"movements": [sent]}), "",
        Signature(), status=200, answer=b'{"results":[{}]}', ended=now + 1,
    )  # fmt: skip
    made = Evidence(
        [exchange], {"m": Captured("m", "M-1", MOVEMENT, {}, now)}, parties=dict(PARTIES), named={"ya": now - 1}
    )
    made.shown["/m"] = {"state": "rejected", "text": said}
    return made


CASES: dict[str, tuple[Mapping[str, Any], Evidence, Evidence]] = {
    "only_captured": ({"of": ["m"]}, evidence(), evidence(seller_phone="3001234567")),
    "bodies_alone": ({}, evidence(), evidence(target="/api/v1/movements?de=%C3%91%C3%A1%C3%B1ez+S.A.S.")),
    "silent_about": ({"party": "cliente", "after": "ya"}, evidence(), evidence(note="900123456")),
    "shown_without": ({"of": ["m"], "party": "cliente"}, evidence(), evidence(said="otro es 900123456")),
    "prompt": ({"of": ["m"], "seconds": 2.0}, evidence(), Evidence(captured=evidence().captured)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_check_passes_what_is_right_and_catches_what_is_not(name: str) -> None:
    given, right, wrong = CASES[name]
    assert list(CHECKS[name](right, **given)) == []
    assert len(list(CHECKS[name](wrong, **given))) == 1


def test_an_ending_is_the_one_expected() -> None:
    found = Evidence(outcomes={"venta": "refused"})
    assert list(CHECKS["outcome"](found, of=["venta"], status="refused")) == []
    assert len(list(CHECKS["outcome"](found, of=["venta"], status="accepted"))) == 1


def test_a_movement_sent_after_the_first_look_is_found_too() -> None:
    found = evidence()
    first, again = found.exchanges[0], evidence().exchanges[0]
    assert [exchange for exchange, _ in found.sent("M-1")] == [first]
    found.exchanges.append(again)
    assert [exchange for exchange, _ in found.sent("M-1")] == [first, again]
