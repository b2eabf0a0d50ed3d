"""What a client withheld of miners, with what each figure is derived from: fine grams × base price × rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from veta.kernel.quantity import amount_of
from veta.node.answers import Price
from veta.node.base_prices import of_mineral, prices_of, without_one
from veta.node.domain.records import GONE, State
from veta.node.queries.book_lines import Line, lines
from veta.norms import NormNotInForce
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import micros_of, text_of_micros, trimmed
from veta.royalties.domain.withholding import withheld_centavos, withholding_rate

PURCHASE: Final = "subsistence_purchase"
# A file keeps six decimals of a figure.
_KEPT: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Derived:
    """What is withheld on a line by the norm: base price, its resolution, the rate in per cent, what the fine metal is
    worth at that price, and what the rate takes of it, in COP. Without a price `resolution` says why."""

    base: Decimal | None = None
    resolution: str = ""
    percent: Decimal | None = None
    value: Decimal | None = None
    owed: Decimal | None = None


@dataclass(slots=True)
class Total:
    """A month's sum of a municipality and mineral: either of what the hub accepted, or of what still waits for it.

    `unpriced`: purchases of which no base price is known, so that `value` and `owed` leave them out.
    """

    purchases: int = 0
    unpriced: int = 0
    counted: Decimal = Decimal()
    value: Decimal = Decimal()
    owed: Decimal = Decimal()
    withheld: Decimal = Decimal()


def withholdings(client: UUID, first: date, last: date) -> Iterator[tuple[Line, Derived]]:
    """Each purchase of a miner that counts or waits to, in order; the hub is asked for the prices of its days."""
    known: dict[date, list[Price] | None] = {}
    for line in lines(client, first, last, kinds=(PURCHASE,)):
        if line.state in GONE:
            continue
        mineral = catalogue().mineral(line.mineral)
        if mineral is None or not mineral.precious:
            yield line, Derived()
            continue
        if line.day not in known:  # a hub that was silent once is not waited for again
            known[line.day] = None if None in known.values() else prices_of(line.day)
        yield line, _derived(line, mineral, known[line.day])


def totals(client: UUID, first: date, last: date) -> dict[tuple[str, str, bool], Total]:
    """The sums by municipality, mineral, and whether the hub accepted them."""
    sums: dict[tuple[str, str, bool], Total] = defaultdict(Total)
    for line, derived in withholdings(client, first, last):
        into = sums[line.municipality, line.mineral, line.state is State.ACCEPTED]
        into.purchases += 1
        into.unpriced += derived.owed is None
        into.counted += line.counted or 0
        into.value += derived.value or 0
        into.owed += derived.owed or 0
        into.withheld += line.withheld or 0
    return sums


def _derived(line: Line, mineral: Mineral, prices: list[Price] | None) -> Derived:
    found = of_mineral(prices, mineral) if prices is not None else None
    if found is None or len(found) != 1:
        return Derived(resolution=without_one(found))
    (price,) = found
    micros = micros_of(price["price_cop"])
    try:
        rate = withholding_rate(mineral, line.day)
    except NormNotInForce:
        rate = None
    said = Derived(
        base=Decimal(price["price_cop"]), resolution=price["resolution"],
        percent=Decimal(text_of_micros(rate.micros * 100)) if rate is not None else None,
    )  # fmt: skip
    if line.counted is None or rate is None or micros is None or price["unit"] != mineral.unit:
        return said
    fine = amount_of(f"{line.counted:f}", factor=mineral.factor)
    owed = withheld_centavos(fine, price_micros=micros, rate_micros=rate.micros)
    value = Decimal(trimmed(f"{(line.counted * Decimal(price['price_cop'])).quantize(_KEPT):f}"))
    return Derived(said.base, said.resolution, said.percent, value, Decimal(owed).scaleb(-2))
