"""Writes movements in the words of the operators' API, and knows what lots they leave behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from veta.demo.people import Actor
from veta.demo.traffic.book import Book, Decision
from veta.demo.traffic.month import Month
from veta.demo.traffic.room import Room
from veta.demo.world import Miner, Title, World
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.kernel.quantity import Fineness, text_of
from veta.norms.catalogue import Mineral, catalogue

LATE = {"reason": "Demostración: el mes se reporta de una vez."}
PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Stock:
    """A lot in someone's hands: `amount` in the mineral's smallest unit (fine metal where it is precious)."""

    lot: UUID
    mineral: Mineral
    amount: int
    holder: Actor
    at: datetime
    grade: int | None = None

    @property
    def contained(self) -> int:
        """Fine milligrams: an ore's kilograms × g/t, else the amount itself."""
        return self.amount * self.grade if self.grade is not None else self.amount


def mineral_of(code: str) -> Mineral:
    found = catalogue().mineral(code)
    assert found is not None, code
    return found


def quantity(mineral: Mineral, amount: int) -> dict[str, str]:
    return {"quantity": text_of(amount, factor=mineral.factor), "unit": mineral.unit}


def refined(mineral: Mineral, fine: int, rng: Random) -> tuple[dict[str, str], int]:
    """A weighed precious metal that holds at most `fine` milligrams: its measure and what the ledger counts of it."""
    fineness = Fineness(rng.randrange(860_000, 936_000, 500))
    gross = fine * 1_000_000 // fineness.milli
    measure = quantity(mineral, gross) | {"fineness": str(fineness), "assay": "laboratory"}
    return measure, fineness.fine(gross)


@dataclass(slots=True)
class Pen:
    """Everything a chain needs to write its part of the month. `percent`: of the usual number of lots and sales."""

    world: World
    month: Month
    room: Room
    book: Book
    rng: Random
    percent: int = 100

    def times(self, usual: int) -> int:
        """How many of something that usually happens so often; at least one."""
        return max(1, usual * self.percent // 100)

    def small(self, miner: Miner) -> int:
        """What a subsistence miner brings at one time: less of it where he comes more often."""
        return max(self.rng.randint(miner.least, miner.most) * 100 // max(self.percent, 100), 1)

    def common(self, kind: str, at: datetime, municipality: str, *documents: str) -> dict[str, Any]:
        """The fields of every movement; its documents are numbered at random and dated that day."""
        on = bogota_date(at).isoformat()
        body: dict[str, Any] = {
            "id": str(uuid7()), "kind": kind, "occurred_at": at.isoformat(), "place": {"municipality": municipality},
            "note": "Movimiento ficticio de demostración.",
        }  # fmt: skip
        if documents:
            body["evidence"] = [
                {"type": each, "number": f"DEMO-{self.rng.randrange(10**8):08}", "issued_on": on} for each in documents
            ]
        return body | {"late": LATE} if self.month.is_late(at) else body

    def production(self, title: Title, code: str, amount: int, at: datetime) -> Stock | None:
        """A lot of a title, in round 0; None where its contract year has no room for it."""
        mineral, grade, lot = mineral_of(code), None, uuid7()
        measure: Mapping[str, str] = quantity(mineral, amount)
        if mineral.precious:
            measure, amount = refined(mineral, amount, self.rng)
        if mineral.graded:
            grade = self.rng.randint(*title.grade)
            measure = {**measure, "grade": str(grade)}
        if amount <= 0 or not self.room.take(self.room.of_title(title, code, bogota_date(at)), amount):
            return None
        body = self.common("production", at, title.municipality, "weighbridge")
        body |= {"holder": title.holder.party, "origin": {"kind": title.kind, "code": title.code}}
        body |= {"mineral": code, **measure, "lot": str(lot)}
        self.book.add(0, title.holder.operator, body)
        return Stock(lot, mineral, amount, title.holder, at, grade)

    def purchase(self, miner: Miner, buyer: Actor, amount: int, at: datetime) -> Stock | None:
        """A purchase from a subsistence miner, in round 0; None where his month or year has no room for it."""
        mineral, lot, seller = mineral_of(miner.mineral), uuid7(), miner.actor
        measure: Mapping[str, str] = quantity(mineral, amount)
        if mineral.precious:
            measure, amount = refined(mineral, amount, self.rng)
        if amount <= 0 or not self.room.take(self.room.of_miner(miner, bogota_date(at)), amount):
            return None
        body = self.common("subsistence_purchase", at, seller.municipality, "production_declaration")
        body |= {"seller": seller.party, "buyer": buyer.party, "mineral": miner.mineral, **measure, "lot": str(lot)}
        body["origin"] = {"kind": "subsistence", "municipality": seller.municipality}
        self.book.add(0, buyer.operator, body)
        return Stock(lot, mineral, amount, buyer, at)

    def sale(
        self, stocks: Sequence[Stock], buyer: Actor, at: datetime, *, round: int, decision: Decision | None = "confirm"
    ) -> list[Stock]:
        """Whole lots of one seller offered to a buyer, and the answer (None leaves it waiting); what the buyer gets."""
        seller = stocks[0].holder
        got = [Stock(uuid7(), each.mineral, each.amount, buyer, at, each.grade) for each in stocks]
        body = self.common("sale", at, seller.municipality, "origin_certificate", "invoice")
        body |= {"seller": seller.party, "buyer": buyer.party}
        body["items"] = [item(each) | {"new_lot": str(new.lot)} for each, new in zip(stocks, got, strict=True)]
        self.book.add(round, seller.operator, body, waits=True)
        if decision is not None:
            answering = seller.operator if decision == "withdraw" else buyer.operator
            self.book.answer(round, answering, UUID(body["id"]), decision)
        return got if decision == "confirm" else []

    def sale_to_consumer(self, stock: Stock, amount: int, at: datetime, *, round: int) -> Stock | None:
        """Part of a lot sold to whoever uses it up; returns what is left of it, None where nothing is."""
        body = self.common("sale", at, stock.holder.municipality, "origin_certificate", "invoice")
        body |= {"seller": stock.holder.party, "buyer_kind": "final_consumer"}
        body["items"] = [item(stock, amount)]
        self.book.add(round, stock.holder.operator, body)
        rest = stock.amount - amount
        return Stock(stock.lot, stock.mineral, rest, stock.holder, at, stock.grade) if rest else None

    def regroup(self, stocks: Sequence[Stock], at: datetime, *, round: int) -> Stock:
        """Lots of one holder and mineral blended into one."""
        holder, mineral = stocks[0].holder, stocks[0].mineral
        blend = Stock(uuid7(), mineral, sum(each.amount for each in stocks), holder, at)
        body = self.common("regroup", at, holder.municipality)
        body |= {"holder": holder.party, "inputs": [item(each) for each in stocks]}
        body["outputs"] = [quantity(mineral, blend.amount) | {"lot": str(blend.lot)}]
        self.book.add(round, holder.operator, body)
        return blend

    def transformation(
        self, stocks: Sequence[Stock], plant: Actor, output: str, at: datetime, *, round: int, yields: tuple[int, int]
    ) -> Stock:
        """Lots of one holder through a plant; `yields`: bounds in thousandths of what they contain (inclusive)."""
        holder, mineral, lot = stocks[0].holder, mineral_of(output), uuid7()
        amount = sum(each.contained for each in stocks) * self.rng.randint(*yields) // PER_MILLE
        measure: Mapping[str, str] = quantity(mineral, amount)
        if mineral.precious:
            measure, amount = refined(mineral, amount, self.rng)
        body = self.common("transformation", at, plant.municipality, "assay")
        body |= {"holder": holder.party, "plant": plant.party, "recipe": plant.recipe}
        body |= {"inputs": [item(each) for each in stocks]}
        body["outputs"] = [{"mineral": output, **measure, "lot": str(lot)}]
        self.book.add(round, holder.operator, body)
        return Stock(lot, mineral, amount, holder, at)

    def export(self, stocks: Sequence[Stock], country: str, at: datetime, *, round: int) -> None:
        """Whole lots out of the country, with the royalty's payment proved."""
        holder = stocks[0].holder
        body = self.common("export", at, holder.municipality, "royalty_payment", "export_declaration")
        body |= {"holder": holder.party, "items": [item(each) for each in stocks], "country": country}
        self.book.add(round, holder.operator, body)


def item(stock: Stock, amount: int | None = None) -> dict[str, str]:
    """So much of a lot (all of it by default) as a movement names it."""
    return {
        "lot": str(stock.lot),
        "quantity": text_of(stock.amount if amount is None else amount, factor=stock.mineral.factor),
    }
