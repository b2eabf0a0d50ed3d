"""A client's lots are summed from lines in clear: written with what they say, and for what was there before."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import MINE, gold_lot, ore_lot
from veta.kernel.ids import uuid7
from veta.node.models import LotLine
from veta.node.queries.lots import lots_of
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.storage import sealed_field

FILLING: Any = import_module("veta.node.migrations.0013_lot_lines")


def refuse(*_: Any, **__: Any) -> bytes:
    raise AssertionError("what names persons was opened")


def words(line: LotLine) -> tuple[Any, ...]:
    return (line.record_id, line.said, line.place, line.lot, line.mineral, line.quantity, line.grade)


def test_a_lot_that_the_feed_alone_told_is_known(house: House) -> None:
    """The answer to what was sent was lost; its verdict is read in the feed, and comes again."""
    bought = purchase()
    capture(house.clients["gold"], [Given(bought)], now=NOW)
    lot = {"lot": bought["lot"], "mineral": "oro", "quantity": "0.900", "unit": "g"}
    verdict = {"movement": bought["id"], "status": "accepted", "findings": [], "lots": [lot]}
    for _ in range(2):
        outbox.settle(UUID(bought["id"]), verdict, now=NOW)
        assert [lot.amount for lot in lots_of(house.clients["gold"].id).values()] == [900]
        outbox.take([{"repeated": True, "verdict": verdict, "receipt": {"leaf": ""}}], now=NOW)


def test_lines_say_what_a_client_has_without_opening_its_records(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    gold, ore, client = gold_lot(house), ore_lot(house), house.clients["gold"]
    sale = {"kind": "sale", "occurred_at": NOW.isoformat(), "seller": MINE, "buyer_kind": "final_consumer"}
    parts = (
        [{"lot": str(gold), "quantity": "1.5"}, {"lot": str(gold), "quantity": "0.25"}],
        [{"lot": str(gold), "quantity": "1.5"}, {"lot": "no", "quantity": "1"}],
        [{"lot": str(gold), "quantity": "1"}, {"lot": str(gold), "quantity": 1}],
        [{"lot": str(gold), "quantity": "1"}, {"lot": str(gold), "quantity": "uno"}],
    )
    capture(client, [Given({**sale, "id": str(uuid7()), "items": items}) for items in parts], now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(sealed_field, "unseal", refuse)
        known = lots_of(client.id)
        assert lots_of(house.clients["coal"].id) == {}
    assert {id: (lot.mineral, lot.amount, lot.used, lot.grade) for id, lot in known.items()} == {
        gold: ("oro", 9_000, 1_750, None), ore: ("mineral_oro", 10_000, 0, "8"),
    }  # fmt: skip
    before: list[LotLine] = []
    monkeypatch.setattr(FILLING, "_write", lambda _cursor, record, lines: before.extend(LotLine.of(record, lines)))
    FILLING.fill(None, SimpleNamespace(connection=connection))
    assert sorted(map(words, before)) == sorted(map(words, LotLine.objects.all()))
    assert len(before) == 7
