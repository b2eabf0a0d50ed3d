"""The hub's rules run here say nothing that the hub would not say: every legal case of the book, judged both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from stdnum.co import nit

from tests.movements.domain.casebook import LegalCase, casebook, judge
from tests.movements.domain.other_law import law_of
from tests.movements.domain.world_of import Names, written_out
from tests.node.conftest import NOW, House, purchase
from veta.kernel.ids import uuid7
from veta.movements.domain.rule import RULES
from veta.node.domain import local
from veta.node.domain.local import OF_ITS_LOTS, OF_THE_ITEM, check
from veta.node.queries.lots import lots_of
from veta.node.services import outbox
from veta.node.services.capture import Given, capture


def codes(payload: dict[str, Any], **more: Any) -> list[str]:
    return [found.code for found in check(payload, now=more.pop("now", NOW), **more)]


WRONG = str((int(nit.calc_check_digit("900200001")) + 1) % 10)
CASES = [
    ({}, []),
    ({"quantity": "1.0000001"}, ["SCH-003"]),
    ({"unit": "kg"}, ["MIN-002"]),
    ({"mineral": "unobtanio"}, ["MIN-001"]),
    ({"fineness": "1001"}, ["MIN-004"]),
    ({"fineness": "1000"}, []),
    ({"mineral": "carbon_termico", "unit": "t", "fineness": None, "assay": None}, ["MIN-006"]),
    ({"occurred_at": (NOW + timedelta(seconds=60)).isoformat()}, []),
    ({"occurred_at": (NOW + timedelta(seconds=61)).isoformat()}, ["TIM-001"]),
    ({"buyer": {"type": "NIT", "number": "900200001", "check": WRONG}}, ["IDE-002"]),
    ({"seller": {"type": "NIT", "number": "900200001"}}, ["IDE-010"]),
]


@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_mistakes_are_told_at_once(changed: dict[str, Any], expected: list[str]) -> None:
    item = {name: value for name, value in (purchase() | changed).items() if value is not None}
    assert [code for code in codes(item) if code != "TIM-002"] == expected


def test_every_rule_named_exists() -> None:
    assert set(RULES) >= OF_THE_ITEM | OF_ITS_LOTS


def test_nothing_is_said_here_that_the_hub_would_not_say() -> None:
    """Over every case of the book: what is found here is among what the hub finds, and no rule is left out."""
    extra: Counter[tuple[str, str]] = Counter()
    found: Counter[str] = Counter()
    for case in casebook():
        report = written(case)
        if report is None:
            continue
        with law_of(case.situation["law"]):
            said = set(codes(report, now=datetime.fromisoformat(case.situation["received_at"])))
        hub = {finding.code for finding in judge(case.situation).findings}
        extra.update((case.name, code) for code in said - hub)
        found.update(said & hub)
    assert extra == Counter()
    assert set(found) >= OF_THE_ITEM, "each rule of the item is found here where the hub finds it"


def written(case: LegalCase) -> dict[str, Any] | None:
    """The report as an operator would send it; None for what only the hub or an officer makes."""
    sent, world = case.situation["movement"], case.situation["world"]
    if not isinstance(sent, Mapping) or sent.get("kind") in NOT_OURS or str(sent.get("id")).startswith("nuevo:acto-"):
        return None
    read: dict[str, Any] = written_out(sent, world, Names())
    return read


NOT_OURS = frozenset({"grant", "confirmation", "withdrawal", "lapse"})


def test_a_lot_that_does_not_reach_is_told_and_what_others_hold_is_left_to_the_hub(house: House) -> None:
    gold, item = house.clients["gold"], purchase(quantity="10.000")
    lot = UUID(item["lot"])
    capture(gold, [Given(item)], now=NOW)
    verdict = {
        "movement": item["id"], "status": "accepted", "findings": [],
        "lots": [{"lot": str(lot), "mineral": "oro", "quantity": "9.000", "unit": "g"}],
    }  # fmt: skip
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=NOW)
    capture(gold, [Given(sale(lot, "5.000"))], now=NOW)
    known = lots_of(gold.id)
    assert (known[lot].amount, known[lot].used) == (9000, 5000)
    for quantity, expected in (("3.999", []), ("4.000", []), ("4.001", ["LOT-003"])):
        assert codes(sale(lot, quantity), lots=known) == expected
    assert codes(sale(uuid7(), "1.000"), lots=known) == []
    assert lots_of(house.clients["coal"].id) == {}


def sale(lot: UUID, quantity: str) -> dict[str, Any]:
    return {
        "id": str(uuid7()), "kind": "sale", "occurred_at": "2026-11-10T09:30:00-05:00",
        "seller": {"type": "NIT", "number": "900200001"}, "buyer": {"type": "NIT", "number": "900300001"},
        "items": [{"lot": str(lot), "quantity": quantity}],
    }  # fmt: skip


def test_control_a_rule_that_needs_what_is_not_known_here_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "OF_THE_ITEM", OF_THE_ITEM | {"ROL-001"})
    assert "ROL-001" in codes(purchase())
