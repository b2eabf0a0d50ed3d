"""Coal, stones and what is built with: by the shipload, by the carat, by the truck."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from veta.demo.traffic.chains import (
    GATHERED,
    PROCESSED,
    RESOLD,
    SHIPPED,
    buyer,
    buyers,
    handfuls,
    plants,
    produce,
    sell_each,
)
from veta.demo.traffic.pen import Pen, Stock
from veta.demo.world import Title

COKING = (640, 740)
PORTS = ("NL", "TR", "IN", "BR", "CN")


def coal(pen: Pen) -> None:
    """Cesar's coal straight to the port; coking coal through an oven; the rest to the country's own furnaces."""
    exporter = buyers(pen.world.exporters, "carbon_termico")
    for title in _titles(pen, "coal_export"):
        shipped = sell_each(pen, list(produce(pen, title)), exporter, round=0)
        for handful in handfuls(shipped, 7):
            cargo = pen.regroup(handful, pen.month.at(GATHERED), round=1)
            pen.export([cargo], pen.rng.choice(PORTS), pen.month.at(SHIPPED), round=2)
    _coke(pen, exporter)
    for title in _titles(pen, "coal_home"):
        for stock in produce(pen, title):
            if pen.rng.randrange(3):
                pen.sale_to_consumer(stock, stock.amount, pen.month.after(stock.at), round=0)
            else:
                trader = buyer(pen, pen.world.traders, "carbon_termico", title.municipality[:2])
                for got in pen.sale([stock], trader, pen.month.after(stock.at), round=0):
                    pen.sale_to_consumer(got, got.amount, pen.month.at(RESOLD), round=1)


def _coke(pen: Pen, exporter: Sequence[object]) -> None:
    oven = plants(pen, "coquizacion")
    bought: list[Stock] = []
    for title in _titles(pen, "coke"):
        bought += sell_each(pen, list(produce(pen, title)), oven, round=0)
    for handful in handfuls(bought, 6):
        coke = pen.transformation(handful, oven[0], "coque", pen.month.at(PROCESSED), round=1, yields=COKING)
        for got in pen.sale([coke], exporter[0], pen.month.at(RESOLD), round=1):  # type: ignore[arg-type]
            pen.export([got], pen.rng.choice(PORTS), pen.month.at(SHIPPED), round=2)


def stones(pen: Pen) -> None:
    """Emeralds of titles and of subsistence miners: to a trader, to the exporter, abroad."""
    exporter = buyers(pen.world.exporters, "esmeralda")[0]
    held: list[Stock] = []
    for title in _titles(pen, "emerald"):
        held += sell_each(pen, list(produce(pen, title)), buyers(pen.world.traders, "esmeralda"), round=0)
    held += _gleaned(pen, "esmeralda")
    for handful in handfuls(held, 12):
        for got in handfuls(pen.sale(handful, exporter, pen.month.at(RESOLD), round=1), 50):
            pen.export(got, pen.rng.choice(("US", "HK", "IN")), pen.month.at(SHIPPED), round=2)


def aggregates(pen: Pen) -> None:
    """Sand, gravel, recebo and limestone to who builds, by parts of each lot; river sand through the traders."""
    for title in _titles(pen, "aggregates"):
        for stock in produce(pen, title):
            _by_trucks(pen, stock, 2, round=0)
    for handful in handfuls(_gleaned(pen, "arena_rio"), 10):
        _by_trucks(pen, pen.regroup(handful, pen.month.at(GATHERED), round=1), 3, round=1)


def _gleaned(pen: Pen, mineral: str) -> list[Stock]:
    """What traders buy of a mineral from subsistence miners."""
    got = []
    for miner in (miner for miner in pen.world.miners if miner.mineral == mineral):
        for _ in range(pen.times(miner.sales)):
            trader = buyer(pen, pen.world.traders, mineral, miner.actor.municipality[:2])
            at = pen.month.at(pen.rng.randrange(GATHERED - 1))
            bought = pen.purchase(miner, trader, pen.small(miner), at)
            got += [bought] if bought is not None else []
    return got


def _by_trucks(pen: Pen, stock: Stock, parts: int, *, round: int) -> None:
    """A lot sold to final consumers in equal parts; what does not divide stays in the yard."""
    left: Stock | None = stock
    for number in range(parts):
        if left is not None and stock.amount // parts:
            at = stock.at + timedelta(hours=2 * (number + 1))
            left = pen.sale_to_consumer(left, stock.amount // parts, at, round=round)


def _titles(pen: Pen, chain: str) -> list[Title]:
    return [title for title in pen.world.titles if title.chain == chain]
