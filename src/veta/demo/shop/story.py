"""Some days of three clients, in the words of the node's own forms: a counter, a mine, a plant that buys its ore."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random
from typing import Any
from uuid import UUID

from veta.kernel.ids import uuid7
from veta.kernel.period import BOGOTA
from veta.kernel.quantity import Fineness, text_of
from veta.node.domain.capturing import item_of

NOTE = "Movimiento ficticio de demostración."
FACTOR, CENTAVO = 1000, Decimal("0.01")
# What a counter pays above the base price, which is a share of the international one.
PAID, THOUSAND = Decimal("1.15"), Decimal(1000)
ORE, GRADE = "mineral_oro", "9"
Item = dict[str, Any]
# A day's base price of gold in COP a gram, and the share of it that a buyer withholds.
Law = Callable[[datetime], tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who takes part, by the names that the cast gives them, and the hour at which it is told."""

    cast: Mapping[str, Any]
    now: datetime
    law: Law

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """An hour of Bogotá, so many days ago; 0 is not asked for: today may be young."""
        day = (self.now - timedelta(days=days)).astimezone(BOGOTA)
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def ago(self, minutes: int) -> datetime:
        return (self.now - timedelta(minutes=minutes)).astimezone(BOGOTA).replace(microsecond=0)

    def item(self, kind: str, reporter: str, at: datetime, **values: Any) -> Item:
        """What a form of the node makes of what was typed in it; `__` stands for the dot of a path."""
        paths = {name.replace("__", "."): value for name, value in values.items()}
        typed = {"occurred_at": at.isoformat(), "note": NOTE, **paths}
        return item_of(kind, typed, id=uuid7(), party=self.cast[reporter]["party"])

    def purchase(
        self, number: int, at: datetime, *, miner: int, consent: Mapping[str, str] | None = None, declared: bool = True
    ) -> Item:
        """Something more than a gram from a miner, at the counter: price, base and royalty as it works them out."""
        rng = Random(f"veta-demo-node-{number}")  # noqa: S311 - a reproducible fiction, no secret
        gross, fineness = rng.randint(400, 1_900), Fineness(rng.randrange(850_000, 941_000, 1000))
        fine, (base, rate) = Decimal(fineness.fine(gross)) / FACTOR, self.law(at)
        price = (fine * base * PAID / THOUSAND).to_integral_value() * THOUSAND
        seller = self.cast["miners"][miner]
        item = self.item(
            "subsistence_purchase", "trader", at, seller=seller["party"], buyer=self.cast["trader"]["party"],
            place__municipality=self.cast["trader"]["municipality"], origin__municipality=seller["municipality"],
            mineral="oro", quantity=text_of(gross, factor=FACTOR), fineness=str(fineness), price_cop=str(price),
            royalty_withheld_cop=str((fine * base * rate).quantize(CENTAVO, ROUND_CEILING)),
        )  # fmt: skip
        item["note"] = f"Báscula: {self.cast['trader']['scale']} · Base UPME: {base} COP/g (ficticia)"
        if declared:
            item["evidence"] = [paper("production_declaration", f"DEMO-DP-{number:04}", at)]
        return item | ({"consent": dict(consent)} if consent else {})

    def counter(self) -> list[Item]:
        """The days before: six purchases, and the first two melted into one lot that is offered to another trader."""
        bought = [
            self.purchase(n, self.at(3 - n // 2, 9 + n % 2, 10 + 7 * n), miner=miner)
            for n, miner in enumerate((0, 1, 2, 3, 4, 5))
        ]
        parts = [{"lot": each["lot"], "quantity": fine_of(each)} for each in bought[:2]]
        whole = format(sum(Decimal(part["quantity"]) for part in parts), "f")
        blend = self.item("regroup", "trader", self.at(1, 16, 40), inputs=parts)
        blend["outputs"] = [{"quantity": whole, "unit": "g", "lot": str(uuid7())}]
        base, _rate = self.law(self.now)
        offer = self.item(
            "sale", "trader", self.at(1, 17, 5), buyer=self.cast["dealer"]["party"],
            price_cop=str((Decimal(whole) * base * Decimal("1.2")).to_integral_value()),
            items=[{"lot": blend["outputs"][0]["lot"], "quantity": whole}],
        )  # fmt: skip
        seller = paper("production_declaration", "DEMO-DP-0000", self.at(3, 9))
        offer["evidence"] = [seller, paper("invoice", "DEMO-FV-0001", self.at(1, 17))]
        return [*bought, blend, offer]

    def mine(self) -> list[Item]:
        """Three lots of ore: one sold to the plant, one on the road, and part of the last offered and not answered."""
        title, plant = self.cast["title"], self.cast["plant"]
        dug = [
            self.item(
                "production", "holder", self.at(days, 7, 30), place__municipality=title["municipality"],
                origin={"kind": title["kind"], "code": title["code"]}, mineral=ORE, quantity=quantity, grade=GRADE,
                evidence=[paper("weighbridge", f"DEMO-TB-{quantity}", self.at(days, 7))],
            )
            for days, quantity in ((4, "2400"), (3, "3100"), (2, "1900"))
        ]  # fmt: skip
        sold, offered = (
            self.item(
                "sale", "holder", at, buyer=plant["party"], price_cop=price,
                items=[{"lot": lot["lot"], "quantity": quantity, "new_lot": str(uuid7())}],
                evidence=[paper("origin_certificate", f"DEMO-CO-{quantity}", at)],
            )
            for lot, at, quantity, price in (
                (dug[0], self.at(3, 10), "2400", "5200000"), (dug[2], self.at(1, 15, 20), "1300", "2800000"),
            )
        )  # fmt: skip
        road = self._sent("holder", dug[1]["lot"], "3100", self.at(1, 8, 15))
        return [*dug, sold, road, offered]

    def plant(self, sale: Item) -> list[Item]:
        """What the plant bought is brought from the mine, weighed where it arrives, and made into doré."""
        bought = sale["items"][0]
        road = self._sent("plant", bought["new_lot"], bought["quantity"], self.at(2, 9))
        arrived = {"lot": bought["new_lot"], "quantity": "2398"}
        came = self.item(
            "receipt", "plant", self.at(2, 13, 30), dispatch=road["id"], items=[arrived],
            place__municipality=self.cast["plant"]["municipality"],
            evidence=[paper("weighbridge", "DEMO-TB-0002", self.at(2, 13, 30))],
        )  # fmt: skip
        made = self.item(
            "transformation", "plant", self.at(1, 11), recipe=self.cast["plant"]["recipe"],
            inputs=[{"lot": road["items"][0]["new_lot"], "quantity": arrived["quantity"]}],
            place__municipality=self.cast["plant"]["municipality"],
            evidence=[paper("assay", "DEMO-EN-0001", self.at(1, 11))],
        )  # fmt: skip
        dore = {"mineral": "dore", "quantity": "21.400", "unit": "g", "fineness": "905", "assay": "laboratory"}
        made["outputs"] = [dore | {"lot": str(uuid7())}]
        return [road, came, made]

    def _sent(self, holder: str, lot: str, quantity: str, at: datetime) -> Item:
        plant = self.cast["plant"]
        return self.item(
            "dispatch", holder, at, to={"municipality": plant["municipality"], "facility": plant["name"][:60]},
            items=[{"lot": lot, "quantity": quantity, "new_lot": str(uuid7())}], vehicle="DEM001",
            evidence=[paper("weighbridge", f"DEMO-TB-{at:%d%H}", at), paper("origin_certificate", "DEMO-CO-1", at)],
        )  # fmt: skip


def paper(kind: str, number: str, at: datetime) -> dict[str, str]:
    """A document of that day."""
    return {"type": kind, "number": number, "issued_on": at.astimezone(BOGOTA).date().isoformat()}


def fine_of(item: Mapping[str, Any]) -> str:
    """What the ledger counts of a purchase of gold: fine grams."""
    gross = int(Decimal(item["quantity"]) * FACTOR)
    return text_of(Fineness.parse(item["fineness"]).fine(gross), factor=FACTOR)


def ids(items: Sequence[Item]) -> list[UUID]:
    return [UUID(each["id"]) for each in items]
