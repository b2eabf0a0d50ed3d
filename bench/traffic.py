"""What is reported: production, purchases of miners, sales of what was produced. Every movement should be accepted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from bench.registry import COAL, GOLD, Operator
from veta.kernel.identity import Document
from veta.kernel.ids import uuid7

Movement = dict[str, Any]
CALLS = 4  # of one story


def party(document: Document) -> dict[str, str]:
    return {"type": document.type, "number": document.number}


class Traffic:
    """Movements of one operator's clients, one after the other through all of them."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self._turn = count()
        self._instant = (datetime.now(UTC) - timedelta(minutes=2)).isoformat(timespec="seconds")
        self._day = self._instant[:10]

    def production(self) -> Movement:
        title = self.operator.titles[next(self._turn) % len(self.operator.titles)]
        gold = {"quantity": "10.000", "unit": "g", "fineness": "920", "assay": "declared"}
        measured = gold if title.mineral == GOLD else {"quantity": "30.000", "unit": "t"}
        return self._movement(
            "production", holder=party(title.holder), origin={"kind": "title", "code": title.code},
            mineral=title.mineral, lot=str(uuid7()), **measured,
        )  # fmt: skip

    def purchase(self) -> Movement:
        """A miner's gold: 0.1 g, far below what the law lets him sell in a month."""
        turn = next(self._turn)
        miner, town = self.operator.miners[turn % len(self.operator.miners)]
        evidence = [{"type": "production_declaration", "number": f"DP-{turn}", "issued_on": self._day}]
        return self._movement(
            "subsistence_purchase", seller=party(miner), buyer=self._trader(turn),
            origin={"kind": "subsistence", "municipality": town}, mineral=GOLD, lot=str(uuid7()), quantity="0.100",
            unit="g", fineness="920", assay="declared", evidence=evidence,
        )  # fmt: skip

    def sale(self, produced: Movement) -> Movement:
        """Half of what was produced, offered to a trader: pending until it is confirmed."""
        turn = next(self._turn)
        half = "15.000" if produced["mineral"] == COAL else "4.000"
        evidence = [{"type": "origin_certificate", "number": f"CO-{turn}", "issued_on": self._day}]
        return self._movement(
            "sale", seller=produced["holder"], buyer=self._trader(turn), evidence=evidence,
            items=[{"lot": produced["lot"], "quantity": half, "new_lot": str(uuid7())}],
        )  # fmt: skip

    def batch(self, size: int) -> list[Movement]:
        """40 % production, 40 % purchases, 20 % sales of half of what the same batch produced."""
        made = [self.production() for _ in range(size * 2 // 5)]
        sold = [self.sale(each) for each in made[: size // 5]]
        bought = [self.purchase() for _ in range(size - len(made) - len(sold))]
        return [*made, *bought, *sold]

    def story(self) -> Iterator[tuple[str, bytes]]:
        """What one client reports call by call, as (path below /movements, body): produce, offer, confirm, buy."""
        produced = self.production()
        offer = self.sale(produced)
        yield "", body_of([produced])
        yield "", body_of([offer])
        yield f"/{offer['id']}/confirmation", orjson.dumps({"id": str(uuid7()), "decision": "confirm"})
        yield "", body_of([self.purchase()])

    def _trader(self, turn: int) -> dict[str, str]:
        return party(self.operator.traders[turn % len(self.operator.traders)])

    def _movement(self, kind: str, **fields: Any) -> Movement:
        return {"id": str(uuid7()), "kind": kind, "occurred_at": self._instant, **fields}


def body_of(movements: list[Movement]) -> bytes:
    return orjson.dumps({"movements": movements})
